using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Operations;

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

    /// <summary>Step that had released its worker and now continues, with everything before it done; null where all steps are run
    /// through.</summary>
    public OperationStep? TakenUp { get; set; }

    /// <summary>Whether it had released its worker, and everything before its wait is done.</summary>
    public bool WalksOn => TakenUp is not null;

    /// <summary>What the watch without a worker remembers of the pods; null for nothing.</summary>
    public RolloutState? Memory { get; init; }

    /// <summary>Names of the steps that earlier attempts completed.</summary>
    public IReadOnlySet<string> Passed { get; init; } = new HashSet<string>();

    /// <summary>Whether this attempt or an earlier one reached a step that changes what serves, so that there may be something to roll
    /// back from.</summary>
    public bool MayHaveToGoBack { get; set; }

    public required ClusterConnection Cluster { get; init; }

    /// <summary>How secrets get into the cluster, as of this attempt.</summary>
    public required SecretDeliverySettings Delivery { get; init; }

    /// <summary>Whether an administrator allows Jobs of preflight in the cluster.</summary>
    public bool PreflightJobs { get; init; }

    /// <summary>The chart whose content has the approved digest; null for a removal, and before that was checked.</summary>
    public ResolvedChart? Chart { get; set; }

    /// <summary>Whether what is held here was seen to be what was approved. Until then nothing reaches the cluster.</summary>
    public bool IsAsApproved { get; set; }

    /// <summary>What this attempt saw of the environment when its gateway answered; null before.</summary>
    public EnvironmentObservation? Observation { get; set; }

    public HelmClock HelmClock { get; } = new();

    public TimeSpan Waited { get; set; }

    public string Namespace => Environment.Namespace;

    public string ReleaseName => Environment.ReleaseName;

    public IReadOnlyDictionary<string, SecretPin> Pins { get; init; } = new Dictionary<string, SecretPin>();

    public IReadOnlyDictionary<string, SecretPin> PreviousPins { get; init; } = new Dictionary<string, SecretPin>();

    /// <summary>The Secret by which nodes pull this revision's image; null where it has none.</summary>
    public PullSecret? PullSecret =>
        Revision is null ? null : PullSecret.Of(ReleaseName, PortalJson.Read<EnvironmentSpec>(Revision.Content.SpecJson), Pins);

    /// <summary>Keys that this operation brings to another version.</summary>
    public IReadOnlyList<string> ChangedKeys =>
        [
            .. Pins.Where(p => PreviousPins.GetValueOrDefault(p.Key)?.VaultVersion != p.Value.VaultVersion)
                .Select(p => p.Key)
                .Order(StringComparer.Ordinal),
        ];

    public Dictionary<string, string> Labels =>
        new(StringComparer.Ordinal)
        {
            [ClusterLabels.Environment] = Environment.Id.ToString(),
            [ClusterLabels.ManagedBy] = ClusterLabels.Manager,
        };
}

/// <summary>An operation cannot continue, for a reason that another try would not change.</summary>
internal sealed class OperationFailedException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
