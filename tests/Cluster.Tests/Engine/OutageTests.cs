using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Health;

namespace Portkey.Portal.Cluster.Tests.Engine;

/// <summary>An API server that goes away, is slow, or cuts what it was sending.</summary>
public abstract class OutageTests(EngineFixture engine)
{
    [Fact]
    public async Task Wait_WhoseWatchesAreCut_GoesOnAndSeesTheEnd()
    {
        var (ns, _) = await engine.NamespaceAsync("cut");
        await engine.InstallAsync(ns, EngineFixture.Values());
        var waiting = engine.WaitAsync(ns);
        for (var i = 0; i < 8 && !waiting.IsCompleted; i++)
        {
            await Task.Delay(100);
            engine.Proxy.Fault("cutWatch");
        }

        var result = await waiting;
        Assert.True(result.Succeeded, $"{result.Code} {result.Message}");
    }

    [Fact]
    public async Task Wait_OverAnOutage_MissesNothingThatHappenedMeanwhile()
    {
        var (ns, _) = await engine.NamespaceAsync("outage");
        await engine.ServingAsync(ns);
        await engine.Cluster.KubectlAsync("scale", "deployment", EngineFixture.Release, "-n", ns, "--replicas=2");
        var waiting = engine.WaitAsync(ns);
        await Task.Delay(200);
        engine.Proxy.Fault("refuse");
        await Task.Delay(3000);
        engine.Proxy.Fault("none");
        Assert.True((await waiting).Succeeded);
        Assert.Equal(
            "2",
            await engine.Cluster.KubectlAsync(
                "get",
                "deployment",
                EngineFixture.Release,
                "-n",
                ns,
                "-o",
                "jsonpath={.status.readyReplicas}"
            )
        );
    }

    [Fact]
    public async Task Wait_WhoseListsAreThrottledAndFail_GoesOn()
    {
        var (ns, _) = await engine.NamespaceAsync("busy");
        await engine.InstallAsync(ns, EngineFixture.Values());
        engine.Proxy.Fault("429", count: 6, pathPrefix: "/apis/apps/v1/");
        var waiting = engine.WaitAsync(ns);
        await Task.Delay(500);
        engine.Proxy.Fault("500", count: 6, pathPrefix: "/api/v1/namespaces/");
        engine.Proxy.Fault("cutWatch");
        Assert.True((await waiting).Succeeded);
        engine.Proxy.Fault("none");
    }

    [Fact]
    public async Task Calls_ToAServerThatIsAway_AreTransient_AndNeverMeanThatNothingIsThere()
    {
        var (ns, id) = await engine.NamespaceAsync("away");
        await engine.ServingAsync(ns);
        engine.Proxy.Fault("refuse");
        try
        {
            Assert.True(
                (
                    await Assert.ThrowsAsync<HelmException>(() =>
                        engine.Helm.StatusAsync(engine.Connection, EngineFixture.Release, ns, default)
                    )
                ).IsTransient
            );
            Assert.True(
                (
                    await Assert.ThrowsAsync<HelmException>(() =>
                        engine.Helm.UninstallAsync(engine.Connection, EngineFixture.Release, ns, default)
                    )
                ).IsTransient
            );
            await Assert.ThrowsAsync<ClusterUnreachableException>(() => engine.Inspector.ObserveClusterAsync(engine.Connection, default));
            await Assert.ThrowsAsync<ClusterUnreachableException>(() =>
                engine.Writer.DeleteNamespaceAsync(engine.Connection, ns, id, default)
            );
            Assert.False((await new GatewayProbe().ProbeAsync(engine.Connection, ns, EngineFixture.Release, 8787, "/", default)).Ran);
        }
        finally
        {
            engine.Proxy.Fault("none");
        }

        Assert.Equal("deployed", await engine.StateAsync(ns));
    }

    [Theory]
    [InlineData("/", false)]
    [InlineData("/api/v1/namespaces/", true)]
    public async Task Probe_WithoutAnAnswer_KnowsWhetherTheGatewayOrTheApiServerIsSilent(string silent, bool ran)
    {
        var (ns, _) = await engine.NamespaceAsync(ran ? "silent-pod" : "silent-api");
        await engine.ServingAsync(ns);
        engine.Proxy.Fault("slow", milliseconds: 60_000, pathPrefix: silent);
        try
        {
            var result = await new GatewayProbe().ProbeAsync(engine.Connection, ns, EngineFixture.Release, 8787, "/", default);
            Assert.False(result.Ok);
            Assert.True(ran == result.Ran, result.Detail);
        }
        finally
        {
            engine.Proxy.Fault("none");
        }
    }
}
