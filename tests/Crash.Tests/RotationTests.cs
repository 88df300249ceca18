using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Crash.Tests;

/// <summary>
/// A rotation that is killed or fails at any of its steps, while a client sends requests all the time: no request fails, the old version
/// is valid until the new one is proven, and in the end versions, cluster and request say the same.
/// </summary>
public sealed class RotationTests(CrashReport report)
{
    private const string Fault = "portal killed in a rotation";

    // In the order in which one rotation meets them; the first half is before the proof, so the old version must still be valid there.
    private static readonly string[] BeforeProof =
    [
        .. new[] { "preflight", "namespace", "secrets", "guardrails", "helm", "wait", "health", "probe", "soak" }.SelectMany(s =>
            new[] { $"{s}.before", $"{s}.after" }
        ),
        "soak.before-commit",
        "soak.after-commit",
        "soaking.before-commit",
        "soaking.after-commit",
    ];

    private static readonly string[] AfterProof =
    [
        "retire.before",
        "retire.disabled",
        "retire.after",
        "succeeded.before-commit",
        "succeeded.after-commit",
        "release.before-commit",
    ];

    [Fact]
    public async Task Rotation_KilledAtEveryPoint_LosesNoRequest_AndDisablesOnlyWhatIsReplaced()
    {
        await using var world = await RotationWorld.StartAsync();
        var current = 1;
        foreach (var points in CrashReport.Pick(BeforeProof, 2).Concat(CrashReport.Pick(AfterProof, 1)).Chunk(3))
        {
            foreach (var point in points)
            {
                world.Points.Kill(point);
            }

            var old = current++;
            Assert.Equal($"v{current}", await world.StoreAsync());
            var operation = await world.RotateAsync();
            while (world.Points.Waiting.Count > 0)
            {
                await Eventually.TrueAsync(
                    () => world.Portal.HasExited,
                    $"one of {string.Join(", ", world.Points.Waiting)} is reached",
                    TimeSpan.FromSeconds(180)
                );
                report.Count(Fault, Database.Sqlite);
                var proven = AfterProof.Any(world.Points.WasHit);
                await world.Portal.RelaunchAsync();
                if (!proven)
                {
                    await world.Portal.WaitReadyAsync();
                    await world.SignInAsync();
                    Assert.Contains($"v{old} current", await world.VersionsAsync(), StringComparison.Ordinal);
                }
            }

            await world.Portal.WaitReadyAsync();
            await world.SignInAsync();
            await world.Admin.SucceededAsync(operation);
            Assert.EndsWith($"v{old} disabled, v{current} current", await world.VersionsAsync(), StringComparison.Ordinal);
        }

        NothingWasLost(world);
    }

    [Fact]
    public async Task Rotation_ThatFailsAtAnyStep_GoesBackToTheOldVersion_AndLosesNoRequest()
    {
        await using var world = await RotationWorld.StartAsync();
        var before = await world.ServedSecretAsync();

        // A wrong value is found before anything is touched.
        await world.StoreAsync("not-the-password");
        var failed = await FailedAsync(world, await world.RotateAsync(), "redis-refused");
        Assert.Contains("REDIS_URL v1 is in use and stays valid; REDIS_URL v2 is not used", failed, StringComparison.Ordinal);
        Assert.Equal("v1 current, v2 pending", await world.VersionsAsync());

        // A value that stops working in between is found by the live probe, when the pods run with it already.
        await world.StoreAsync();
        world.Points.Pause("probe.before");
        var operation = await world.RotateAsync();
        await Eventually.TrueAsync(() => world.Points.IsPaused("probe.before"), "the rotation comes to its probe");
        Assert.NotEqual(before, await world.ServedSecretAsync());
        await world.RevokeNewestAsync();
        world.Points.Resume("probe.before");
        await FailedAsync(world, operation, "probe-failed");
        await ServesAsync(world, before);
        Assert.Equal("v1 current, v2 pending, v3 pending", await world.VersionsAsync());

        // Pods that never come up: their Secret is taken away before Helm runs.
        await world.StoreAsync();
        world.Points.Pause("helm.before");
        operation = await world.RotateAsync();
        await Eventually.TrueAsync(() => world.Points.IsPaused("helm.before"), "the rotation comes to Helm");
        await world.DeleteSecretsButAsync(before);
        world.Points.Resume("helm.before");
        await FailedAsync(world, operation, "");
        await ServesAsync(world, before);
        Assert.Equal("v1 current, v2 pending, v3 pending, v4 pending", await world.VersionsAsync());

        // Stopped by a person while both versions are valid.
        await world.StoreAsync();
        operation = await world.RotateAsync();
        await Eventually.TrueAsync(
            async () => (await world.Admin.OperationAsync(operation))["soakUntil"] is not null,
            "the new version is being watched"
        );
        (await world.Admin.PostAsync($"/api/v1/operations/{operation}/cancel", new { reason = "not now" })).Expect(
            System.Net.HttpStatusCode.OK
        );
        Assert.Equal("cancelled", (await world.Admin.FinishedAsync(operation)).Text("state"));
        await ServesAsync(world, before);

        // A cluster that answers badly for a while only makes it slower, and what failed before is in nobody's way.
        await world.StoreAsync();
        await world.Sandbox.FaultAsync("429", count: 20);
        operation = await world.RotateAsync();
        await world.Sandbox.FaultAsync("500", count: 10);
        await world.Admin.SucceededAsync(operation);
        Assert.EndsWith("v6 current", await world.VersionsAsync(), StringComparison.Ordinal);
        Assert.Contains("v1 disabled", await world.VersionsAsync(), StringComparison.Ordinal);
        NothingWasLost(world);
    }

    [Fact]
    public async Task Rotation_WhenTheVaultRefusesThrottlesOrHangs_WaitsOrGoesBack_AndLosesNoRequest()
    {
        await using var world = await RotationWorld.StartAsync(onKeyVault: true);
        var faults = world.Azure!.Faults;
        var before = await world.ServedSecretAsync();

        // What does not pass by itself ends it, before Helm and after the soak alike; what was in use stays in use.
        var version = 1;
        foreach (var point in (string[])["preflight.before", "secrets.before", "retire.before"])
        {
            await world.StoreAsync();
            version++;
            var operation = await AtAsync(world, point, () => faults.Forbid("ForbiddenByRbac", calls: 1000));
            var failed = await FailedAsync(world, operation, "");
            faults.Clear();
            Assert.Contains("REDIS_URL v1", failed, StringComparison.Ordinal);
            Assert.Contains($"REDIS_URL v{version} is not used", failed, StringComparison.Ordinal);
            await ServesAsync(world, before);
            Assert.StartsWith("v1 current", await world.VersionsAsync(), StringComparison.Ordinal);
        }

        // What passes is waited for.
        foreach (
            var (point, misbehave) in ((string, Action)[])
                [
                    ("secrets.before", () => faults.Throttle(calls: 3)),
                    ("secrets.before", () => faults.Break(calls: 2).Hang().Fail(500, "InternalServerError", calls: 3)),
                    ("retire.before", () => faults.Throttle(calls: 2).Break(calls: 2)),
                ]
        )
        {
            await world.StoreAsync();
            await world.Admin.SucceededAsync(await AtAsync(world, point, misbehave));
            faults.Clear();
        }

        Assert.EndsWith("v7 current", await world.VersionsAsync(), StringComparison.Ordinal);
        Assert.Contains("v1 disabled", await world.VersionsAsync(), StringComparison.Ordinal);
        var (_, versions) = Assert.Single(
            world.Azure.Store(world.Azure.Address.Host).Secrets,
            s => s.Key.EndsWith("redis-url", StringComparison.Ordinal)
        );
        Assert.True(versions[^1].IsEnabled);
        Assert.All(versions.SkipLast(1), v => Assert.False(v.IsEnabled));
        NothingWasLost(world);
    }

    // Holds it at a point until the vault is told what to do.
    private static async Task<string> AtAsync(RotationWorld world, string point, Action misbehave)
    {
        world.Points.Pause(point);
        var operation = await world.RotateAsync();
        await Eventually.TrueAsync(() => world.Points.IsPaused(point), $"the rotation comes to {point}", TimeSpan.FromSeconds(60));
        misbehave();
        world.Points.Resume(point);
        return operation;
    }

    private static async Task<string> FailedAsync(RotationWorld world, string operation, string code)
    {
        var ended = await world.Admin.FinishedAsync(operation);
        Assert.True(ended.Text("state") == "failed" && (code.Length == 0 || ended.Text("errorCode") == code), ended.ToJsonString());
        Assert.Contains("stays valid", ended.Text("errorMessage"), StringComparison.Ordinal);
        return ended.Text("errorMessage");
    }

    private static Task ServesAsync(RotationWorld world, string secret) =>
        Eventually.TrueAsync(
            async () => await world.ServedSecretAsync() == secret,
            "the pods run with the old version again",
            TimeSpan.FromSeconds(30)
        );

    private static void NothingWasLost(RotationWorld world)
    {
        Assert.True(
            world.Traffic.Failed.Count == 0,
            $"{world.Traffic.Failed.Count} of {world.Traffic.Sent} requests failed:\n{string.Join('\n', world.Traffic.Failed.Take(20))}"
        );
        Assert.True(world.Traffic.Sent > 100, $"only {world.Traffic.Sent} requests were sent");
    }
}
