using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Whether a pod may run on a node. Refusals are in the scheduler's words.</summary>
internal static class Placement
{
    private const string Zone = "topology.kubernetes.io/zone";

    /// <summary>Node that the pod fits on best; or null, with the scheduler's message.</summary>
    public static (string? Node, string Refusal) Choose(JsonObject pod, List<JsonObject> nodes, List<JsonObject> pods)
    {
        var verdicts = nodes.ConvertAll(node => (Node: node, Refusal: Refusal(pod, node, nodes, pods)));
        var fit = verdicts.Where(verdict => verdict.Refusal is null).Select(verdict => verdict.Node).ToList();
        if (fit.Count > 0)
        {
            // Peers in the same zone weigh more than peers on the node, and those more than load.
            return (fit.MinBy(node => (KinInZone(pod, node, nodes, pods), Load(node, pods), node.Name()))!.Name(), "");
        }

        var reasons = verdicts.GroupBy(verdict => verdict.Refusal!, StringComparer.Ordinal).Select(group => $"{group.Count()} {group.Key}");
        return (
            null,
            $"0/{nodes.Count} nodes are available: {string.Join(", ", reasons)}. preemption: 0/{nodes.Count} nodes are available: {nodes.Count} Preemption is not helpful for scheduling."
        );
    }

    public static string? Refusal(JsonObject pod, JsonObject node, List<JsonObject> nodes, List<JsonObject> pods)
    {
        if (node.IsTrue("spec", "unschedulable"))
        {
            return "node(s) were unschedulable";
        }

        if (node.Items("spec", "taints").Any(taint => taint.Text("effect") != "PreferNoSchedule" && !Tolerates(pod, taint)))
        {
            return "node(s) had untolerated taint(s)";
        }

        if (!pod.Map("spec", "nodeSelector").All(access => node.Label(access.Key) == access.Value) || !Affine(pod, node))
        {
            return "node(s) didn't match Pod's node affinity/selector";
        }

        return Room(pod, node, pods) ?? Spread(pod, node, nodes, pods);
    }

    public static int KinInZone(JsonObject pod, JsonObject node, List<JsonObject> nodes, List<JsonObject> pods)
    {
        var zone = nodes
            .Where(other => other.Label(Zone) == node.Label(Zone))
            .Select(other => other.Name())
            .ToHashSet(StringComparer.Ordinal);
        return pods.Count(other =>
            zone.Contains(other.Text("spec", "nodeName")!)
            && other.Namespace() == pod.Namespace()
            && Owners.Controller(other).Text("uid") == Owners.Controller(pod).Text("uid")
        );
    }

    public static int Load(JsonObject node, List<JsonObject> pods) => pods.Count(pod => pod.Text("spec", "nodeName") == node.Name());

    /// <summary>What a pod asks for: the sum of its containers, or its largest init container where that is more.</summary>
    public static decimal Request(JsonObject pod, string resource, string kind = "requests")
    {
        var sum = pod.Items("spec", "containers").Sum(container => Quantity.Parse(container.Text("resources", kind, resource)));
        var init = pod.Items("spec", "initContainers")
            .Select(container => Quantity.Parse(container.Text("resources", kind, resource)))
            .DefaultIfEmpty(0)
            .Max();
        return Math.Max(sum, init);
    }

    private static string? Room(JsonObject pod, JsonObject node, List<JsonObject> pods)
    {
        var here = pods.FindAll(other => other.Text("spec", "nodeName") == node.Name());
        if (here.Count >= Quantity.Parse(node.Text("status", "allocatable", "pods") ?? "110"))
        {
            return "Too many pods";
        }

        foreach (var resource in (string[])["cpu", "memory"])
        {
            var room = Quantity.Parse(node.Text("status", "allocatable", resource)) - here.Sum(other => Request(other, resource));
            if (Request(pod, resource) is > 0 and var access && access > room)
            {
                return $"Insufficient {resource}";
            }
        }

        return null;
    }

    private static string? Spread(JsonObject pod, JsonObject node, List<JsonObject> nodes, List<JsonObject> pods)
    {
        foreach (
            var rule in pod.Items("spec", "topologySpreadConstraints").Where(rule => rule.Text("whenUnsatisfiable") != "ScheduleAnyway")
        )
        {
            var key = rule.Text("topologyKey") ?? "";
            if (node.Label(key) is not { } own)
            {
                return "node(s) didn't match pod topology spread constraints (missing required label)";
            }

            var selector = LabelSelector.FromSpec(rule.Dig("labelSelector"));
            var counts = nodes
                .Where(other => other.Label(key) is not null)
                .GroupBy(other => other.Label(key)!, StringComparer.Ordinal)
                .ToDictionary(
                    group => group.Key,
                    group =>
                        pods.Count(other =>
                            !other.IsDeleting()
                            && other.Namespace() == pod.Namespace()
                            && selector.Matches(other)
                            && group.Any(member => member.Name() == other.Text("spec", "nodeName"))
                        ),
                    StringComparer.Ordinal
                );
            if (counts[own] + (selector.Matches(pod) ? 1 : 0) - counts.Values.Min() > Math.Max(1, rule.Int("maxSkew") ?? 1))
            {
                return "node(s) didn't match pod topology spread constraints";
            }
        }

        return null;
    }

    private static bool Affine(JsonObject pod, JsonObject node)
    {
        var terms = pod.Items("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
            .ToList();
        return terms.Count == 0
            || terms.Exists(term =>
                LabelSelector.FromSpec(new JsonObject { ["matchExpressions"] = term["matchExpressions"]?.DeepClone() }).Matches(node)
            );
    }

    private static bool Tolerates(JsonObject pod, JsonObject taint) =>
        pod.Items("spec", "tolerations")
            .Any(toleration =>
                (toleration.Text("key") is not { Length: > 0 } key || key == taint.Text("key"))
                && (toleration.Text("operator") == "Exists" || toleration.Text("value") == taint.Text("value"))
                && (toleration.Text("effect") is not { Length: > 0 } effect || effect == taint.Text("effect"))
            );
}
