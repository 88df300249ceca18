using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds.Known;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>What a gateway costs a month, with the assumptions.</summary>
/// <param name="Usd">US dollars a month with the least pods: nodes and load balancer.</param>
/// <param name="MaxUsd">The same with the most pods that autoscaling makes.</param>
/// <param name="Node">Size of the nodes, as Azure names it.</param>
/// <param name="NodeVcpu">vCPU of each.</param>
/// <param name="NodeMemoryGiB">GiB of memory of each.</param>
/// <param name="Nodes">Nodes with the least pods.</param>
/// <param name="MaxNodes">Nodes with the most.</param>
/// <param name="LoadBalancerUsd">Of it for load balancers and their public addresses.</param>
/// <param name="Source">Where the prices are from.</param>
public sealed record MonthlyCost(
    int Usd,
    int MaxUsd,
    string Node,
    int NodeVcpu,
    int NodeMemoryGiB,
    int Nodes,
    int MaxNodes,
    int LoadBalancerUsd,
    string Source
);

/// <summary>
/// The one place that says what a gateway costs a month: as many nodes as its pods fill, of the size in <c>node-sizes.csv</c> on which they
/// are cheapest, and its load balancers. Whole nodes are counted; in a cluster that others use too, it costs less.
/// </summary>
public sealed class CostEstimate(IOptions<RateCard> rates)
{
    // As in https://azure.microsoft.com/pricing/calculator/.
    private const decimal HoursAMonth = 730;

    /// <summary>Cost of a profile's own gateway, where no other pods are asked for.</summary>
    public MonthlyCost? OfProfile(Profile profile) => OfGateway(profile, profile.Replicas, profile.MaxReplicas);

    /// <summary>Cost of gateway pods of a profile's size.</summary>
    /// <param name="profile">Profile.</param>
    /// <param name="least">Least pods.</param>
    /// <param name="most">Most pods.</param>
    /// <returns>Null where they fit no node that the portal knows.</returns>
    public MonthlyCost? OfGateway(Profile profile, int least, int most) =>
        Of(
            [
                new PodGroup(
                    "gateway",
                    least,
                    most,
                    PodGroup.Quantity(JsonValue.Create(profile.CpuRequest)),
                    PodGroup.Quantity(JsonValue.Create(profile.MemoryRequest)),
                    []
                ),
            ],
            profile,
            profile.Zones,
            0
        );

    /// <summary>Cost of rendered objects: every pod in them, whatever chart made it.</summary>
    /// <param name="manifest">Rendered objects, YAML.</param>
    /// <param name="profile">Profile, for the least size of nodes; null where it was taken away.</param>
    /// <param name="zones">Zones that pods are spread over; null for the profile's.</param>
    /// <returns>Null where a pod fits no node that the portal knows, where there is none, and where the text is not what was rendered
    /// once.</returns>
    public MonthlyCost? OfManifest(string manifest, Profile? profile, int? zones) =>
        OfObjects(ManifestItems.TryParse(manifest) ?? [], profile, zones);

    /// <summary>The same of objects that are read already.</summary>
    internal MonthlyCost? OfObjects(IReadOnlyList<JsonObject> objects, Profile? profile, int? zones)
    {
        var balancers = objects.Where(o => o["kind"]?.ToString() == "Service" && o["spec"]?["type"]?.ToString() == "LoadBalancer").ToList();
        var open = balancers.Count(o =>
            o["metadata"]?["annotations"]?[KnownClouds.OfClusters.Rules.InternalLoadBalancer]?.ToString() != "true"
        );
        return Of(
            PodGroup.Of(objects),
            profile,
            zones ?? profile?.Zones ?? 1,
            (balancers.Count * (decimal)rates.Value.LoadBalancerMonth) + (open * (decimal)rates.Value.PublicAddressMonth)
        );
    }

    private MonthlyCost? Of(IReadOnlyList<PodGroup> groups, Profile? profile, int zones, decimal balancers)
    {
        var candidates = NodeSizes
            .All.Where(n => n.Vcpu >= (profile?.NodeCpu ?? 0) && n.MemoryGiB >= (profile?.NodeMemoryGiB ?? 0))
            .ToList();
        candidates = candidates.Count > 0 ? candidates : [.. NodeSizes.All];
        var choices = candidates
            .Where(n => groups.All(g => n.Fits(g.Cpu, g.Memory)))
            .Select(n =>
                (Node: n, Price: PriceOf(n), Nodes: Nodes(groups, n, zones, g => g.Least), Most: Nodes(groups, n, zones, g => g.Most))
            )
            .ToList();
        if (groups.Sum(g => g.Most) == 0 || choices.Count == 0)
        {
            return null;
        }

        var (node, price, nodes, most) = choices
            .OrderBy(c => c.Nodes * c.Price)
            .ThenBy(c => c.Most * c.Price)
            .ThenBy(c => c.Node.Vcpu)
            .First();
        return new MonthlyCost(
            Round((nodes * price) + balancers),
            Round((most * price) + balancers),
            node.Name,
            node.Vcpu,
            node.MemoryGiB,
            nodes,
            most,
            Round(balancers),
            IsOwn ? $"prices of the rate card ({RateCard.Section})" : node.Source
        );
    }

    private bool IsOwn => rates.Value.VcpuMonth is not null;

    private decimal PriceOf(NodeSize node) =>
        rates.Value is { VcpuMonth: { } cpu, MemoryGibMonth: { } memory }
            ? (node.Vcpu * (decimal)cpu) + (node.MemoryGiB * (decimal)memory)
            : node.UsdHour * HoursAMonth;

    // First fit, largest first. A node in each zone, and two for what must survive the loss of one.
    private static int Nodes(IReadOnlyList<PodGroup> groups, NodeSize node, int zones, Func<PodGroup, int> pods)
    {
        var free = new List<(decimal Cpu, decimal Memory)>();
        foreach (var group in groups.OrderByDescending(g => g.Cpu / node.PodCpu).ThenByDescending(g => g.Memory))
        {
            for (var left = pods(group); left > 0; left--)
            {
                var at = free.FindIndex(f => f.Cpu >= group.Cpu && f.Memory >= group.Memory);
                if (at < 0)
                {
                    free.Add((node.PodCpu, node.PodMemoryGiB * NodeSizes.GiB));
                    at = free.Count - 1;
                }

                free[at] = (free[at].Cpu - group.Cpu, free[at].Memory - group.Memory);
            }
        }

        var apart = groups.Any(g => pods(g) > 1) ? 2 : 1;
        return Math.Max(free.Count, Math.Max(apart, zones));
    }

    private static int Round(decimal dollars) => (int)Math.Round(dollars, MidpointRounding.AwayFromZero);
}
