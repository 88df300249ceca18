using Portkey.Portal.Shared;

namespace Portkey.Portal.Crash.Tests;

/// <summary>The API server and the database going away, being slow and answering errors in the middle of the work.</summary>
public sealed class OutageTests(CrashReport report)
{
    private static readonly string[] Points =
    [
        "namespace.before",
        "secrets.before",
        "guardrails.before",
        "helm.before",
        "helm.marked",
        "wait.before",
        "health.before",
    ];

    [Theory]
    [MemberData(nameof(CrashReport.OnSqlite), MemberType = typeof(CrashReport))]
    public async Task ApiServer_StoppedAndStartedAtAnyStep_IsWaitedFor(Database database)
    {
        await using var world = await CrashWorld.StartAsync(database, report, ownCluster: true);
        var ledger = world.Ledger;
        var entry = await ledger.CreateAsync();
        await ledger.EndedAsync(entry);
        foreach (var point in CrashReport.Pick(Points, 1))
        {
            world.First.Points.Pause(point);
            await ledger.ChangeAsync(entry);
            await Eventually.TrueAsync(() => world.First.Points.IsPaused(point), $"{point} is reached", CrashWorld.ClusterPatience);
            await world.StopApiServerAsync();
            report.Count("API server stopped and started", database);
            world.First.Points.Resume(point);
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            await world.StartApiServerAsync();
            await ledger.RecoveredAsync(entry, "API server stopped and started", CrashWorld.ClusterPatience);
        }

        await ledger.HoldsAsync();
    }

    [Theory]
    [MemberData(nameof(CrashReport.OnPostgreSql), MemberType = typeof(CrashReport))]
    public async Task ApiServer_SlowOrRefusing_IsAskedAgain(Database database)
    {
        await using var world = await CrashWorld.StartAsync(database, report);
        var ledger = world.Ledger;
        var entry = await ledger.CreateAsync();
        await ledger.EndedAsync(entry);
        foreach (var point in CrashReport.Pick(Points, 1))
        {
            foreach (var (mode, count) in new[] { ("429", 6), ("500", 3), ("slow", 3) })
            {
                world.First.Points.Pause(point);
                await ledger.ChangeAsync(entry);
                await Eventually.TrueAsync(() => world.First.Points.IsPaused(point), $"{point} is reached");
                world.Proxy.Fault(mode, milliseconds: 2000, count);
                world.First.Points.Resume(point);
                var fault = mode == "slow" ? "API server slow (2 s a call)" : $"API server answers {mode}";
                await ledger.RecoveredAsync(entry, fault);
                Assert.True(world.Proxy.Taken > 0, $"{mode} at {point} met nothing");
                report.Count(fault, database);
                world.Proxy.Fault("none");
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
        foreach (
            var point in CrashReport.Pick(
                [
                    .. Points,
                    "claim.after-commit",
                    "started.before-commit",
                    "helm.after",
                    "succeeded.before-commit",
                    "succeeded.after-commit",
                    "release.before-commit",
                ],
                2
            )
        )
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

    [Fact]
    public async Task PostgreSql_StandingStillPastTheLease_FindsNoHelmAtWorkWhenItGoesOn()
    {
        const string fault = "PostgreSQL stood still past the lease";
        await using var world = await CrashWorld.StartAsync(Database.PostgreSql, report);
        var ledger = world.Ledger;
        var entry = await ledger.CreateAsync();
        await ledger.EndedAsync(entry);
        foreach (var point in CrashReport.Pick(Points, 1).Append("helm.marked").Distinct(StringComparer.Ordinal))
        {
            world.Proxy.Fault("slow", milliseconds: 400); // so that Helm would still run when the lease is over
            world.First.Points.Pause(point);
            await ledger.ChangeAsync(entry);
            await Eventually.TrueAsync(() => world.First.Points.IsPaused(point), $"{point} is reached");
            world.Server!.Freeze();
            report.Count(fault, Database.PostgreSql);
            world.First.Points.Resume(point);
            await Task.Delay(
                TimeSpan.FromSeconds(CrashWorld.LeaseSeconds) + TimeSpan.FromSeconds(1),
                TestContext.Current.CancellationToken
            );
            Assert.Equal(0, world.Helm.AtWork);
            world.Server.Thaw();
            world.Proxy.Fault("none");
            await ledger.RecoveredAsync(entry, fault);
        }

        await ledger.HoldsAsync();
    }
}
