using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Engine.Health;

namespace Portkey.Portal.Cluster.Tests.Engine;

/// <summary>Install, upgrade, fail, roll back, remove: with the real Helm and the real gateway.</summary>
public abstract class ReleaseTests(EngineFixture engine)
{
    [Fact]
    public async Task Release_FromInstallToRemoval_ServesInBetween()
    {
        var (ns, id) = await engine.NamespaceAsync("life");
        Assert.Null(await engine.Helm.StatusAsync(engine.Connection, EngineFixture.Release, ns, default));
        Assert.Empty(await engine.Helm.HistoryAsync(engine.Connection, EngineFixture.Release, ns, default));

        await engine.InstallAsync(ns, EngineFixture.Values());
        var lines = new List<string>();
        var result = await engine.WaitAsync(ns, lines);
        Assert.True(
            result.Succeeded,
            $"{result.Code} {result.Message} {string.Join('\n', result.Events)} {string.Join('\n', result.LogTail)}"
        );
        Assert.Contains(lines, l => l.EndsWith("ready", StringComparison.Ordinal));
        var (status, reason) = await engine.JudgeAsync(id, ns);
        Assert.True(status == HealthStatus.Healthy, reason);
        var seen = await engine.Inspector.ObserveAsync(engine.Connection, ns, EngineFixture.Release, default);
        Assert.NotEmpty(seen.GatewayPods);
        Assert.All(seen.GatewayPods, p => Assert.NotEmpty(p.Zone));

        await engine.ServingAsync(ns, EngineFixture.Values() + "\nreplicaCount: 2\n");
        Assert.Equal(2, (await engine.Helm.StatusAsync(engine.Connection, EngineFixture.Release, ns, default))!.Revision);
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
        await engine.Helm.RollbackAsync(engine.Connection, EngineFixture.Release, ns, 1, default);
        Assert.Equal(3, (await engine.Helm.HistoryAsync(engine.Connection, EngineFixture.Release, ns, default)).Count);
        Assert.Equal(
            "1",
            await engine.Cluster.KubectlAsync("get", "deployment", EngineFixture.Release, "-n", ns, "-o", "jsonpath={.spec.replicas}")
        );

        await engine.Helm.UninstallAsync(engine.Connection, EngineFixture.Release, ns, default);
        await engine.Helm.UninstallAsync(engine.Connection, EngineFixture.Release, ns, default);
        await engine.Writer.DeleteNamespaceAsync(engine.Connection, ns, id, default);
        await engine.Writer.DeleteNamespaceAsync(engine.Connection, ns, id, default);
        Assert.DoesNotContain(id, (await engine.Inspector.ObserveClusterAsync(engine.Connection, default)).Keys);
    }

    [Fact]
    public async Task Upgrade_ToAnImageThatDoesNotExist_FailsAndSaysWhy_WhileTheOldPodServes_AndARollbackMendsIt()
    {
        var (ns, id) = await engine.NamespaceAsync("no-image");
        await engine.ServingAsync(ns);
        await engine.InstallAsync(ns, EngineFixture.Values(tag: "does-not-exist"));
        var result = await engine.WaitAsync(ns);
        Assert.False(result.Succeeded);
        Assert.Equal("image-pull", result.Code);
        Assert.NotEmpty(result.Events);
        var (status, reason) = await engine.JudgeAsync(id, ns);
        Assert.True(status == HealthStatus.Degraded, $"{status}: {reason}");

        await engine.Helm.RollbackAsync(engine.Connection, EngineFixture.Release, ns, 1, default);
        Assert.True((await engine.WaitAsync(ns)).Succeeded);
        Assert.Equal(HealthStatus.Healthy, (await engine.JudgeAsync(id, ns)).Status);
        Assert.Equal("deployed", await engine.StateAsync(ns));
    }

    [Theory]
    [InlineData("dev-enterprise", Edition.Enterprise, 1)]
    [InlineData("mission-critical-enterprise", Edition.Enterprise, 3)]
    [InlineData("mission-critical-oss", Edition.Oss, 3)]
    public async Task Install_WithTheValuesOfPortkeysChart_ServesInEveryShape(string profile, Edition edition, int pods)
    {
        var (ns, id) = await engine.NamespaceAsync(profile);
        var keys = new[] { "PORTKEY_CLIENT_AUTH", "REDIS_URL", "AZURE_STORAGE_KEY" }.ToDictionary(
            k => k,
            _ => new SecretValue("redis://cache.example.com:6379"),
            StringComparer.Ordinal
        );
        await engine.Writer.WriteSecretAsync(engine.Connection, ns, "portkey-gateway-v1", keys, EngineFixture.Labels(id), default);
        await engine.ServingAsync(ns, await File.ReadAllTextAsync(Path.Combine(engine.Chart, "ci", $"{profile}-values.yaml")));

        // The autoscaler raises what it finds to its least number.
        var seen = await Shared.Eventually.GetAsync(
            async () =>
            {
                var now = await engine.Inspector.ObserveAsync(engine.Connection, ns, EngineFixture.Release, default);
                return now.GatewayPods.Count(p => p.Ready) == pods
                    ? now
                    : throw new InvalidOperationException(string.Join(", ", now.GatewayPods));
            },
            $"{pods} pods are ready",
            TimeSpan.FromSeconds(90)
        );
        var service = seen.GatewayService!;
        var probe = await new GatewayProbe().ProbeAsync(
            engine.Connection,
            ns,
            service.Name,
            service.Ports[0].Port,
            GatewayProbe.PathOf(edition),
            default
        );
        Assert.True(probe.Ok, probe.Detail);
        await engine.Helm.UninstallAsync(engine.Connection, EngineFixture.Release, ns, default);
        await engine.Writer.DeleteNamespaceAsync(engine.Connection, ns, id, default);
    }

    [Fact]
    public async Task Install_OfAChartThatTheServerRefuses_FailsWithItsWords_AndTheNextOnePasses()
    {
        var (ns, _) = await engine.NamespaceAsync("refused");
        var problem = await Assert.ThrowsAsync<Provisioning.Clusters.Helm.HelmException>(() =>
            engine.InstallAsync(ns, EngineFixture.Values() + "\nservice:\n  annotations: {\"not a key\": \"x\"}\n")
        );
        Assert.Equal(Provisioning.Clusters.Helm.HelmFailure.Rejected, problem.Failure);
        Assert.Contains("not a key", problem.Message, StringComparison.Ordinal);
        Assert.Equal("failed", await engine.StateAsync(ns));
        await engine.ServingAsync(ns);
        Assert.Equal("deployed", await engine.StateAsync(ns));
    }

    [Fact]
    public async Task Wait_WhereThereIsNothing_SaysSo()
    {
        var (ns, _) = await engine.NamespaceAsync("nothing");
        Assert.Equal("no-workloads", (await engine.WaitAsync(ns)).Code);
    }
}
