namespace Portkey.Portal.Crash.Tests;

/// <summary>SIGKILL of the portal while a change fails and the last good revision comes back.</summary>
public sealed class FailedChangeTests(CrashReport report)
{
    private const string Fault = "portal killed at a failpoint";

    [Theory]
    [MemberData(nameof(CrashReport.OnSqlite), MemberType = typeof(CrashReport))]
    public async Task Portal_KilledWhileAChangeFails_GoesBackToTheLastGoodRevision(Database database)
    {
        await using var world = await CrashWorld.StartAsync(database, report);
        var ledger = world.Ledger;
        var entry = await ledger.CreateAsync();
        await ledger.EndedAsync(entry);
        foreach (
            var group in CrashReport.Pick<string[]>(
                [
                    ["wait.before", "restore.after"],
                    ["restore.before", "failed.before-commit"],
                    ["failed.after-commit"],
                ],
                1
            )
        )
        {
            foreach (var point in group)
            {
                world.First.Points.Kill(point);
            }

            var good = entry.Timeout;
            await ledger.ChangeAsync(entry, imageTag: "does-not-exist");
            await world.OutliveAsync(Fault);
            await ledger.EndedAsync(entry, "failed");
            Assert.Equal("failed", (await ledger.Admin.EnvironmentAsync(entry.Id))["state"]!.ToString());
            await ledger.ServesAsync(entry, good);

            // What is approved next replaces it.
            await ledger.ChangeAsync(entry);
            await ledger.EndedAsync(entry);
        }

        await ledger.HoldsAsync();
    }
}
