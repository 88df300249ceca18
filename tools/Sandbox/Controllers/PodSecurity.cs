using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Pod security 'restricted', the checks that a chart can fail: simple, in the admission plugin's words.</summary>
internal static class PodSecurity
{
    private const string Label = "pod-security.kubernetes.io/enforce";

    public static void Check(ObjectStore store, JsonObject pod)
    {
        var level = store.Peek(ResourceTypes.Namespaces, "", pod.Namespace())?.Label(Label);
        var version = store.Peek(ResourceTypes.Namespaces, "", pod.Namespace())?.Label(Label + "-version") ?? "latest";
        var faults = level switch
        {
            "restricted" => Baseline(pod).Concat(Restricted(pod)).ToList(),
            "baseline" => Baseline(pod).ToList(),
            _ => [],
        };
        if (faults.Count > 0)
        {
            throw PodAdmission.Refuse(pod, $"violates PodSecurity \"{level}:{version}\": {string.Join(", ", faults)}");
        }
    }

    private static IEnumerable<string> Baseline(JsonObject pod)
    {
        foreach (var field in (string[])["hostNetwork", "hostPID", "hostIPC"])
        {
            if (pod.IsTrue("spec", field))
            {
                yield return $"host namespaces ({field}=true)";
            }
        }

        var paths = pod.Items("spec", "volumes")
            .Where(volume => volume.Dig("hostPath") is not null)
            .Select(volume => volume.Text("name"))
            .ToList();
        if (paths.Count > 0)
        {
            yield return $"hostPath volumes ({Say("volume", paths)})";
        }

        var privileged = Containers(pod, container => container.IsTrue("securityContext", "privileged"));
        if (privileged.Count > 0)
        {
            yield return $"privileged ({Say("container", privileged)} must not set securityContext.privileged=true)";
        }
    }

    private static IEnumerable<string> Restricted(JsonObject pod)
    {
        var escalating = Containers(
            pod,
            container =>
                container.Dig("securityContext", "allowPrivilegeEscalation") is null
                || container.IsTrue("securityContext", "allowPrivilegeEscalation")
        );
        if (escalating.Count > 0)
        {
            yield return $"allowPrivilegeEscalation != false ({Say("container", escalating)} must set securityContext.allowPrivilegeEscalation=false)";
        }

        var capable = Containers(
            pod,
            container =>
                !container.Texts("securityContext", "capabilities", "drop").Contains("ALL", StringComparer.Ordinal)
                || container.Texts("securityContext", "capabilities", "add").Any(name => name != "NET_BIND_SERVICE")
        );
        if (capable.Count > 0)
        {
            yield return $"unrestricted capabilities ({Say("container", capable)} must set securityContext.capabilities.drop=[\"ALL\"])";
        }

        var root = Containers(
            pod,
            container =>
                !(
                    container.Dig("securityContext", "runAsNonRoot") is null
                        ? pod.IsTrue("spec", "securityContext", "runAsNonRoot")
                        : container.IsTrue("securityContext", "runAsNonRoot")
                )
        );
        if (root.Count > 0)
        {
            yield return $"runAsNonRoot != true (pod or {Say("container", root)} must set securityContext.runAsNonRoot=true)";
        }

        var zero = Containers(
            pod,
            container => (container.Int("securityContext", "runAsUser") ?? pod.Int("spec", "securityContext", "runAsUser")) == 0
        );
        if (zero.Count > 0)
        {
            yield return $"runAsUser=0 ({Say("container", zero)} must not set runAsUser=0)";
        }

        var seccomp = Containers(
            pod,
            container =>
                (
                    container.Text("securityContext", "seccompProfile", "type")
                    ?? pod.Text("spec", "securityContext", "seccompProfile", "type")
                )
                    is not ("RuntimeDefault" or "Localhost")
        );
        if (seccomp.Count > 0)
        {
            yield return $"seccompProfile (pod or {Say("container", seccomp)} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")";
        }
    }

    private static List<string?> Containers(JsonObject pod, Func<JsonObject, bool> fails) =>
        [
            .. pod.Items("spec", "initContainers")
                .Concat(pod.Items("spec", "containers"))
                .Where(fails)
                .Select(container => container.Text("name")),
        ];

    private static string Say(string what, List<string?> names) =>
        $"{what}{(names.Count > 1 ? "s" : "")} {string.Join(", ", names.Select(name => $"\"{name}\""))}";
}
