namespace Portkey.Portal.Crash.Tests;

/// <summary>SIGKILL of the portal at every named point of a creation, a change, a rotation, a failure and a removal. One class for each
/// database, so that both run at once.</summary>
public abstract class FailpointTests(CrashReport report, Database database)
{
    private const string Fault = "portal killed at a failpoint";

    private static readonly string[] Commits =
    [
        .. new[] { "approve", "claim", "started", "mark", "succeeded", "release" }.SelectMany(c =>
            new[] { $"{c}.before-commit", $"{c}.after-commit" }
        ),
    ];

    // After these the operation is over, so nothing behind them is reached again.
    private static readonly string[] Endings = ["succeeded.after-commit", "release.before-commit", "release.after-commit"];

    private static readonly string[] Steps =
    [
        .. new[] { "namespace", "secrets", "guardrails", "helm", "wait", "health" }.SelectMany(Around),
        "helm.started",
        "helm.marked",
    ];

    // Each alone, in a change whose image does not exist: pods that come may be ready at the first look, and then nothing is waited for.
    private static readonly string[] Waiting =
    [
        "waiting.before-commit",
        "waiting.after-commit",
        "resumed",
        "called.before-commit",
        "called.after-commit",
    ];

    private static readonly string[] Removal =
    [
        "claim.after-commit",
        "uninstall.before",
        "uninstall.after",
        "remove-namespace.before",
        "remove-namespace.after",
        "retire.before",
        "retire.disabled",
        "retire.after",
        "succeeded.before-commit",
        "succeeded.after-commit",
        "release.before-commit",
    ];

    [Fact]
    public async Task Portal_KilledAtEveryPoint_DoesWhatWasApprovedOnce()
    {
        await using var world = await CrashWorld.StartAsync(database, report);
        var ledger = world.Ledger;

        // Proposing and creating: each group of points meets a new environment.
        LedgerEntry entry = null!;
        foreach (
            var group in Groups(
                CrashReport.Pick([.. new[] { "propose.before-commit", "propose.after-commit" }.Concat(Commits).Concat(Steps)], 4)
            )
        )
        {
            entry = await KilledAsync(world, group, ledger.CreateAsync);
        }

        foreach (
            var group in Groups(
                CrashReport.Pick([.. Commits, .. Steps, .. Enumerable.Range(2, 11).Select(visit => $"mark.before-commit {visit}")], 2)
            )
        )
        {
            await KilledAsync(world, group, () => After(entry, ledger.ChangeAsync(entry)));
        }

        foreach (var group in Groups(CrashReport.Pick([.. Steps, .. Around("retire"), "retire.disabled"], 1)))
        {
            await KilledAsync(world, group, () => After(entry, ledger.RotateAsync(entry, world.First.Portal)));
        }

        foreach (var point in CrashReport.Pick(Waiting, 2))
        {
            world.First.Points.Kill(point);
            var good = entry.Timeout;
            await ledger.ChangeAsync(entry, imageTag: "does-not-exist");
            await world.OutliveAsync(Fault);
            await ledger.EndedAsync(entry, "failed");
            await ledger.ServesAsync(entry, good);
            await ledger.ChangeAsync(entry);
            await ledger.EndedAsync(entry);
        }

        await ledger.HoldsAsync();
        foreach (var group in Groups(CrashReport.Pick(Removal, 1)))
        {
            entry = ledger.Environments.Last(e => !e.Deleted);
            await KilledAsync(world, group, () => After(entry, ledger.DeleteAsync(entry)));
        }

        await ledger.HoldsAsync();
    }

    private static async Task<LedgerEntry> KilledAsync(CrashWorld world, IReadOnlyList<string> points, Func<Task<LedgerEntry>> order)
    {
        foreach (var point in points)
        {
            var words = point.Split(' ');
            world.First.Points.Kill(
                words[0],
                words.Length > 1 ? int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture) : 1
            );
        }

        var entry = await order();
        await world.OutliveAsync(Fault);
        await world.Ledger.RecoveredAsync(entry, Fault);
        return entry;
    }

    private static async Task<LedgerEntry> After(LedgerEntry entry, Task order)
    {
        await order;
        return entry;
    }

    /// <summary>Groups that one operation can meet whole: at most six points, no name twice, one ending.</summary>
    private static List<List<string>> Groups(IEnumerable<string> points)
    {
        var groups = new List<List<string>>();
        foreach (var point in points)
        {
            var fits = groups.Find(g =>
                g.Count < 6 && !g.Exists(p => Name(p) == Name(point)) && !(Endings.Contains(point) && g.Exists(Endings.Contains))
            );
            if (fits is null)
            {
                groups.Add([point]);
            }
            else
            {
                fits.Add(point);
            }
        }

        return groups;

        static string Name(string point) => point.Split(' ')[0];
    }

    private static string[] Around(string step) => [$"{step}.before", $"{step}.after"];
}

public sealed class SqliteFailpointTests(CrashReport report) : FailpointTests(report, Database.Sqlite);

public sealed class PostgreSqlFailpointTests(CrashReport report) : FailpointTests(report, Database.PostgreSql);
