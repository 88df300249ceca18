using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>What rendered manifests of somebody else's chart may not do. Pure; each answer is a sentence for people.</summary>
public static class ManifestRules
{
    // Kinds that belong to no namespace, in the groups that charts use.
    private static readonly HashSet<string> ClusterScoped = new(StringComparer.Ordinal)
    {
        "Namespace",
        "Node",
        "PersistentVolume",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "StorageClass",
        "PriorityClass",
        "IngressClass",
        "RuntimeClass",
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "APIService",
        "CSIDriver",
        "CSINode",
        "VolumeAttachment",
        "PodSecurityPolicy",
        "FlowSchema",
        "PriorityLevelConfiguration",
        "ClusterIssuer",
        "GatewayClass",
        "TokenReview",
        "SubjectAccessReview",
        "CertificateSigningRequest",
    };

    private static readonly string[] HostFlags = ["hostNetwork", "hostPID", "hostIPC"];

    // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    private static readonly HashSet<string> VolumeTypes = new(StringComparer.Ordinal)
    {
        "name",
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    };

    /// <summary>
    /// Objects that are cluster-scoped or name another namespace, in lists of any depth too, and what Helm could read differently from the
    /// portal;
    /// empty for none. Kinds that this does not know are looked up in the cluster itself before anything is applied.
    /// </summary>
    /// <exception cref="ClusterException">The text is not YAML manifests.</exception>
    public static IReadOnlyList<string> OutsideNamespace(string manifest, string ns)
    {
        if (ManifestText.Ambiguities(manifest) is { Count: > 0 } ambiguities)
        {
            return ambiguities; // everything else depends on the reader
        }

        var wrong = new List<string>();
        foreach (var one in ManifestItems.Parse(manifest))
        {
            var (kind, name, own) = (Text(one["kind"]), Text(one["metadata"], "name"), Text(one["metadata"], "namespace"));
            if (kind.Length == 0 || Text(one["apiVersion"]).Length == 0)
            {
                wrong.Add($"An object{(name.Length > 0 ? $" named {name}" : "")} has no kind or no apiVersion.");
            }
            else if (ClusterScoped.Contains(kind))
            {
                wrong.Add($"{kind} {name} is cluster-scoped.");
            }
            else if (own.Length > 0 && own != ns)
            {
                wrong.Add($"{kind} {name} is for namespace {own}.");
            }
        }

        return wrong;
    }

    /// <summary>What breaks pod security 'restricted', which every namespace of the portal enforces; empty for nothing.</summary>
    /// <exception cref="ClusterException">The text is not YAML manifests.</exception>
    public static IReadOnlyList<string> AgainstRestricted(string manifest)
    {
        var wrong = new List<string>();
        foreach (var one in ManifestItems.Parse(manifest))
        {
            var pod = Text(one["kind"]) switch
            {
                "Pod" => one["spec"],
                "CronJob" => At(one["spec"], "jobTemplate", "spec", "template", "spec"),
                _ => At(one["spec"], "template", "spec"),
            };
            if (pod is JsonObject spec && spec["containers"] is JsonArray)
            {
                Pod(spec, $"{Text(one["kind"])} {Text(one["metadata"], "name")}", wrong);
            }
        }

        return wrong;
    }

    private static void Pod(JsonObject pod, string where, List<string> wrong)
    {
        wrong.AddRange(HostFlags.Where(f => IsTrue(pod[f])).Select(f => $"{where}: {f} is set."));
        foreach (var volume in (pod["volumes"] as JsonArray ?? []).OfType<JsonObject>())
        {
            wrong.AddRange(
                volume
                    .Select(v => v.Key)
                    .Where(k => !VolumeTypes.Contains(k))
                    .Select(k => $"{where}: volume {Text(volume["name"])} is of type {k}.")
            );
        }

        foreach (var container in new[] { "initContainers", "containers" }.SelectMany(k => pod[k] as JsonArray ?? []).OfType<JsonObject>())
        {
            Container(container, pod["securityContext"] as JsonObject, $"{where}, container {Text(container["name"])}", wrong);
        }
    }

    private static void Container(JsonObject container, JsonObject? ofPod, string where, List<string> wrong)
    {
        var own = container["securityContext"] as JsonObject;
        if (IsTrue(own?["privileged"]))
        {
            wrong.Add($"{where}: privileged is true.");
        }

        if (!IsFalse(own?["allowPrivilegeEscalation"]))
        {
            wrong.Add($"{where}: allowPrivilegeEscalation is not false.");
        }

        if (!IsTrue(own?["runAsNonRoot"] ?? ofPod?["runAsNonRoot"]))
        {
            wrong.Add($"{where}: runAsNonRoot is not true.");
        }

        // 0, and whatever else Kubernetes reads as zero: 00, 0x0, -0.
        if (Text(own?["runAsUser"] ?? ofPod?["runAsUser"]) is { Length: > 0 } user && user[0] is not (>= '1' and <= '9'))
        {
            wrong.Add($"{where}: runAsUser is 0.");
        }

        if (Text(own?["seccompProfile"] ?? ofPod?["seccompProfile"], "type") is not ("RuntimeDefault" or "Localhost"))
        {
            wrong.Add($"{where}: seccompProfile is neither RuntimeDefault nor Localhost.");
        }

        if (!(At(own, "capabilities", "drop") as JsonArray ?? []).Any(c => Text(c) == "ALL"))
        {
            wrong.Add($"{where}: capabilities.drop does not hold ALL.");
        }

        wrong.AddRange(
            (At(own, "capabilities", "add") as JsonArray ?? [])
                .Select(Text)
                .Where(c => c != "NET_BIND_SERVICE")
                .Select(c => $"{where}: capability {c} is added.")
        );
        wrong.AddRange(
            (container["ports"] as JsonArray ?? [])
                .Select(p => Text(p, "hostPort"))
                .Where(p => p is not ("" or "0"))
                .Select(p => $"{where}: hostPort {p} is taken.")
        );
    }

    private static string Text(JsonNode? node) => node?.ToString() ?? "";

    private static string Text(JsonNode? node, string key) => Text((node as JsonObject)?[key]);

    private static JsonNode? At(JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            node = (node as JsonObject)?[key];
        }

        return node;
    }

    // Kubernetes reads YAML 1.1, where yes and on are true too.
    private static bool IsTrue(JsonNode? node) => Text(node).ToLowerInvariant() is "true" or "yes" or "on" or "y";

    private static bool IsFalse(JsonNode? node) => Text(node) == "false";
}
