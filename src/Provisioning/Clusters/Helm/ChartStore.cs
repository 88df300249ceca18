using System.Collections.Concurrent;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>A chart on disk whose content is what its digest says.</summary>
/// <param name="Path">Folder with Chart.yaml, in the portal's own cache.</param>
/// <param name="Name">Name as in Chart.yaml.</param>
/// <param name="Version">Version as in Chart.yaml.</param>
/// <param name="AppVersion">Application version as in Chart.yaml; empty for none.</param>
/// <param name="Digest"><c>sha256:</c> and hex, over sorted paths and contents.</param>
public sealed record ResolvedChart(string Path, string Name, string Version, string AppVersion, string Digest);

/// <summary>A chart is not available.</summary>
/// <param name="code">Machine word: <c>chart-not-found</c>, <c>chart-invalid</c>, <c>chart-too-large</c>, <c>digest-mismatch</c>,
/// <c>chart-unreachable</c>, <c>address-refused</c>.</param>
/// <param name="message">For people.</param>
/// <param name="isTransient">Whether another try may succeed.</param>
/// <param name="inner">Cause.</param>
public sealed class ChartException(string code, string message, bool isTransient = false, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Machine word.</summary>
    public string Code { get; } = code;

    /// <summary>Whether another try may succeed.</summary>
    public bool IsTransient { get; } = isTransient;
}

/// <summary>Fetches charts and keeps them by digest, so that what was approved is what is applied.</summary>
/// <param name="helm">Knows the data folder.</param>
/// <param name="outbound">The way to charts that are elsewhere; without it only folders are read.</param>
public sealed class ChartStore(HelmRunner helm, IOutboundHttp? outbound = null)
{
    private static readonly TimeSpan FetchLimit = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, ChartFacts> facts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> inspected = new(StringComparer.Ordinal);
    private readonly string root = System.IO.Path.GetFullPath(System.IO.Path.Combine(helm.Options.DataDirectory, "charts"));

    /// <summary>A chart in the cache, fetched where it is not there yet.</summary>
    /// <param name="source">Kind of place.</param>
    /// <param name="location">Directory path, <c>https://host/path#chart</c>, or <c>oci://…</c>.</param>
    /// <param name="version">Version; null for whatever the directory holds or the newest.</param>
    /// <param name="expectedDigest">Digest it must have; null when it is being registered.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ChartException">Not there, not sound, or not what was expected.</exception>
    public async Task<ResolvedChart> ResolveAsync(
        ChartSource source,
        string location,
        string? version,
        string? expectedDigest,
        CancellationToken cancellationToken
    )
    {
        // Cached charts are hashed again each time: a chart is small, and its digest is what people approved.
        if (expectedDigest is not null && Cached(expectedDigest) is { } known && ChartFiles.Digest(known) == expectedDigest)
        {
            return Describe(known, expectedDigest);
        }

        ChartLocation.CheckVersion(version);
        Directory.CreateDirectory(root);
        var draft = System.IO.Path.Combine(root, $".new-{Guid.NewGuid():n}");
        Directory.CreateDirectory(draft);
        try
        {
            var folder = await FetchAsync(source, location, version, draft, cancellationToken);
            var digest = ChartFiles.Digest(folder);
            var found = Describe(folder, digest);
            if (expectedDigest is not null && digest != expectedDigest)
            {
                throw new ChartException(
                    "digest-mismatch",
                    $"The chart at '{ChartLocation.Shown(source, location)}' has changed: it is {digest}, and {expectedDigest} was allowed. Register it again and have the request approved again."
                );
            }

            if (version is not null && found.Version != version)
            {
                throw new ChartException(
                    "chart-not-found",
                    $"The chart at '{ChartLocation.Shown(source, location)}' is version {found.Version}, not {version}."
                );
            }

            return found with
            {
                Path = Keep(folder, digest),
            };
        }
        finally
        {
            Directory.Delete(draft, recursive: true);
        }
    }

    /// <summary>What a chart takes; read once for each digest.</summary>
    public ChartFacts FactsOf(ResolvedChart chart) => facts.GetOrAdd(chart.Digest, _ => ChartFacts.Read(chart.Path));

    private async Task<string> FetchAsync(
        ChartSource source,
        string location,
        string? version,
        string draft,
        CancellationToken cancellationToken
    )
    {
        var target = System.IO.Path.Combine(draft, "chart");
        Directory.CreateDirectory(target);
        if (source == ChartSource.Directory)
        {
            if (!File.Exists(System.IO.Path.Combine(location, "Chart.yaml")))
            {
                throw new ChartException("chart-not-found", $"There is no chart in the folder '{location}' on the portal's machine.");
            }

            ChartFiles.Copy(location, target);
            return target;
        }

        var place = ChartLocation.Parse(source, location);
        if (outbound is null)
        {
            throw new ChartException("chart-unreachable", "Remote charts cannot be fetched here.");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(FetchLimit);
        var shown = ChartLocation.Shown(source, location);
        try
        {
            using var http = new ChartHttp(outbound, place);
            var archive = System.IO.Path.Combine(draft, "chart.tgz");
            await (
                source == ChartSource.Oci
                    ? new ChartRegistry(http, place).FetchAsync(version, archive, limit.Token)
                    : new ChartRepository(http, place).FetchAsync(version, archive, limit.Token)
            );
            return ChartFiles.Unpack(archive, target);
        }
        catch (OperationCanceledException problem) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unfetched("chart-unreachable", "Its source could not be reached.", isTransient: true, problem);
        }
        catch (ChartException problem)
        {
            throw Unfetched(problem.Code, problem.Message, problem.IsTransient, problem);
        }
        catch (InvalidDataException problem)
        {
            throw new ChartException("chart-invalid", $"What '{shown}' gave is not a chart archive.", inner: problem);
        }

        ChartException Unfetched(string code, string message, bool isTransient, Exception inner) =>
            new(code, $"The chart could not be fetched from '{shown}'. {message}", isTransient, inner);
    }

    private string? Cached(string digest) =>
        digest.StartsWith("sha256:", StringComparison.Ordinal)
        && digest.Skip(7).All(char.IsAsciiHexDigitLower)
        && System.IO.Path.Combine(root, digest[7..]) is var folder
        && Directory.Exists(folder)
            ? folder
            : null;

    /// <summary>Moves a folder into the cache in one go; another process may have been first with the same content.</summary>
    private string Keep(string folder, string digest)
    {
        var target = System.IO.Path.Combine(root, digest[7..]);
        if (Directory.Exists(target))
        {
            if (ChartFiles.Digest(target) == digest)
            {
                return target;
            }

            // Somebody changed the cache: move the damaged one out of the way.
            Directory.Move(target, $"{target}.damaged-{Guid.NewGuid():n}");
        }

        try
        {
            Directory.Move(folder, target);
        }
        catch (IOException) when (Directory.Exists(target))
        {
            // Race-safe: the other one has the same digest.
        }

        return target;
    }

    private ResolvedChart Describe(string folder, string digest)
    {
        // Cached charts too, which may be from before a rule existed; once for each content.
        if (!inspected.ContainsKey(digest))
        {
            ChartInspection.Check(folder);
            inspected[digest] = true;
        }

        var metadata = ChartMetadata.Read(folder);
        return new ResolvedChart(folder, metadata.Name, metadata.Version, metadata.AppVersion, digest);
    }
}
