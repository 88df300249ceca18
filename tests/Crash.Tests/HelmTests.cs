using System.Globalization;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Crash.Tests;

/// <summary>SIGKILL of Helm, and of the portal while Helm runs, at 0 to 100 % of Helm's time.</summary>
public sealed class HelmTests(CrashReport report)
{
    private static readonly int[] Percents = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

    [Theory]
    [MemberData(nameof(CrashReport.OnSqlite), MemberType = typeof(CrashReport))]
    public async Task Helm_KilledAtAnyPartOfItsRun_IsRunAgainToTheEnd(Database database)
    {
        await using var world = await CrashWorld.StartAsync(database, report);
        var ledger = world.Ledger;
        var usual = await UsualAsync(world);
        foreach (var percent in CrashReport.Pick(Percents, 1))
        {
            world.Helm.KillNextAfter(usual * percent / 100);
            var entry = await ledger.CreateAsync();
            await EndedAsync(entry, "install");

            world.Helm.KillNextAfter(usual * percent / 100);
            await ledger.ChangeAsync(entry);
            await EndedAsync(entry, "upgrade");

            world.Helm.KillNextAfter(usual * percent / 100);
            await ledger.DeleteAsync(entry);
            await EndedAsync(entry, "uninstall");
        }

        await ledger.HoldsAsync();

        async Task EndedAsync(LedgerEntry entry, string verb)
        {
            var before = world.Helm.Kills.Count;
            await ledger.EndedAsync(entry);
            for (var i = before; i < world.Helm.Kills.Count; i++)
            {
                report.Count($"helm killed in {verb}", database);
            }
        }
    }

    [Theory]
    [MemberData(nameof(CrashReport.OnPostgreSql), MemberType = typeof(CrashReport))]
    public async Task Portal_KilledWhileHelmRuns_EndsThatHelmBeforeTheNext(Database database)
    {
        await using var world = await CrashWorld.StartAsync(database, report);
        var ledger = world.Ledger;
        var usual = await UsualAsync(world);
        var entry = await ledger.CreateAsync();
        await ledger.EndedAsync(entry);
        foreach (var percent in CrashReport.Pick(Percents, 1))
        {
            var runs = world.Helm.Runs.Count;
            await ledger.ChangeAsync(entry);
            await Eventually.TrueAsync(() => world.Helm.Runs.Count > runs, "helm runs");
            await Task.Delay(usual * percent / 100, TestContext.Current.CancellationToken);
            await world.First.Portal.Kill9Async();
            report.Count("portal killed while helm runs", database);
            await world.First.Portal.RestartAsync();
            await ledger.RecoveredAsync(entry, "portal killed while helm runs");
        }

        await ledger.HoldsAsync();
    }

    // Each answer of the API server takes 40 ms more, so that Helm's run is long enough to have parts.
    private static async Task<TimeSpan> UsualAsync(CrashWorld world)
    {
        world.Proxy.Fault("slow", milliseconds: 40);
        var entry = await world.Ledger.CreateAsync();
        var operation = await world.Ledger.EndedAsync(entry);
        return TimeSpan.FromMilliseconds(double.Parse(operation.Text("helmMilliseconds"), CultureInfo.InvariantCulture));
    }
}
