using System.Globalization;
using System.Text.Json;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

public sealed partial class HelmRunner
{
    /// <summary>Installs or upgrades to exactly the approved text. The values are for anyone who asks Helm for them; nothing that is
    /// applied follows from them.</summary>
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
        HelmNames.Check(release, ns);
        var folder = process.Folders.PrivateFolder();
        try
        {
            await chart.WriteAsync(folder, cancellationToken);
            await UpgradeAsync(connection, folder, release, ns, valuesYaml, options, log, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task UpgradeAsync(
        ClusterConnection connection,
        string folder,
        string release,
        string ns,
        string valuesYaml,
        HelmCallOptions options,
        Func<string, Task> log,
        CancellationToken cancellationToken
    )
    {
        string[] arguments =
        [
            "upgrade",
            release,
            HelmNames.Chart(folder),
            "--install",
            "--skip-crds",
            "--namespace",
            ns,
            "--values",
            "-",
            "--reset-values",
            "--history-max",
            Text(HistoryKept),
            "--hide-notes",
            "--timeout",
            Seconds(options.Timeout),
            options.Wait ? "--wait=watcher" : "--wait=hookOnly",
        ];
        var call = new HelmCall(arguments)
        {
            Input = valuesYaml,
            Lock = Key(connection, release, ns),
            OnLine = line => string.IsNullOrWhiteSpace(line) ? Task.CompletedTask : log(options.Redactor.Redact(line)),
        };
        await RunAsync("apply the release", connection, call, options.Redactor, options.Clock, cancellationToken);
    }

    /// <summary>What is installed; null only where Helm itself says that there is no such release.</summary>
    public async Task<HelmStatus?> StatusAsync(
        ClusterConnection connection,
        string release,
        string ns,
        CancellationToken cancellationToken,
        HelmClock? clock = null
    )
    {
        HelmNames.Check(release, ns);
        var call = new HelmCall(["status", release, "--namespace", ns, "--output", "json"]);
        if (
            await UnlessMissingAsync(() => RunAsync("read the release", connection, call, Redactor.Default, clock, cancellationToken))
            is not { } output
        )
        {
            return null;
        }

        // { "name": …, "info": { "status": "deployed", "description": … }, "version": 3, "config": …, "manifest": … }: only these three are
        // read.
        using var json = Parse(output);
        var info = json.RootElement.GetProperty("info");
        return new HelmStatus(
            json.RootElement.GetProperty("version").GetInt32(),
            Word(info, "status"),
            Redactor.Default.Redact(Word(info, "description"))
        );
    }

    /// <summary>Revisions, oldest first; empty where there is no such release.</summary>
    public async Task<IReadOnlyList<HelmHistoryEntry>> HistoryAsync(
        ClusterConnection connection,
        string release,
        string ns,
        CancellationToken cancellationToken,
        HelmClock? clock = null
    )
    {
        HelmNames.Check(release, ns);
        var call = new HelmCall(["history", release, "--namespace", ns, "--output", "json", "--max", Text(HistoryKept)]);
        if (
            await UnlessMissingAsync(() =>
                RunAsync("read the release's history", connection, call, Redactor.Default, clock, cancellationToken)
            )
            is not { } output
        )
        {
            return [];
        }

        using var json = Parse(output);
        return
        [
            .. json
                .RootElement.EnumerateArray()
                .Select(e => new HelmHistoryEntry(
                    e.GetProperty("revision").GetInt32(),
                    Word(e, "status"),
                    Word(e, "chart"),
                    Word(e, "app_version"),
                    Redactor.Default.Redact(Word(e, "description")),
                    DateTimeOffset.TryParse(Word(e, "updated"), CultureInfo.InvariantCulture, out var at) ? at.UtcDateTime : null
                ))
                .OrderBy(e => e.Revision),
        ];
    }

    /// <summary>Back to an earlier revision of Helm's.</summary>
    public async Task RollbackAsync(
        ClusterConnection connection,
        string release,
        string ns,
        int revision,
        CancellationToken cancellationToken,
        HelmClock? clock = null
    )
    {
        HelmNames.Check(release, ns);
        var call = new HelmCall(["rollback", release, Text(revision), "--namespace", ns, "--history-max", Text(HistoryKept)])
        {
            Lock = Key(connection, release, ns),
        };
        await RunAsync($"go back to revision {revision}", connection, call, Redactor.Default, clock, cancellationToken);
    }

    /// <summary>Removes the release; does nothing where there is none.</summary>
    public async Task UninstallAsync(
        ClusterConnection connection,
        string release,
        string ns,
        CancellationToken cancellationToken,
        HelmClock? clock = null
    )
    {
        HelmNames.Check(release, ns);
        var call = new HelmCall(["uninstall", release, "--namespace", ns, "--ignore-not-found"]) { Lock = Key(connection, release, ns) };
        await UnlessMissingAsync(() => RunAsync("remove the release", connection, call, Redactor.Default, clock, cancellationToken));
    }

    // The only place where a failure reads as 'not there': Helm's own word for it, never an unreachable cluster.
    private static async Task<HelmOutput?> UnlessMissingAsync(Func<Task<HelmOutput>> run)
    {
        try
        {
            return await run();
        }
        catch (HelmException problem) when (problem.Failure == HelmFailure.NotFound)
        {
            return null;
        }
    }

    private static JsonDocument Parse(HelmOutput output)
    {
        try
        {
            return BoundedJson.Document(output.Stdout, ReadLimits.Tool);
        }
        catch (Exception problem) when (problem is JsonException or UnreadableException)
        {
            throw new HelmException(HelmFailure.Unknown, "Helm answered with something that is not JSON.", isTransient: true, problem);
        }
    }

    private static string Word(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => $"{Math.Max(1, (long)time.TotalSeconds)}s";
}
