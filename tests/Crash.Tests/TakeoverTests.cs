using Portkey.Portal.Shared;

namespace Portkey.Portal.Crash.Tests;

/// <summary>A worker that stands still (SIGSTOP) past its lease, and wakes up after a second one has done its work.</summary>
public sealed class TakeoverTests(CrashReport report)
{
    // Not inside a transaction: there SQLite's lock is held by the one that stands still, and nobody else can write until it goes on.
    private static readonly string[] Points =
    [
        "claim.after-commit",
        "started.after-commit",
        "namespace.before",
        "namespace.after",
        "secrets.before",
        "guardrails.before",
        "helm.before",
        "helm.marked",
        "helm.after",
        "wait.before",
        "health.before",
        "health.after",
    ];

    private static readonly string[] InTransactions = ["started.before-commit", "succeeded.before-commit"];

    [Theory]
    [MemberData(nameof(CrashReport.OnPostgreSql), MemberType = typeof(CrashReport))]
    public async Task Worker_StoppedPastItsLease_DoesNothingMoreWhenItWakes(Database database)
    {
        await using var world = await CrashWorld.StartAsync(database, report, portals: 2);
        var ledger = world.Ledger;
        var entry = await ledger.CreateAsync();
        await ledger.EndedAsync(entry);
        foreach (var point in CrashReport.Pick([.. Points, .. database == Database.PostgreSql ? InTransactions : []], 2))
        {
            // Whoever of the two gets there first stands still, and the other one does it.
            world.First.Points.Pause(point);
            world.Second.Points.Pause(point);
            await ledger.SignInAsync(world.Second.Portal);
            await ledger.ChangeAsync(entry);
            await Eventually.TrueAsync(
                () => world.First.Points.IsPaused(point) || world.Second.Points.IsPaused(point),
                $"a worker reaches {point}"
            );
            var (frozen, other) = world.First.Points.IsPaused(point) ? (world.First, world.Second) : (world.Second, world.First);
            frozen.Portal.Freeze();

            // Both may have run for the same operation: the one that lost the race passes the same point with nothing in its hands.
            other.Points.Disarm(point);
            other.Points.Resume(point);
            report.Count("worker stopped past its lease", database);
            await ledger.SignInAsync(other.Portal);
            await ledger.RecoveredAsync(entry, "worker stopped past its lease");

            frozen.Points.Resume(point);
            frozen.Portal.Thaw();
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken); // time enough to do harm
            await ledger.HoldsAsync();
        }
    }

    [Fact]
    public async Task Workers_WithClocksAnHourApart_TakeTurns()
    {
        foreach (var offset in CrashReport.Pick(["+1h", "-1h"], 1))
        {
            await using var world = await CrashWorld.StartAsync(
                Database.PostgreSql,
                report,
                portals: 2,
                new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["LD_PRELOAD"] = Tools.FakeTime,
                    ["FAKETIME"] = offset,
                    ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
                    ["FAKETIME_DONT_RESET"] = "1",
                    ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0", // or every timed wait comes back at once, and the process spins
                }
            );
            var ledger = world.Ledger;
            var entries = new List<LedgerEntry>();
            for (var i = 0; i < (CrashReport.IsLong ? 4 : 2); i++)
            {
                entries.Add(await ledger.CreateAsync());
            }

            report.Count($"workers' clocks apart ({offset})", Database.PostgreSql);
            foreach (var entry in entries)
            {
                await ledger.EndedAsync(entry);
            }

            // And when one of them dies at work, the other takes over when the lease is over, not an hour later.
            foreach (var dying in CrashReport.Pick([world.First, world.Second], 1))
            {
                var other = dying == world.First ? world.Second : world.First;
                dying.Points.Kill("helm.before");
                while (!dying.Portal.HasExited)
                {
                    // Who hears of it first takes it: the one that is asked.
                    await ledger.SignInAsync(dying.Portal);
                    await ledger.ChangeAsync(entries[0]);
                    await ledger.SignInAsync(other.Portal);
                    await ledger.RecoveredAsync(entries[0], "workers' clocks apart, one killed");
                }

                report.Count("workers' clocks apart, one killed", Database.PostgreSql);
                await dying.Portal.RestartAsync();
            }

            await ledger.HoldsAsync();
        }
    }
}
