using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>
/// What operations ask of Helm, and no more. Changes throw <see cref="HelmException"/>, reads of Helm's records throw
/// <see cref="ClusterException"/>. Callers hold the environment's fence.
/// </summary>
internal interface IHelm
{
    /// <summary>Installs or upgrades to exactly the approved text.</summary>
    Task UpgradeInstallAsync(
        ClusterConnection connection,
        ApprovedChart chart,
        string release,
        string ns,
        string valuesYaml,
        HelmCallOptions options,
        Func<string, Task> log,
        CancellationToken cancellationToken
    );

    /// <summary>Back to an earlier revision of Helm's.</summary>
    Task RollbackAsync(
        ClusterConnection connection,
        string release,
        string ns,
        int revision,
        CancellationToken cancellationToken,
        HelmClock? clock = null
    );

    /// <summary>Removes the release; does nothing where there is none.</summary>
    Task UninstallAsync(
        ClusterConnection connection,
        string release,
        string ns,
        CancellationToken cancellationToken,
        HelmClock? clock = null
    );

    /// <summary>Frees a release that a killed Helm left locked. True when it did something.</summary>
    Task<bool> RecoverPendingAsync(
        ClusterConnection connection,
        string release,
        string ns,
        Func<string, Task> log,
        CancellationToken cancellationToken,
        HelmClock? clock = null
    );

    /// <summary>All revisions that Helm keeps.</summary>
    Task<IReadOnlyList<HelmRevision>> RevisionsAsync(
        ClusterConnection connection,
        string release,
        string ns,
        CancellationToken cancellationToken
    );

    /// <summary>What Helm has recorded as applied in one revision.</summary>
    Task<string> ManifestAsync(ClusterConnection connection, string release, string ns, int revision, CancellationToken cancellationToken);
}
