namespace Portkey.Portal.Provisioning.Catalog;

/// <summary>What things cost and hold; section <c>Portal:RateCard</c>. The prices are list prices of a European Azure region in US dollars, to be set to one's own.</summary>
public sealed class RateCard
{
    /// <summary>Section name.</summary>
    public const string Section = "Portal:RateCard";

    /// <summary>One vCPU of a node for a month.</summary>
    public double VcpuMonth { get; set; } = 31;

    /// <summary>One GiB of memory of a node for a month.</summary>
    public double MemoryGibMonth { get; set; } = 2;

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
/// <param name="Nodes">Nodes at the busiest.</param>
/// <param name="StorageGiB">Logs in the store once the retention is reached.</param>
/// <param name="ComputeUsd">Nodes, a month.</param>
/// <param name="StorageUsd">Logs, a month.</param>
/// <param name="Explanation">How it came about, for people.</param>
public sealed record SizeProposal(
    string Profile, int Replicas, int MaxReplicas, int NodeCpu, int NodeMemoryGiB, int Nodes, long StorageGiB, int ComputeUsd, int StorageUsd, string Explanation);

/// <summary>From traffic to a size. Pure.</summary>
public static class Sizing
{
    /// <summary>Proposes the smallest profile that carries the traffic with one pod to spare.</summary>
    public static SizeProposal Propose(Traffic traffic, IReadOnlyList<ProfileView> profiles, RateCard card)
    {
        var ordered = profiles.OrderBy(p => p.MaxReplicas).ThenBy(p => p.Replicas).ToList();
        var needed = PodsFor(traffic.RequestsPerMinute, ordered[^1], card);
        var chosen = ordered.Find(p => PodsFor(traffic.RequestsPerMinute, p, card) <= p.MaxReplicas && (traffic.RequestsPerMinute <= 60 || p.Replicas > 1)) ?? ordered[^1];
        needed = PodsFor(traffic.RequestsPerMinute, chosen, card);
        var quiet = Math.Max(chosen.Replicas, PodsFor((int)Math.Ceiling(traffic.RequestsPerMinute * traffic.BusyShare), chosen, card));
        var most = Math.Max(quiet, needed);

        // Two pods to a node of the profile's size, and a node in each zone that pods are spread over.
        var nodes = Math.Max(chosen.Zones, (most + 1) / 2);
        var kilobytes = (double)traffic.RequestsPerMinute * traffic.BusyShare * 60 * 24 * traffic.RetentionDays * traffic.LogKilobytes;
        var storage = (long)Math.Ceiling(kilobytes / 1024 / 1024);
        var compute = nodes * ((chosen.NodeCpu * card.VcpuMonth) + (chosen.NodeMemoryGiB * card.MemoryGibMonth));
        return new SizeProposal(
            chosen.Name, quiet, most, chosen.NodeCpu, chosen.NodeMemoryGiB, nodes, storage, Round(compute), Round(storage * card.StorageGibMonth),
            $"{most} pods carry {traffic.RequestsPerMinute} requests a minute at {card.RequestsPerMinutePerVcpu} for each vCPU{(most > needed ? "" : most > 1 ? ", one of them to spare" : "")}; "
            + $"logs of {traffic.LogKilobytes} kB kept {traffic.RetentionDays} days at {traffic.BusyShare:P0} of that traffic come to {storage} GiB.");
    }

    // One more than the traffic takes, so that one may fail; not for what is only tried out.
    private static int PodsFor(int requestsPerMinute, ProfileView profile, RateCard card)
    {
        var vcpu = Cores(profile.CpuLimit);
        var carrying = (int)Math.Ceiling(requestsPerMinute / Math.Max(1, card.RequestsPerMinutePerVcpu * vcpu));
        return Math.Max(1, carrying + (profile.Replicas > 1 ? 1 : 0));
    }

    private static double Cores(string quantity) => quantity.EndsWith('m')
        ? double.Parse(quantity[..^1], System.Globalization.CultureInfo.InvariantCulture) / 1000
        : double.Parse(quantity, System.Globalization.CultureInfo.InvariantCulture);

    private static int Round(double dollars) => (int)Math.Round(dollars, MidpointRounding.AwayFromZero);
}
