using Portkey.Portal.Provisioning.Clusters.Helm;

namespace Portkey.Portal.Cluster.Tests.Engine;

/// <summary>Releases that a killed Helm left behind.</summary>
public abstract class PendingTests(EngineFixture engine)
{
    [Theory]
    [InlineData(250)]
    [InlineData(450)]
    [InlineData(600)]
    public async Task RecoverPending_AfterHelmWasKilledInTheMiddle_LetsTheNextInstallPass(int milliseconds)
    {
        var (ns, _) = await engine.NamespaceAsync($"killed-{milliseconds}");
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var run = engine.InstallAsync(ns, EngineFixture.Values());
            await Task.Delay(milliseconds);
            engine.KillHelm(ns);
            try
            {
                await run;
            }
            catch (HelmException problem)
            {
                Assert.Equal(HelmFailure.Killed, problem.Failure);
            }

            await engine.Helm.RecoverPendingAsync(engine.Connection, EngineFixture.Release, ns, _ => Task.CompletedTask, default);
            await engine.InstallAsync(ns, EngineFixture.Values());
            Assert.Equal("deployed", await engine.StateAsync(ns));
        }
    }

    [Fact]
    public async Task RecoverPending_OfALockedFirstInstallAndALockedUpgrade_FreesThem()
    {
        var (ns, _) = await engine.NamespaceAsync("locked");

        // Helm is caught while it holds the lock: its work in this namespace takes a while.
        engine.Proxy.Fault("slow", milliseconds: 300, pathPrefix: $"/apis/apps/v1/namespaces/{ns}/");
        foreach (var word in (string[])["pending-install", "pending-upgrade"])
        {
            var run = engine.InstallAsync(ns, EngineFixture.Values());
            while (!await engine.HasHelmSecretAsync(ns, word))
            {
                await Task.Delay(1);
            }

            engine.KillHelm(ns);
            await Assert.ThrowsAsync<HelmException>(() => run);
            Assert.Equal(word, await engine.StateAsync(ns));
            Assert.Equal(
                HelmFailure.OperationInProgress,
                (await Assert.ThrowsAsync<HelmException>(() => engine.InstallAsync(ns, EngineFixture.Values()))).Failure
            );

            Assert.True(
                await engine.Helm.RecoverPendingAsync(engine.Connection, EngineFixture.Release, ns, _ => Task.CompletedTask, default)
            );
            Assert.False(
                await engine.Helm.RecoverPendingAsync(engine.Connection, EngineFixture.Release, ns, _ => Task.CompletedTask, default)
            );
            await engine.InstallAsync(ns, EngineFixture.Values());
            Assert.Equal("deployed", await engine.StateAsync(ns));
        }

        engine.Proxy.Fault("none");
    }

    [Fact]
    public async Task Install_WhenCancelled_LetsHelmEndItself_AndLeavesNoLock()
    {
        var (ns, _) = await engine.NamespaceAsync("cancelled");
        using var cancel = new CancellationTokenSource();
        var run = engine.InstallAsync(ns, EngineFixture.Values(), cancel.Token);
        while (!await engine.HasHelmSecretAsync(ns))
        {
            await Task.Delay(1);
        }

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.False((await engine.Helm.StatusAsync(engine.Connection, EngineFixture.Release, ns, default))?.IsPending);
    }
}
