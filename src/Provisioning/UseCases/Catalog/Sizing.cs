using System.Text.Json.Nodes;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>What things cost and hold; section <c>Portal:RateCard</c>. Prices are in US dollars; set your own.</summary>
public sealed class RateCard
{
    /// <summary>Section name.</summary>
    public const string Section = "Portal:RateCard";

    /// <summary>One vCPU of a node for a month, given together with <see cref="MemoryGibMonth"/>; null for the prices of
    /// <c>node-sizes.csv</c>.</summary>
    public double? VcpuMonth { get; set; }

    /// <summary>One GiB of memory of a node for a month; null for the prices of <c>node-sizes.csv</c>.</summary>
    public double? MemoryGibMonth { get; set; }

    /// <summary>One load balancer for a month: the first rules of Azure's Standard one, list price.</summary>
    public double LoadBalancerMonth { get; set; } = 18.25;

    /// <summary>One public address for a month: a static Standard one of Azure's, list price.</summary>
    public double PublicAddressMonth { get; set; } = 3.65;

    /// <summary>One GiB of logs kept for a month.</summary>
    public double StorageGibMonth { get; set; } = 0.02;

    /// <summary>Requests a minute that one pod with one vCPU carries. An assumption: measure it with your own models and prompts.</summary>
    public int RequestsPerMinutePerVcpu { get; set; } = 3000;
}

/// <summary>What is known of the traffic.</summary>
/// <param name="RequestsPerMinute">At the busiest time, 1 to 10 000 000.</param>
/// <param name="LogKilobytes">Size of one log document in kB, 1 to 16 000; about 10 is usual.</param>
/// <param name="RetentionDays">Days that logs are kept, 0 to 3650.</param>
/// <param name="BusyShare">Mean traffic over the busiest, 0.01 to 1.</param>
public sealed record Traffic(int RequestsPerMinute, int LogKilobytes = 10, int RetentionDays = 30, double BusyShare = 0.3);

/// <summary>A proposal for a size.</summary>
/// <param name="Profile">Profile to start from.</param>
/// <param name="Replicas">Pods at quiet times.</param>
/// <param name="MaxReplicas">Pods at the busiest.</param>
/// <param name="NodeCpu">vCPU of each node.</param>
/// <param name="NodeMemoryGiB">GiB of memory of each node.</param>
/// <param name="Nodes">Nodes at quiet times.</param>
/// <param name="StorageGiB">Logs in the store once the retention is reached.</param>
/// <param name="ComputeUsd">Nodes at quiet times, a month: what a request for this size is said to cost.</param>
/// <param name="StorageUsd">Logs, a month.</param>
/// <param name="Explanation">Explanation for people.</param>
public sealed record SizeProposal(
    string Profile,
    int Replicas,
    int MaxReplicas,
    int NodeCpu,
    int NodeMemoryGiB,
    int Nodes,
    long StorageGiB,
    int ComputeUsd,
    int StorageUsd,
    string Explanation
)
{
    /// <summary>What a request for this size is said to cost.</summary>
    public required MonthlyCost Cost { get; init; }
}

/// <summary>From traffic to a size. Pure.</summary>
public static class Sizing
{
    /// <summary>Proposes the smallest profile that carries the traffic with one pod to spare.</summary>
    /// <exception cref="InvalidOperationException">The chosen profile's pods fit no node that the portal knows.</exception>
    public static SizeProposal Propose(Traffic traffic, IReadOnlyList<Profile> profiles, RateCard card, CostEstimate costs)
    {
        var ordered = profiles.OrderBy(p => p.MaxReplicas).ThenBy(p => p.Replicas).ToList();
        var chosen =
            ordered.Find(p =>
                PodsFor(traffic.RequestsPerMinute, p, card) <= p.MaxReplicas && (traffic.RequestsPerMinute <= 60 || p.Replicas > 1)
            ) ?? ordered[^1];
        var needed = PodsFor(traffic.RequestsPerMinute, chosen, card);
        var quiet = Math.Max(chosen.Replicas, PodsFor((int)Math.Ceiling(traffic.RequestsPerMinute * traffic.BusyShare), chosen, card));
        var most = Math.Max(quiet, needed);
        var cost =
            costs.OfGateway(chosen, quiet, most)
            ?? throw new InvalidOperationException($"Pods of profile {chosen.Name} fit no node that the portal knows.");
        var kilobytes = (double)traffic.RequestsPerMinute * traffic.BusyShare * 60 * 24 * traffic.RetentionDays * traffic.LogKilobytes;
        var storage = (long)Math.Ceiling(kilobytes / 1024 / 1024);
        return new SizeProposal(
            chosen.Name,
            quiet,
            most,
            cost.NodeVcpu,
            cost.NodeMemoryGiB,
            cost.Nodes,
            storage,
            cost.Usd,
            (int)Math.Round(storage * card.StorageGibMonth, MidpointRounding.AwayFromZero),
            $"{Plural.Of(most, "pod carries", "pods carry")} {traffic.RequestsPerMinute} requests a minute at {card.RequestsPerMinutePerVcpu} for each vCPU{(most > needed ? "" : most > 1 ? ", one of them to spare" : "")}; "
                + $"logs of {traffic.LogKilobytes} kB kept {traffic.RetentionDays} days at {traffic.BusyShare:P0} of that traffic come to {storage} GiB. Nodes: {cost.Node}, {cost.Source}."
        )
        {
            Cost = cost,
        };
    }

    // One more than the traffic needs, so that one may fail; not for trials.
    private static int PodsFor(int requestsPerMinute, Profile profile, RateCard card)
    {
        var vcpu = (double)PodGroup.Quantity(JsonValue.Create(profile.CpuLimit));
        var carrying = (int)Math.Ceiling(requestsPerMinute / Math.Max(1, card.RequestsPerMinutePerVcpu * vcpu));
        return Math.Max(1, carrying + (profile.Replicas > 1 ? 1 : 0));
    }
}
