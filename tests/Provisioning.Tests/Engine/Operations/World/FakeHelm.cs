using System.Globalization;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations.World;

/// <summary>A Helm that remembers its releases. A call that it was told to be killed at leaves its release locked, as the real one
/// does.</summary>
internal sealed class FakeHelm : IHelm
{
    private readonly Lock sync = new();
    private readonly Dictionary<string, List<Record>> releases = new(StringComparer.Ordinal);

    /// <summary>Calls <c>upgrade</c>, <c>rollback</c>, <c>uninstall</c>, <c>recover</c>, <c>revisions</c>, <c>manifest</c>, and
    /// <c>upgrade.locked</c> in the middle of an upgrade.</summary>
    public Faults Faults { get; } = new();

    /// <summary>What it records in place of what it was given; null for just that.</summary>
    public Func<string, string>? Records { get; set; }

    /// <summary>Values of the last upgrade.</summary>
    public string Values { get; private set; } = "";

    public IReadOnlyList<string> History(string ns) =>
        [.. Of(ns).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Number} {r.Status}"))];

    public string? Deployed(string ns) => Of(ns).LastOrDefault(r => r.Status == "deployed")?.Manifest;

    /// <summary>As if somebody had used Helm by hand.</summary>
    public void Interfere(string ns, string manifest, string status = "deployed") => Add(ns, manifest, status);

    public async Task UpgradeInstallAsync(
        ClusterConnection connection,
        ApprovedChart chart,
        string release,
        string ns,
        string valuesYaml,
        HelmCallOptions options,
        Func<string, Task> log,
        CancellationToken cancellationToken
    )
    {
        await Faults.PassAsync("upgrade", cancellationToken);
        if (Of(ns).LastOrDefault()?.Status.StartsWith("pending-", StringComparison.Ordinal) == true)
        {
            throw new HelmException(
                HelmFailure.OperationInProgress,
                "another operation (install/upgrade/rollback) is in progress",
                isTransient: false
            );
        }

        var record = Add(ns, (Records ?? (m => m))(chart.Manifest), "pending-upgrade");
        await Faults.PassAsync("upgrade.locked", cancellationToken);
        Deploy(ns, record);
        Values = valuesYaml;
        options.Clock?.Add(TimeSpan.FromMilliseconds(20));
        await log(options.Redactor.Redact("Release has been upgraded."));
    }

    public async Task RollbackAsync(
        ClusterConnection connection,
        string release,
        string ns,
        int revision,
        CancellationToken cancellationToken,
        HelmClock? clock = null
    )
    {
        await Faults.PassAsync("rollback", cancellationToken);
        var to =
            Of(ns).FirstOrDefault(r => r.Number == revision)
            ?? throw new HelmException(HelmFailure.NotFound, $"release: not found: revision {revision}", isTransient: false);
        Deploy(ns, Add(ns, to.Manifest, "pending-rollback"));
    }

    public async Task UninstallAsync(
        ClusterConnection connection,
        string release,
        string ns,
        CancellationToken cancellationToken,
        HelmClock? clock = null
    )
    {
        await Faults.PassAsync("uninstall", cancellationToken);
        lock (sync)
        {
            releases.Remove(ns);
        }
    }

    public async Task<bool> RecoverPendingAsync(
        ClusterConnection connection,
        string release,
        string ns,
        Func<string, Task> log,
        CancellationToken cancellationToken,
        HelmClock? clock = null
    )
    {
        await Faults.PassAsync("recover", cancellationToken);
        if (Of(ns).LastOrDefault() is not { } last || !last.Status.StartsWith("pending-", StringComparison.Ordinal))
        {
            return false;
        }

        last.Status = "failed";
        if (Of(ns).LastOrDefault(r => r.Status is "deployed" or "superseded") is { } good)
        {
            Deploy(ns, Add(ns, good.Manifest, "pending-rollback"));
        }
        else
        {
            lock (sync)
            {
                releases[ns].Remove(last);
            }
        }

        await log("Helm was interrupted.");
        return true;
    }

    public async Task<IReadOnlyList<HelmRevision>> RevisionsAsync(
        ClusterConnection connection,
        string release,
        string ns,
        CancellationToken cancellationToken
    )
    {
        await Faults.PassAsync("revisions", cancellationToken);
        return [.. Of(ns).Select(r => new HelmRevision(r.Number, r.Status))];
    }

    public async Task<string> ManifestAsync(
        ClusterConnection connection,
        string release,
        string ns,
        int revision,
        CancellationToken cancellationToken
    )
    {
        await Faults.PassAsync("manifest", cancellationToken);
        return Of(ns).FirstOrDefault(r => r.Number == revision)?.Manifest
            ?? throw new ClusterRejectedException("release-missing", $"Helm has no record of revision {revision} of {release} in {ns}.");
    }

    private List<Record> Of(string ns)
    {
        lock (sync)
        {
            return [.. releases.GetValueOrDefault(ns) ?? []];
        }
    }

    private Record Add(string ns, string manifest, string status)
    {
        lock (sync)
        {
            var all = releases.TryGetValue(ns, out var known) ? known : releases[ns] = [];
            var record = new Record
            {
                Number = all.Count == 0 ? 1 : all.Max(r => r.Number) + 1,
                Manifest = manifest,
                Status = "",
            };
            if (status == "deployed")
            {
                all.Where(r => r.Status == "deployed").ToList().ForEach(r => r.Status = "superseded");
            }

            record.Status = status;
            all.Add(record);
            return record;
        }
    }

    private void Deploy(string ns, Record record)
    {
        lock (sync)
        {
            releases[ns].Where(r => r.Status == "deployed").ToList().ForEach(r => r.Status = "superseded");
            record.Status = "deployed";
        }
    }

    private sealed class Record
    {
        public required int Number { get; init; }

        public required string Manifest { get; init; }

        public required string Status { get; set; }
    }
}
