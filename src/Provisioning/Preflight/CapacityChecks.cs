using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Models;
using Portkey.Portal.Provisioning.Kubernetes;

namespace Portkey.Portal.Provisioning.Preflight;

/// <summary>Pods that the rendered objects ask for.</summary>
/// <param name="Name">Workload.</param>
/// <param name="Pods">How many.</param>
/// <param name="Cpu">Cores that each requests.</param>
/// <param name="Memory">Bytes that each requests.</param>
/// <param name="Spec">Spec of the pod.</param>
internal sealed record PodDemand(string Name, int Pods, decimal Cpu, decimal Memory, JsonObject Spec)
{
    public static IReadOnlyList<PodDemand> Of(PreflightSubject subject)
    {
        var least = subject.Objects.Where(o => o["kind"]?.GetValue<string>() == "HorizontalPodAutoscaler")
            .ToDictionary(o => o["spec"]?["scaleTargetRef"]?["name"]?.GetValue<string>() ?? "", o => Number(o["spec"]?["minReplicas"]), StringComparer.Ordinal);
        return
        [
            .. subject.Objects.Where(o => o["kind"]?.GetValue<string>() is "Deployment" or "StatefulSet").Select(o =>
            {
                var name = o["metadata"]?["name"]?.GetValue<string>() ?? "";
                var spec = o["spec"]?["template"]?["spec"] as JsonObject ?? [];
                return new PodDemand(name, Math.Max(least.GetValueOrDefault(name), Number(o["spec"]?["replicas"])), Sum(spec, "cpu"), Sum(spec, "memory"), spec);
            }),
        ];
    }

    public static decimal Sum(JsonNode? spec, string resource) => (spec?["containers"] as JsonArray ?? []).Sum(c => Quantity(c?["resources"]?["requests"]?[resource]));

    // YAML's numbers come as any width.
    private static int Number(JsonNode? node) => node is null ? 1 : (int)Quantity(node);

    public static decimal Quantity(JsonNode? node)
    {
        var text = node switch
        {
            JsonValue value when value.TryGetValue<string>(out var s) => s,
            null => "",
            _ => node.ToJsonString(),
        };
        try
        {
            return text.Length == 0 ? 0 : new ResourceQuantity(text).ToDecimal();
        }
        catch (Exception problem) when (problem is FormatException or ArgumentException or OverflowException)
        {
            return 0;
        }
    }
}

/// <summary>Quotas that somebody else has put on the namespace leave room.</summary>
internal sealed class QuotaCheck : IPreflightCheck
{
    public string Id => "quota";

    public string Title => "Quota has room";

    public bool AppliesTo(PreflightSubject subject) => true;

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var found = await subject.Cluster.GetAsync($"{Namespaces.Path(subject.Namespace)}/resourcequotas", cancellationToken);
        var foreign = (found?["items"] as JsonArray ?? []).OfType<JsonObject>()
            .Where(q => q["metadata"]?["labels"]?[ClusterLabels.PartOf]?.GetValue<string>() != ClusterLabels.Manager && q["spec"]?["scopes"] is null && q["spec"]?["scopeSelector"] is null).ToList();
        if (foreign.Count == 0)
        {
            return Verdict.Pass("The namespace has no quota besides the portal's own, which is made to fit.");
        }

        var demands = PodDemand.Of(subject);
        var needs = new Dictionary<string, decimal>(StringComparer.Ordinal)
        {
            ["pods"] = demands.Sum(d => d.Pods), ["requests.cpu"] = demands.Sum(d => d.Pods * d.Cpu), ["requests.memory"] = demands.Sum(d => d.Pods * d.Memory),
        };
        (needs["cpu"], needs["memory"], needs["count/pods"]) = (needs["requests.cpu"], needs["requests.memory"], needs["pods"]);

        // The whole namespace is this environment's: what is used now makes room for what comes.
        var short_ = foreign.SelectMany(q => (q["spec"]?["hard"] as JsonObject ?? []).Where(h => needs.TryGetValue(h.Key, out var need) && need > PodDemand.Quantity(h.Value))
            .Select(h => $"{q["metadata"]?["name"]} allows {h.Value} of {h.Key}, and {Words(h.Key, needs[h.Key])} are needed")).ToList();
        return short_.Count == 0
            ? Verdict.Pass($"Quota {string.Join(", ", foreign.Select(q => q["metadata"]?["name"]))} has room.")
            : Verdict.Fail($"{string.Join("; ", short_)}.", "Ask for less, or have the quota raised.", "quota-exceeded");
    }

    private static string Words(string resource, decimal amount) => resource.EndsWith("memory", StringComparison.Ordinal)
        ? $"{amount / (1 << 20):0} MiB" : amount.ToString("0.###", CultureInfo.InvariantCulture);
}

/// <summary>Nodes that may take the pods have room for them, in as many zones as asked for.</summary>
internal sealed class NodesCheck : IPreflightCheck
{
    private const string ZoneLabel = "topology.kubernetes.io/zone";

    public string Id => "nodes";

    public string Title => "Nodes have room";

    public bool AppliesTo(PreflightSubject subject) => PodDemand.Of(subject).Count > 0;

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var nodes = (await ObjectList.ReadAsync<V1Node>(subject.Cluster, "/api/v1/nodes", "", cancellationToken)).Items;
        var pods = (await ObjectList.ReadAsync<V1Pod>(subject.Cluster, "/api/v1/pods", "fieldSelector=" + Uri.EscapeDataString("status.phase!=Succeeded,status.phase!=Failed"), cancellationToken)).Items;
        var demands = PodDemand.Of(subject);
        var free = nodes.ToDictionary(n => n.Metadata.Name, Room.Of, StringComparer.Ordinal);
        foreach (var pod in pods.Where(p => p.Metadata.NamespaceProperty != subject.Namespace && p.Spec?.NodeName is not null))
        {
            free.GetValueOrDefault(pod.Spec.NodeName)?.Take(Requests(pod, "cpu"), Requests(pod, "memory"));
        }

        var (unplaced, wanted, notes) = (0, 0, new List<string>());
        foreach (var demand in demands.OrderByDescending(d => d.Cpu))
        {
            var fit = nodes.Where(n => Takes(n, demand.Spec)).ToList();
            wanted += demand.Pods;
            if (fit.Count == 0)
            {
                unplaced += demand.Pods;
                notes.Add($"no node of {nodes.Count} may take the pods of {demand.Name} (node labels, taints, ready)");
                continue;
            }

            var zones = fit.Select(n => n.Metadata.Labels?.TryGetValue(ZoneLabel, out var zone) == true ? zone : "").Where(z => z.Length > 0).Distinct(StringComparer.Ordinal).Count();
            if (IsStrict(demand.Spec) && Math.Max(1, zones) < subject.Zones)
            {
                return Verdict.Fail($"{demand.Name} is to be spread over {subject.Zones} zones; the nodes that may take it are in {Math.Max(1, zones)}.", "Add nodes in other zones, or ask for fewer zones.", "zones");
            }

            var placed = Place(demand, fit.Select(n => free[n.Metadata.Name]));
            unplaced += demand.Pods - placed;
            if (placed < demand.Pods)
            {
                notes.Add($"there is room for {placed} of {demand.Pods} pods of {demand.Name}");
            }
        }

        return unplaced == 0
            ? Verdict.Pass($"{nodes.Count} nodes have room for {wanted} pods.")
            : Verdict.Warn($"{string.Join("; ", notes)}.", "Pods that find no room stay Pending, unless the cluster's autoscaler adds nodes. Add nodes, or ask for less.");
    }

    private static int Place(PodDemand demand, IEnumerable<Room> rooms)
    {
        var (candidates, placed) = (rooms.ToList(), 0);
        for (; placed < demand.Pods; placed++)
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

    private static decimal Requests(V1Pod pod, string resource) => (pod.Spec.Containers ?? []).Sum(c => c.Resources?.Requests?.TryGetValue(resource, out var quantity) == true ? quantity.ToDecimal() : 0);

    private static bool IsStrict(JsonObject spec) => (spec["topologySpreadConstraints"] as JsonArray ?? [])
        .Any(c => c?["topologyKey"]?.GetValue<string>() == ZoneLabel && c["whenUnsatisfiable"]?.GetValue<string>() == "DoNotSchedule");

    private static bool Takes(V1Node node, JsonObject spec)
    {
        var ready = node.Status?.Conditions?.Any(c => c.Type == "Ready" && c.Status == "True") != false;
        var selected = (spec["nodeSelector"] as JsonObject ?? []).All(s => node.Metadata.Labels?.TryGetValue(s.Key, out var has) == true && has == s.Value?.GetValue<string>());
        return ready && node.Spec?.Unschedulable != true && selected
            && (node.Spec?.Taints ?? []).Where(t => t.Effect is "NoSchedule" or "NoExecute").All(t => (spec["tolerations"] as JsonArray ?? []).Any(s => Tolerates(s, t)));
    }

    private static bool Tolerates(JsonNode? toleration, V1Taint taint)
    {
        var (key, effect, op) = (toleration?["key"]?.GetValue<string>(), toleration?["effect"]?.GetValue<string>(), toleration?["operator"]?.GetValue<string>() ?? "Equal");
        return (string.IsNullOrEmpty(effect) || effect == taint.Effect)
            && (string.IsNullOrEmpty(key) ? op == "Exists" : key == taint.Key && (op == "Exists" || (toleration?["value"]?.GetValue<string>() ?? "") == (taint.Value ?? "")));
    }

    private sealed class Room(decimal cpu, decimal memory, decimal pods)
    {
        public decimal Cpu { get; private set; } = cpu;

        private decimal Memory { get; set; } = memory;

        private decimal Pods { get; set; } = pods;

        public static Room Of(V1Node node)
        {
            return new(Allocatable("cpu"), Allocatable("memory"), Allocatable("pods"));

            decimal Allocatable(string resource) => node.Status?.Allocatable?.TryGetValue(resource, out var quantity) == true ? quantity.ToDecimal() : 0;
        }

        public bool Fits(decimal cpu, decimal memory) => Cpu >= cpu && Memory >= memory && Pods >= 1;

        public void Take(decimal cpu, decimal memory) => (Cpu, Memory, Pods) = (Cpu - cpu, Memory - memory, Pods - 1);
    }
}
