using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Health;

namespace Portkey.Portal.Cluster.Tests.Engine;

/// <summary>A cluster that says no: RBAC and quotas.</summary>
public abstract class RefusalTests(EngineFixture engine)
{
    [Fact]
    public async Task Anything_AsAnAccountWithoutRights_IsForbidden_AndSaysWhatItMayNot()
    {
        var (ns, id) = await engine.NamespaceAsync("stranger");
        var stranger = await engine.ConnectAsync("stranger", await engine.Cluster.StrangerAsync(ns, "nobody"));

        var problem = await Assert.ThrowsAsync<ClusterForbiddenException>(() =>
            engine.Writer.WriteSecretAsync(
                stranger,
                ns,
                "env",
                new Dictionary<string, SecretValue> { ["KEY"] = new("one") },
                EngineFixture.Labels(id),
                default
            )
        );
        Assert.Contains("secrets", problem.Message, StringComparison.Ordinal);
        Assert.Contains($"system:serviceaccount:{ns}:nobody", problem.Message, StringComparison.Ordinal);
        Assert.False(problem.IsTransient);
        await Assert.ThrowsAsync<ClusterForbiddenException>(() =>
            engine.Writer.EnsureNamespaceAsync(stranger, $"{ns}-more", EngineFixture.Labels(id), default)
        );
        await Assert.ThrowsAsync<ClusterForbiddenException>(() => engine.Inspector.ObserveClusterAsync(stranger, default));
        await Assert.ThrowsAsync<ClusterForbiddenException>(() =>
            engine.Watcher.WaitAsync(stranger, ns, EngineFixture.Release, _ => Task.CompletedTask, TimeSpan.FromSeconds(20), default)
        );
        Assert.Equal(
            HelmFailure.Forbidden,
            (await Assert.ThrowsAsync<HelmException>(() => engine.InstallAsync(stranger, ns, EngineFixture.Values()))).Failure
        );
        Assert.Equal(
            HelmFailure.Forbidden,
            (await Assert.ThrowsAsync<HelmException>(() => engine.Helm.StatusAsync(stranger, EngineFixture.Release, ns, default))).Failure
        );

        // A probe that may not be made says nothing about the gateway.
        var probe = await new GatewayProbe().ProbeAsync(stranger, ns, EngineFixture.Release, 8787, "/", default);
        Assert.False(probe.Ran);
        Assert.Empty(await engine.Cluster.KubectlAsync("get", "secrets,deployments", "-n", ns, "-l", "owner=helm", "-o", "name"));
    }

    [Fact]
    public async Task Anything_OutsideTheChartOfThePortal_IsForbiddenToThePortalToo()
    {
        foreach (
            var (verb, what) in new[]
            {
                ("create", "clusterrolebindings"),
                ("create", "pods"),
                ("create", "pods/exec"),
                ("update", "nodes"),
                ("delete", "persistentvolumes"),
                ("deletecollection", "secrets"),
                ("impersonate", "users"),
            }
        )
        {
            var answer = await Assert.ThrowsAsync<InvalidOperationException>(() =>
                engine.Cluster.PortalKubectlAsync("auth", "can-i", verb, what, "--all-namespaces")
            );
            Assert.Contains("ended with 1", answer.Message, StringComparison.Ordinal);
        }

        Assert.StartsWith(
            "yes",
            await engine.Cluster.PortalKubectlAsync("auth", "can-i", "create", "namespaces"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Token_ThatIsNotOne_IsForbidden()
    {
        var (ns, _) = await engine.NamespaceAsync("bad-token");
        var file = Path.GetTempFileName();
        try
        {
            var text = await File.ReadAllTextAsync(engine.Cluster.Kubeconfig);
            var token = System
                .Text.Json.JsonDocument.Parse(text)
                .RootElement.GetProperty("users")[0]
                .GetProperty("user")
                .GetProperty("token")
                .GetString()!;
            await File.WriteAllTextAsync(file, text.Replace(token, token[..^6] + "AAAAAA", StringComparison.Ordinal));
            var connection = await engine.ConnectAsync("bad-token", file);
            await Assert.ThrowsAsync<ClusterForbiddenException>(() => engine.Inspector.ObserveClusterAsync(connection, default));
            Assert.Equal(
                HelmFailure.Forbidden,
                (await Assert.ThrowsAsync<HelmException>(() => engine.InstallAsync(connection, ns, EngineFixture.Values()))).Failure
            );
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Rollout_OverAQuotaOfPods_FailsAndNamesTheQuota()
    {
        var (ns, id) = await engine.NamespaceAsync("pods-quota");
        await engine.Cluster.ApplyAsync(
            $"{{apiVersion: v1, kind: ResourceQuota, metadata: {{name: tight, namespace: {ns}}}, spec: {{hard: {{pods: \"1\"}}}}}}"
        );
        await engine.ServingAsync(ns);
        await engine.InstallAsync(ns, EngineFixture.Values() + "\nreplicaCount: 3\n");
        var result = await engine.WaitAsync(ns);
        Assert.False(result.Succeeded);
        Assert.Equal("quota-exceeded", result.Code);
        Assert.Contains("tight", result.Message, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Degraded, (await engine.JudgeAsync(id, ns)).Status);
    }

    [Fact]
    public async Task Write_OverAQuotaOfObjects_IsRefused_AndNamesTheQuota()
    {
        var (ns, id) = await engine.NamespaceAsync("object-quota");
        await engine.Cluster.ApplyAsync(
            $"{{apiVersion: v1, kind: ResourceQuota, metadata: {{name: few, namespace: {ns}}}, spec: {{hard: {{services: \"0\", count/secrets: \"0\"}}}}}}"
        );
        await Shared.Eventually.TrueAsync(
            async () =>
                (await engine.Cluster.KubectlAsync("get", "resourcequota", "few", "-n", ns, "-o", "jsonpath={.status.hard}")).Length > 2,
            "the quota counts"
        );
        var problem = await Assert.ThrowsAsync<ClusterQuotaExceededException>(() =>
            engine.Writer.WriteSecretAsync(
                engine.Connection,
                ns,
                "env",
                new Dictionary<string, SecretValue> { ["KEY"] = new("one") },
                EngineFixture.Labels(id),
                default
            )
        );
        Assert.Contains("few", problem.Message, StringComparison.Ordinal);

        await engine.Cluster.KubectlAsync(
            "patch",
            "resourcequota",
            "few",
            "-n",
            ns,
            "--type=merge",
            "-p",
            """{"spec":{"hard":{"count/secrets":"50"}}}"""
        );
        await Shared.Eventually.TrueAsync(
            async () =>
                (await engine.Cluster.KubectlAsync("get", "resourcequota", "few", "-n", ns, "-o", "jsonpath={.status.hard}")).Contains(
                    "50",
                    StringComparison.Ordinal
                ),
            "the quota was raised"
        );
        var helm = await Assert.ThrowsAsync<HelmException>(() => engine.InstallAsync(ns, EngineFixture.Values()));
        Assert.Equal(HelmFailure.QuotaExceeded, helm.Failure);
    }
}
