using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Kubernetes;

namespace Portkey.Portal.Provisioning.Helm;

/// <summary>
/// The one way to Helm. Values go in by standard input, the connection by environment; secrets never do either. Everything throws
/// <see cref="HelmException"/>. Callers hold the environment's fence: two calls for one release never overlap.
/// </summary>
public sealed class HelmRunner(IOptions<ProvisioningOptions> options)
{
    private readonly ProvisioningOptions options = options.Value;

    /// <summary>Helm's version; refuses what is not 4.x. Asked once.</summary>
    public Task<string> VersionAsync(CancellationToken cancellationToken) => throw new NotSupportedException(options.HelmPath);

    /// <summary>Renders manifests without a cluster. The same input gives the same text.</summary>
    public Task<string> TemplateAsync(string chartPath, string release, string ns, string valuesYaml, CancellationToken cancellationToken, HelmClock? clock = null) => throw new NotSupportedException();

    /// <summary>Problems that <c>helm lint --strict</c> finds; empty for none.</summary>
    public Task<IReadOnlyList<string>> LintAsync(string chartPath, string? valuesYaml, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Installs or upgrades.</summary>
    public Task UpgradeInstallAsync(ClusterConnection connection, string chartPath, string release, string ns, string valuesYaml, HelmCallOptions options, Func<string, Task> log, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>What is installed; null only where Helm says itself that there is no such release.</summary>
    public Task<HelmStatus?> StatusAsync(ClusterConnection connection, string release, string ns, CancellationToken cancellationToken, HelmClock? clock = null) => throw new NotSupportedException();

    /// <summary>Revisions, oldest first; empty where there is no such release.</summary>
    public Task<IReadOnlyList<HelmHistoryEntry>> HistoryAsync(ClusterConnection connection, string release, string ns, CancellationToken cancellationToken, HelmClock? clock = null) => throw new NotSupportedException();

    /// <summary>Back to an earlier revision of Helm's.</summary>
    public Task RollbackAsync(ClusterConnection connection, string release, string ns, int revision, CancellationToken cancellationToken, HelmClock? clock = null) => throw new NotSupportedException();

    /// <summary>Removes the release; does nothing where there is none.</summary>
    public Task UninstallAsync(ClusterConnection connection, string release, string ns, CancellationToken cancellationToken, HelmClock? clock = null) => throw new NotSupportedException();

    /// <summary>Brings a release that a killed Helm left locked back to where <see cref="UpgradeInstallAsync"/> works. Does nothing to one that is not locked. True when it did something.</summary>
    public Task<bool> RecoverPendingAsync(ClusterConnection connection, string release, string ns, Func<string, Task> log, CancellationToken cancellationToken, HelmClock? clock = null) => throw new NotSupportedException();
}
