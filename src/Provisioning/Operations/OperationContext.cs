using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Helm;
using Portkey.Portal.Provisioning.Kubernetes;

namespace Portkey.Portal.Provisioning.Operations;

/// <summary>What the steps of one attempt share.</summary>
internal sealed class OperationContext
{
    public required Operation Operation { get; init; }

    public required GatewayEnvironment Environment { get; init; }

    /// <summary>Revision to apply; null for a removal.</summary>
    public required Revision? Revision { get; init; }

    /// <summary>Revision that was applied before; null for the first.</summary>
    public required Revision? Previous { get; init; }

    public required Fence Fence { get; init; }

    public required OperationLog Log { get; init; }

    public required bool Resumed { get; init; }

    /// <summary>Whether it had given its worker back, and everything before its wait is done.</summary>
    public bool WalksOn { get; set; }

    /// <summary>What the watch without a worker remembers of the pods; null for nothing.</summary>
    public RolloutState? Memory { get; init; }

    /// <summary>Whether an earlier attempt passed preflight. It is not gone through twice: what a later attempt may find wrong, it finds half-way.</summary>
    public required bool PreflightPassed { get; init; }

    /// <summary>Whether an earlier attempt came as far as Helm, so that there may be something to go back from.</summary>
    public required bool HelmReached { get; set; }

    public required ClusterConnection Cluster { get; init; }

    /// <summary>How secrets get into the cluster, as of this attempt.</summary>
    public required SecretSyncSettings Sync { get; init; }

    /// <summary>The chart whose content has the approved digest; null for a removal, and before that was looked at.</summary>
    public ResolvedChart? Chart { get; set; }

    /// <summary>Whether what is held here was seen to be what was approved. Until then nothing reaches the cluster.</summary>
    public bool IsAsApproved { get; set; }

    public HelmClock HelmClock { get; } = new();

    public TimeSpan Waited { get; set; }

    public string Namespace => Environment.Namespace;

    public string ReleaseName => Environment.ReleaseName;

    public IReadOnlyDictionary<string, SecretPin> Pins { get; init; } = new Dictionary<string, SecretPin>();

    public IReadOnlyDictionary<string, SecretPin> PreviousPins { get; init; } = new Dictionary<string, SecretPin>();

    /// <summary>The Secret by which nodes pull this revision's image; null where it has none.</summary>
    public PullSecret? PullSecret => Revision is null ? null : PullSecret.Of(ReleaseName, PortalJson.Read<EnvironmentSpec>(Revision.SpecJson), Pins);

    public Dictionary<string, string> Labels => new(StringComparer.Ordinal)
    {
        [ClusterLabels.Environment] = Environment.Id.ToString(),
        [ClusterLabels.ManagedBy] = ClusterLabels.Manager,
    };
}

/// <summary>An operation cannot go on, for a reason that another try would not change.</summary>
internal sealed class OperationFailedException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
