using System.Text.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Jobs;

/// <summary>The objects of one Job. Pure. No secret is in any of them.</summary>
internal static class NetworkJobObjects
{
    /// <summary>Namespace of all such Jobs; no environment may have it.</summary>
    public const string Namespace = ReservedNamespaces.Preflight;

    /// <summary>On the namespace and all in it; its value on a Job, its pods and its policy is the Job's name.</summary>
    public const string Label = "portal.portkey.ai/preflight";

    private const string TerminationLog = "/dev/termination-log";

    private static readonly string Script = Read();

    /// <summary>Labels of the namespace. Pod security 'restricted' holds for the portal's own Jobs, too.</summary>
    public static Dictionary<string, string> NamespaceLabels { get; } =
        new(StringComparer.Ordinal)
        {
            [ClusterLabels.ManagedBy] = ClusterLabels.Manager,
            [Label] = "jobs",
            ["pod-security.kubernetes.io/enforce"] = "restricted",
            ["pod-security.kubernetes.io/audit"] = "restricted",
            ["pod-security.kubernetes.io/warn"] = "restricted",
        };

    /// <summary>Nothing in or out except what a Job's own policy opens.</summary>
    public static JsonObject Deny() => Policy("default-deny", "jobs", [], ["Ingress", "Egress"], null);

    /// <summary>Limits Jobs at a time.</summary>
    public static JsonObject Quota() =>
        new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ResourceQuota",
            ["metadata"] = Metadata("quota", "jobs"),
            ["spec"] = new JsonObject
            {
                ["hard"] = new JsonObject
                {
                    ["pods"] = "20",
                    ["requests.cpu"] = "1",
                    ["requests.memory"] = "2Gi",
                    ["limits.cpu"] = "5",
                    ["limits.memory"] = "3Gi",
                },
            },
        };

    /// <summary>
    /// The egress that the environment's manifests give to all its pods, for this Job's pod. Rules by pods of the environment's own
    /// namespace are left out: here they would name other Jobs. Where no policy limits egress, none does here.
    /// </summary>
    public static JsonObject Egress(string name, IReadOnlyList<JsonObject> manifests)
    {
        var specs = manifests
            .Where(o => o["kind"]?.ToString() == "NetworkPolicy")
            .Select(o => o["spec"] as JsonObject)
            .OfType<JsonObject>()
            .Where(s => (s["policyTypes"] as JsonArray)?.Any(t => t?.ToString() == "Egress") ?? s.ContainsKey("egress"))
            .ToList();
        var rules = specs
            .Where(s => s["podSelector"] is JsonObject { Count: 0 })
            .SelectMany(s => (s["egress"] as JsonArray ?? []).OfType<JsonObject>())
            .Select(Outside)
            .OfType<JsonObject>()
            .ToList();
        return Policy(name, name, new JsonObject { [Label] = name }, ["Egress"], specs.Count == 0 ? [new JsonObject()] : [.. rules]);
    }

    /// <summary>The Job: one pod, once, for a limited time, without a token, under pod security 'restricted'.</summary>
    public static JsonObject Job(
        string name,
        string image,
        string? pullSecret,
        NetworkTargets targets,
        IEnumerable<string> denied,
        IEnumerable<string> allowed,
        TimeSpan limit
    )
    {
        var argument = new JsonObject
        {
            ["file"] = TerminationLog,
            ["milliseconds"] = (long)(limit.TotalMilliseconds / 2),
            ["deny"] = Texts(denied),
            ["allow"] = Texts(allowed),
            ["targets"] = new JsonArray([.. targets.Tried.Select(t => new JsonArray(t.Need.Address.Host, t.Need.Address.Port, t.Flags))]),
        };
        var pod = new JsonObject
        {
            ["restartPolicy"] = "Never",
            ["automountServiceAccountToken"] = false,
            ["enableServiceLinks"] = false,
            ["terminationGracePeriodSeconds"] = 1,
            ["securityContext"] = new JsonObject
            {
                ["runAsNonRoot"] = true,
                ["runAsUser"] = 1000,
                ["runAsGroup"] = 1000,
                ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
            },
            ["containers"] = new JsonArray(
                new JsonObject
                {
                    ["name"] = "look",
                    ["image"] = image,
                    ["command"] = new JsonArray("node"),
                    ["args"] = new JsonArray("-e", Plain(Script), Plain(argument.ToJsonString(JsonSerializerOptions.Web))),
                    ["terminationMessagePath"] = TerminationLog,
                    ["terminationMessagePolicy"] = "File",
                    ["securityContext"] = new JsonObject
                    {
                        ["allowPrivilegeEscalation"] = false,
                        ["readOnlyRootFilesystem"] = true,
                        ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
                    },
                    ["resources"] = new JsonObject
                    {
                        ["requests"] = new JsonObject { ["cpu"] = "50m", ["memory"] = "64Mi" },
                        ["limits"] = new JsonObject { ["cpu"] = "250m", ["memory"] = "128Mi" },
                    },
                }
            ),
        };
        if (pullSecret is not null)
        {
            pod["imagePullSecrets"] = new JsonArray(new JsonObject { ["name"] = pullSecret });
        }

        var seconds = (int)limit.TotalSeconds;
        return new()
        {
            ["apiVersion"] = "batch/v1",
            ["kind"] = "Job",
            ["metadata"] = Metadata(name, name),
            ["spec"] = new JsonObject
            {
                ["backoffLimit"] = 0,
                ["activeDeadlineSeconds"] = seconds,
                ["ttlSecondsAfterFinished"] = 300,
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = ManifestObjects.Labels(Of(name)) },
                    ["spec"] = pod,
                },
            },
        };
    }

    /// <summary>Labels of a Job's own.</summary>
    public static Dictionary<string, string> Of(string name) => new(StringComparer.Ordinal) { [Label] = name };

    private static JsonObject Policy(string name, string label, JsonObject selected, string[] types, JsonArray? egress)
    {
        var spec = new JsonObject
        {
            ["podSelector"] = selected.Count == 0 ? new JsonObject() : new JsonObject { ["matchLabels"] = selected },
            ["policyTypes"] = Texts(types),
        };
        if (egress is not null)
        {
            spec["egress"] = egress;
        }

        return new()
        {
            ["apiVersion"] = "networking.k8s.io/v1",
            ["kind"] = "NetworkPolicy",
            ["metadata"] = Metadata(name, label),
            ["spec"] = spec,
        };
    }

    private static JsonObject? Outside(JsonObject rule)
    {
        if (rule["to"] is not JsonArray { Count: > 0 } to)
        {
            return rule.DeepClone() as JsonObject;
        }

        var kept = to.OfType<JsonObject>()
            .Where(p => p.ContainsKey("ipBlock") || p.ContainsKey("namespaceSelector"))
            .Select(p => p.DeepClone())
            .ToArray();
        if (kept.Length == 0)
        {
            return null;
        }

        var copy = (JsonObject)rule.DeepClone();
        copy["to"] = new JsonArray(kept);
        return copy;
    }

    private static JsonObject Metadata(string name, string label) =>
        new()
        {
            ["name"] = name,
            ["namespace"] = Namespace,
            ["labels"] = ManifestObjects.Labels(Of(label)),
        };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(t => JsonValue.Create(t))]);

    // A kubelet replaces $(NAME) in arguments, and takes $$ for one $.
    private static string Plain(string text) => text.Replace("$(", "$$(", StringComparison.Ordinal);

    private static string Read()
    {
        using var stream = typeof(NetworkJobObjects).Assembly.GetManifestResourceStream("network-job.cjs")!;
        using var reader = new StreamReader(stream);
        return string.Join('\n', reader.ReadToEnd().Split('\n').Where(l => !l.TrimStart().StartsWith("//", StringComparison.Ordinal)));
    }
}
