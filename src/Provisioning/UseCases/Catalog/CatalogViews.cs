using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>A cluster.</summary>
public sealed record ClusterView(
    Guid Id,
    string Name,
    string DisplayName,
    string ServerVersion,
    int Zones,
    DateTime? LastSeenAt,
    string LastError,
    bool IsEnabled,
    SecretDeliveryView SecretDelivery
)
{
    /// <summary>Whether its kubeconfig is in the portal's vault, where an administrator replaces it; else it is a file of the
    /// operator's.</summary>
    public bool IsKubeconfigInVault { get; init; }

    /// <summary>Whether preflight may run short Jobs in it.</summary>
    public bool PreflightJobs { get; init; }

    /// <summary>What it is recognised by; null before the first look.</summary>
    public ClusterPins? Pins { get; init; }

    /// <summary>What its nodes have for pods, as last seen; empty where that is not known.</summary>
    public IReadOnlyList<NodeRoom> Nodes { get; init; } = [];

    /// <summary>How many environments in it the caller may see; null where that was not counted.</summary>
    public int? Environments { get; init; }
}

/// <summary>A chart version, with the names of the gateway settings that it takes and, where it may break pod security 'restricted', the
/// reason for that.</summary>
public sealed record ChartView(
    Guid Id,
    Edition Edition,
    ChartSource Source,
    string Location,
    string Name,
    string Version,
    string AppVersion,
    string Digest,
    string ImageTag,
    bool IsDefault,
    IReadOnlyList<string> Settings,
    string PodSecurityWaiver,
    DateTime RegisteredAt,
    string RegisteredBy
)
{
    /// <summary>Gateway image that it pins, with what the vendor says of it.</summary>
    public ImageVersionView PinnedImage { get; init; } = new("", "", []);

    /// <summary>Known gateway images that are newer, oldest first. A spec names one under <c>imageTag</c>.</summary>
    public IReadOnlyList<ImageVersionView> NewerImages { get; init; } = [];

    /// <summary>
    /// What of it depends on where or when it is rendered, such as <c>lookup (templates/all.yaml)</c>. The text that is approved is what is
    /// applied all the same; another rendering of the same values may differ.
    /// </summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>How many environments that run it, or are about to, the caller may see; null where that was not counted.</summary>
    public int? Environments { get; init; }

    /// <summary>UTC time from which no new request may name it; null while they may.</summary>
    public DateTime? RetiredAt { get; init; }

    /// <summary>Who retired it; empty for nobody.</summary>
    public string RetiredBy { get; init; } = "";

    /// <summary>Why it was retired; empty while it is not.</summary>
    public string RetiredReason { get; init; } = "";
}

/// <summary>A profile, with what its gateway pods alone cost a month.</summary>
public sealed record ProfileView(
    string Name,
    string DisplayName,
    string Description,
    int Replicas,
    int MaxReplicas,
    int Zones,
    string CpuRequest,
    string CpuLimit,
    string MemoryRequest,
    string MemoryLimit,
    int NodeCpu,
    int NodeMemoryGiB,
    int MonthlyCostUsd,
    bool BuiltInRedisAllowed
)
{
    /// <summary>Seconds from a pod's removal until it is killed, in which streams that are open may end.</summary>
    public int GraceSeconds { get; init; }

    /// <summary>What its gateway pods alone cost; null where they fit no node that the portal knows.</summary>
    public MonthlyCost? Cost { get; init; }
}

/// <summary>A gateway setting as the catalogue knows it.</summary>
/// <param name="Key">Portkey's name.</param>
/// <param name="Group">Group, such as <c>identity</c> or <c>cache</c>.</param>
/// <param name="Title">Short label.</param>
/// <param name="Help">One sentence.</param>
/// <param name="IsSecret">Kept in the vault.</param>
/// <param name="Editions">Where it applies.</param>
/// <param name="Required">Always needed.</param>
/// <param name="RequiredWhen">Setting and values that make it needed, such as <c>LOG_STORE=azure</c>; <c>&amp;</c> means and, <c>;</c> or,
/// <c>|</c> one of; empty for none.</param>
/// <param name="AppliesWhen">Condition under which the gateway reads it, written as <paramref name="RequiredWhen"/>; empty for
/// always.</param>
/// <param name="AllowedValues">Legal values; empty for free text.</param>
/// <param name="Default">Default; empty for none.</param>
/// <param name="Example">Example; empty for none.</param>
/// <param name="Since">Portkey chart version that first names it among its values, so that older ones do not take it; empty where every
/// version does.</param>
public sealed record SettingView(
    string Key,
    string Group,
    string Title,
    string Help,
    bool IsSecret,
    IReadOnlyList<Edition> Editions,
    bool Required,
    string RequiredWhen,
    string AppliesWhen,
    IReadOnlyList<string> AllowedValues,
    string Default,
    string Example,
    string Since
);

/// <summary>Registers a chart. A waiver is the reason for which it may break pod security 'restricted'; null for none.</summary>
public sealed record RegisterChartCommand(
    ChartSource Source,
    string Location,
    string? Version,
    Edition Edition,
    bool MakeDefault = false,
    string? PodSecurityWaiver = null
);
