using Portkey.Portal.Shared;

namespace Portkey.Portal.Crash.Tests;

/// <summary>The API server and the database going away, being slow and answering errors in the middle of the work.</summary>
public sealed class OutageTests(CrashReport report)
{
    private static readonly string[] Points = ["namespace.before", "secrets.before", "guardrails.before", "helm.before", "helm.marked", "wait.before", "health.before"];

    [Theory]
    [InlineData(Database.Sqlite)]
    [InlineData(Database.PostgreSql)]
    public async Task ApiServer_StoppedAndStartedAtAnyStep_IsWaitedFor(Database database)
    {
        await using var world = await CrashWorld.StartAsync(database, report);
        var ledger = world.Ledger;
        var entry = await ledger.CreateAsync();
        await ledger.EndedAsync(entry);
        foreach (var point in CrashReport.Pick(Points, 2))
        {
            world.First.Points.Pause(point);
            await ledger.ChangeAsync(entry);
            await Eventually.TrueAsync(() => world.First.Points.IsPaused(point), $"{point} is reached");
            await world.Sandbox.KillAsync();
            report.Count("API server stopped and started", database);
            world.First.Points.Resume(point);
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            await world.Sandbox.RestartAsync();
            await ledger.RecoveredAsync(entry, "API server stopped and started");
        }

        await ledger.HoldsAsync();
    }

    [Theory]
    [InlineData(Database.Sqlite)]
    [InlineData(Database.PostgreSql)]
    public async Task ApiServer_SlowOrRefusing_IsAskedAgain(Database database)
    {
        await using var world = await CrashWorld.StartAsync(database, report);
        var ledger = world.Ledger;
        var entry = await ledger.CreateAsync();
        await ledger.EndedAsync(entry);
        foreach (var point in CrashReport.Pick(Points, 2))
        {
            foreach (var (mode, count) in new[] { ("429", 6), ("500", 3), ("slow", 3) })
            {
                world.First.Points.Pause(point);
                await ledger.ChangeAsync(entry);
                await Eventually.TrueAsync(() => world.First.Points.IsPaused(point), $"{point} is reached");
                await world.Sandbox.FaultAsync(mode, milliseconds: 2000, count);
                for (var i = 0; i < count; i++)
                {
                    report.Count(mode == "slow" ? "API server slow (2 s)" : $"API server answers {mode}", database);
                }

                world.First.Points.Resume(point);
                await ledger.RecoveredAsync(entry, $"API server {mode}");
                await world.Sandbox.FaultAsync("none");
            }
        }

        await ledger.HoldsAsync();
    }

    [Fact]
    public async Task PostgreSql_RestartedAtAnyStep_LosesNothing()
    {
        await using var world = await CrashWorld.StartAsync(Database.PostgreSql, report);
        var ledger = world.Ledger;
        var entry = await ledger.CreateAsync();
        await ledger.EndedAsync(entry);
        foreach (var point in CrashReport.Pick([.. Points, "claim.after-commit", "started.before-commit", "helm.after", "succeeded.before-commit", "succeeded.after-commit", "release.before-commit"], 3))
        {
            world.First.Points.Pause(point);
            await ledger.ChangeAsync(entry);
            await Eventually.TrueAsync(() => world.First.Points.IsPaused(point), $"{point} is reached");
            await world.Server!.KillAsync();
            report.Count("PostgreSQL killed and started", Database.PostgreSql);
            world.First.Points.Resume(point);
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            await world.Server.StartAgainAsync();
            await ledger.RecoveredAsync(entry, "PostgreSQL killed and started");
        }

        await ledger.HoldsAsync();
    }
}
