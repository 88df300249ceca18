using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Cluster.Tests.Engine;

/// <summary>That what answers is the cluster that was meant, for the portal's client and for Helm.</summary>
public abstract class IdentityTests(EngineFixture engine)
{
    [Fact]
    public async Task ServerWithAPath_AsRancherWritesIt_IsOneClusterForClientAndHelm()
    {
        var (proxy, kubeconfig) = await engine.Cluster.AnotherWayAsync("/k8s/clusters/c-x");
        await using var _ = proxy;
        var connection = await engine.ConnectAsync("rancher", kubeconfig);
        Assert.EndsWith("/k8s/clusters/c-x", connection.Pins.Server, StringComparison.Ordinal);
        var (ns, id) = await engine.NamespaceAsync("rancher");

        await engine.Writer.WriteSecretAsync(
            connection,
            ns,
            "env",
            new Dictionary<string, SecretValue> { ["KEY"] = new("one") },
            EngineFixture.Labels(id),
            default
        );
        await engine.InstallAsync(connection, ns, EngineFixture.Values());

        var there = await engine.Cluster.KubectlAsync("get", "secrets,deployments", "-n", ns, "-o", "name");
        Assert.Contains("secret/env", there, StringComparison.Ordinal);
        Assert.Contains($"deployment.apps/{EngineFixture.Release}", there, StringComparison.Ordinal);
        Assert.NotNull(await engine.Helm.StatusAsync(connection, EngineFixture.Release, ns, default));
    }

    [Fact]
    public async Task ClusterWithAnotherUid_GetsNothingFromClientOrHelm()
    {
        var (ns, id) = await engine.NamespaceAsync("replaced");
        var connection = await engine.ConnectAsync("replaced", engine.Cluster.Kubeconfig, Guid.NewGuid().ToString());

        foreach (
            var attempt in new Func<Task>[]
            {
                () =>
                    engine.Writer.WriteSecretAsync(
                        connection,
                        ns,
                        "env",
                        new Dictionary<string, SecretValue> { ["KEY"] = new("one") },
                        EngineFixture.Labels(id),
                        default
                    ),
                () => engine.Writer.EnsureNamespaceAsync(connection, ns, EngineFixture.Labels(id), default),
                () => engine.InstallAsync(connection, ns, EngineFixture.Values()),
                () => engine.Inspector.ObserveClusterAsync(connection, default),
            }
        )
        {
            var problem = await Assert.ThrowsAsync<ClusterRejectedException>(attempt);
            Assert.Equal(("cluster-identity", false), (problem.Code, problem.IsTransient));
        }

        Assert.Empty(
            await engine.Cluster.KubectlAsync("get", "secrets,deployments", "-n", ns, "-l", "app.kubernetes.io/managed-by", "-o", "name")
        );
    }

    [Fact]
    public async Task ClusterWithThePinnedUid_IsWorkedWith()
    {
        var uid = await engine.Cluster.KubectlAsync("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}");
        var connection = await engine.ConnectAsync("pinned", engine.Cluster.Kubeconfig, uid.Trim());
        await engine.Inspector.ObserveClusterAsync(connection, default);
        Assert.Null(await engine.Helm.StatusAsync(connection, "nothing", "default", default));
    }
}
