using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>Quotas that somebody else has put on the namespace leave room.</summary>
internal sealed class QuotaCheck : IPreflightCheck
{
    public string Id => "quota";

    public string Title => "Quota has room";

    public LookedFrom From => LookedFrom.ClusterApi;

    public bool AppliesTo(PreflightSubject subject) => true;

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var found = await subject.Cluster.GetAsync($"{Namespaces.Path(subject.Namespace)}/resourcequotas", cancellationToken);
        var foreign = (found?["items"] as JsonArray ?? [])
            .OfType<JsonObject>()
            .Where(q =>
                q["metadata"]?["labels"]?[ClusterLabels.PartOf]?.GetValue<string>() != ClusterLabels.Manager
                && q["spec"]?["scopes"] is null
                && q["spec"]?["scopeSelector"] is null
            )
            .ToList();
        if (foreign.Count == 0)
        {
            return Verdict.Pass("The namespace has no quota besides the portal's own, which is made to fit.");
        }

        var demands = PodGroup.Of(subject.Objects);
        var needs = new Dictionary<string, decimal>(StringComparer.Ordinal)
        {
            ["pods"] = demands.Sum(d => d.Least),
            ["requests.cpu"] = demands.Sum(d => d.Least * d.Cpu),
            ["requests.memory"] = demands.Sum(d => d.Least * d.Memory),
        };
        (needs["cpu"], needs["memory"], needs["count/pods"]) = (needs["requests.cpu"], needs["requests.memory"], needs["pods"]);

        // The whole namespace is this environment's: what is used now is freed for what comes.
        var short_ = foreign
            .SelectMany(q =>
                (q["spec"]?["hard"] as JsonObject ?? [])
                    .Where(h => needs.TryGetValue(h.Key, out var need) && need > PodGroup.Quantity(h.Value))
                    .Select(h => $"{q["metadata"]?["name"]} allows {h.Value} of {h.Key}, and {EnumNames(h.Key, needs[h.Key])} are needed")
            )
            .ToList();
        return short_.Count == 0
            ? Verdict.Pass($"Quota {string.Join(", ", foreign.Select(q => q["metadata"]?["name"]))} has room.")
            : Verdict.Fail($"{string.Join("; ", short_)}.", "Ask for less, or have the quota raised.", "quota-exceeded");
    }

    internal static string EnumNames(string resource, decimal amount) =>
        resource.EndsWith("memory", StringComparison.Ordinal)
            ? $"{amount / (1 << 20):0} MiB"
            : amount.ToString("0.###", CultureInfo.InvariantCulture);
}

/// <summary>Nodes that may take the pods have room for them, in as many zones as asked for.</summary>
internal sealed class NodesCheck : IPreflightCheck
{
    private const string ZoneLabel = "topology.kubernetes.io/zone";

    public string Id => "nodes";

    public string Title => "Nodes have room";

    public LookedFrom From => LookedFrom.ClusterApi;

    public bool AppliesTo(PreflightSubject subject) => PodGroup.Of(subject.Objects).Count > 0;

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var (nodes, pods) = await ReadAsync(subject.Cluster, cancellationToken);
        return Judge(nodes, pods, subject);
    }

    /// <summary>All nodes, and the pods that occupy them.</summary>
    internal static async Task<(IReadOnlyList<V1Node> Nodes, IReadOnlyList<V1Pod> Pods)> ReadAsync(
        ClusterConnection cluster,
        CancellationToken cancellationToken
    )
    {
        var nodes = (await ObjectList.ReadAsync<V1Node>(cluster, "/api/v1/nodes", "", cancellationToken)).Items;
        var pods = (
            await ObjectList.ReadAsync<V1Pod>(
                cluster,
                "/api/v1/pods",
                "fieldSelector=" + Uri.EscapeDataString("status.phase!=Succeeded,status.phase!=Failed"),
                cancellationToken
            )
        ).Items;
        return (nodes, pods);
    }

    /// <summary>Judges what the cluster said. Pure.</summary>
    internal static Verdict Judge(IReadOnlyList<V1Node> nodes, IReadOnlyList<V1Pod> pods, PreflightSubject subject)
    {
        var demands = PodGroup.Of(subject.Objects);
        var free = nodes.ToDictionary(n => n.Metadata.Name, Room.Of, StringComparer.Ordinal);
        foreach (var pod in pods.Where(p => p.Metadata.NamespaceProperty != subject.Namespace && p.Spec?.NodeName is not null))
        {
            free.GetValueOrDefault(pod.Spec.NodeName)?.Take(Requests(pod, "cpu"), Requests(pod, "memory"));
        }

        var (unplaced, wanted, notes) = (0, 0, new List<string>());
        var impossible = demands.Select(d => WhyNever(d, nodes)).Where(w => w.Length > 0).ToList();
        if (impossible.Count > 0)
        {
            return Verdict.Fail(
                $"{string.Join("; ", impossible)}.",
                "Ask for less CPU or memory per pod, or add nodes that are large enough.",
                "pod-larger-than-nodes"
            );
        }

        foreach (var demand in demands.OrderByDescending(d => d.Cpu))
        {
            var fit = nodes.Where(n => Takes(n, demand.Spec)).ToList();
            wanted += demand.Least;
            if (fit.Count == 0)
            {
                unplaced += demand.Least;
                notes.Add($"no node of {nodes.Count} may take the pods of {demand.Name} (node labels, taints, ready)");
                continue;
            }

            var zones = fit.Select(n => n.Metadata.Labels?.TryGetValue(ZoneLabel, out var zone) == true ? zone : "")
                .Where(z => z.Length > 0)
                .Distinct(StringComparer.Ordinal)
                .Count();
            if (IsStrict(demand.Spec) && Math.Max(1, zones) < subject.Zones)
            {
                return Verdict.Fail(
                    $"{demand.Name} is to be spread over {Plural.Of(subject.Zones, "zone")}; the nodes that may take it are in {Math.Max(1, zones)}.",
                    "Add nodes in other zones, or ask for fewer zones.",
                    "zones"
                );
            }

            var placed = Place(demand, fit.Select(n => free[n.Metadata.Name]));
            unplaced += demand.Least - placed;
            if (placed < demand.Least)
            {
                notes.Add($"there is room for {placed} of {Plural.Of(demand.Least, "pod")} of {demand.Name}");
            }
        }

        if (unplaced == 0)
        {
            // What is placed above has its room already; autoscaling asks for the rest when it is busy.
            var more = demands
                .Where(d => d.Most > d.Least)
                .Select(d =>
                    (
                        Group: d,
                        Placed: Place(
                            d with
                            {
                                Least = d.Most - d.Least,
                            },
                            nodes.Where(n => Takes(n, d.Spec)).Select(n => free[n.Metadata.Name])
                        )
                    )
                )
                .Where(p => p.Group.Least + p.Placed < p.Group.Most)
                .Select(p => $"{p.Group.Name} may grow to {Plural.Of(p.Group.Most, "pod")}, and there is room for {p.Group.Least + p.Placed}")
                .ToList();
            return more.Count == 0
                ? Verdict.Pass(
                    $"{Plural.Of(nodes.Count, "node has", "nodes have")} room for {Plural.Of(wanted, "pod")}{(demands.Any(d => d.Most > d.Least) ? $", and for the {demands.Sum(d => d.Most)} that autoscaling may make" : "")}."
                )
                : Verdict.Warn(
                    $"{string.Join("; ", more)}.",
                    "Pods beyond that stay Pending, unless the cluster's autoscaler adds nodes. Add nodes, or lower autoscaling.max."
                );
        }

        return Verdict.Warn(
            $"{string.Join("; ", notes)}.",
            "Pods that find no room stay Pending, unless the cluster's autoscaler adds nodes. Add nodes, or ask for less."
        );
    }

    // On an empty node: what runs there now may go, but a node does not grow. Where no node may take it at all, that is reported instead.
    private static string WhyNever(PodGroup demand, IReadOnlyList<V1Node> nodes)
    {
        var may = nodes.Where(n => IsMeantFor(n, demand.Spec, Lasting)).ToList();
        may = may.Count > 0 ? may : [.. nodes];
        if (may.Count == 0 || may.Exists(n => n.Status?.Allocatable is not { Count: > 0 } || Room.Of(n).Fits(demand.Cpu, demand.Memory)))
        {
            return "";
        }

        var largest = may.MaxBy(n => (Room.Of(n).Cpu, Room.Of(n).Memory))!;
        var room = Room.Of(largest);
        return $"a pod of {demand.Name} requests {QuotaCheck.EnumNames("cpu", demand.Cpu)} CPU and {QuotaCheck.EnumNames("memory", demand.Memory)}, and no node that may take it is large enough: {largest.Metadata.Name}, the largest of {may.Count}, has {QuotaCheck.EnumNames("cpu", room.Cpu)} CPU and {QuotaCheck.EnumNames("memory", room.Memory)} for pods";
    }

    private static int Place(PodGroup demand, IEnumerable<Room> rooms)
    {
        var (candidates, placed) = (rooms.ToList(), 0);
        for (; placed < demand.Least; placed++)
        {
            var best = candidates.Where(r => r.Fits(demand.Cpu, demand.Memory)).MaxBy(r => r.Cpu);
            if (best is null)
            {
                break;
            }

            best.Take(demand.Cpu, demand.Memory);
        }

        return placed;
    }

    /// <summary>Cores or bytes that a pod's containers request.</summary>
    internal static decimal Requests(V1Pod pod, string resource) =>
        (pod.Spec.Containers ?? []).Sum(c =>
            c.Resources?.Requests?.TryGetValue(resource, out var quantity) == true ? quantity.ToDecimal() : 0
        );

    private static bool IsStrict(JsonObject spec) =>
        (spec["topologySpreadConstraints"] as JsonArray ?? []).Any(c =>
            c?["topologyKey"]?.GetValue<string>() == ZoneLabel && c["whenUnsatisfiable"]?.GetValue<string>() == "DoNotSchedule"
        );

    private static bool Takes(V1Node node, JsonObject spec) => IsReady(node) && IsMeantFor(node, spec, _ => true);

    /// <summary>Whether a node is ready and takes new pods.</summary>
    internal static bool IsReady(V1Node node) =>
        node.Status?.Conditions?.Any(c => c.Type == "Ready" && c.Status == "True") != false && node.Spec?.Unschedulable != true;

    /// <summary>What of a resource a node has for pods; 0 where it does not say.</summary>
    internal static decimal Allocatable(V1Node node, string resource) =>
        node.Status?.Allocatable?.TryGetValue(resource, out var quantity) == true ? quantity.ToDecimal() : 0;

    // Kubernetes' own marks of a node that is full, not ready or cordoned go again.
    private static bool Lasting(V1Taint taint) => !taint.Key.StartsWith("node.kubernetes.io/", StringComparison.Ordinal);

    private static bool IsMeantFor(V1Node node, JsonObject spec, Func<V1Taint, bool> counts)
    {
        var selected = (spec["nodeSelector"] as JsonObject ?? []).All(s =>
            node.Metadata.Labels?.TryGetValue(s.Key, out var has) == true && has == s.Value?.GetValue<string>()
        );
        return selected
            && (node.Spec?.Taints ?? [])
                .Where(t => t.Effect is "NoSchedule" or "NoExecute" && counts(t))
                .All(t => (spec["tolerations"] as JsonArray ?? []).Any(s => Tolerates(s, t)));
    }

    private static bool Tolerates(JsonNode? toleration, V1Taint taint)
    {
        var (key, effect, op) = (
            toleration?["key"]?.GetValue<string>(),
            toleration?["effect"]?.GetValue<string>(),
            toleration?["operator"]?.GetValue<string>() ?? "Equal"
        );
        return (string.IsNullOrEmpty(effect) || effect == taint.Effect)
            && (
                string.IsNullOrEmpty(key)
                    ? op == "Exists"
                    : key == taint.Key && (op == "Exists" || (toleration?["value"]?.GetValue<string>() ?? "") == (taint.Value ?? ""))
            );
    }

    private sealed class Room(decimal cpu, decimal memory, decimal pods)
    {
        public decimal Cpu { get; private set; } = cpu;

        public decimal Memory { get; private set; } = memory;

        private decimal Pods { get; set; } = pods;

        public static Room Of(V1Node node) => new(Allocatable(node, "cpu"), Allocatable(node, "memory"), Allocatable(node, "pods"));

        public bool Fits(decimal cpu, decimal memory) => Cpu >= cpu && Memory >= memory && Pods >= 1;

        public void Take(decimal cpu, decimal memory) => (Cpu, Memory, Pods) = (Cpu - cpu, Memory - memory, Pods - 1);
    }
}
