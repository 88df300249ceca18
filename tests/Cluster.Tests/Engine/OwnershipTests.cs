using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Cluster.Tests.Engine;

/// <summary>Objects and fields that somebody else made or changed.</summary>
public abstract class OwnershipTests(EngineFixture engine)
{
    private const string Deployment = "deployment/" + EngineFixture.Release;

    [Fact]
    public async Task Upgrade_OfAFieldThatSomebodyElseTook_NamesItAndWhoManagesIt_AndPassesOnceGivenUp()
    {
        var (ns, id) = await engine.NamespaceAsync("conflict");
        await engine.ServingAsync(ns);
        await engine.Cluster.ApplyAsync(
            $"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: {EngineFixture.Release}, namespace: {ns}}}, spec: {{replicas: 3}}}}",
            "night-shift"
        );

        var problem = await Assert.ThrowsAsync<HelmException>(() =>
            engine.InstallAsync(ns, EngineFixture.Values() + "\nreplicaCount: 2\n")
        );
        Assert.Equal(HelmFailure.Conflict, problem.Failure);
        Assert.Contains("night-shift", problem.Message, StringComparison.Ordinal);
        Assert.Contains(".spec.replicas", problem.Message, StringComparison.Ordinal);
        Assert.Equal("3", await engine.Cluster.KubectlAsync("get", Deployment, "-n", ns, "-o", "jsonpath={.spec.replicas}"));
        Assert.Equal(HealthStatus.Healthy, (await SettledAsync(ns, id)).Status);

        // Given up: an apply of theirs without the field.
        await engine.Cluster.ApplyAsync(
            $"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: {EngineFixture.Release}, namespace: {ns}, annotations: {{seen-by: night-shift}}}}}}",
            "night-shift"
        );
        await engine.ServingAsync(ns, EngineFixture.Values() + "\nreplicaCount: 2\n");
        Assert.Equal("2", await engine.Cluster.KubectlAsync("get", Deployment, "-n", ns, "-o", "jsonpath={.spec.replicas}"));
    }

    [Fact]
    public async Task Upgrade_AfterAFieldDriftedByKubectl_RefusesRatherThanGuess_AndWhatIsNotOursStays()
    {
        var (ns, _) = await engine.NamespaceAsync("drift");
        await engine.ServingAsync(ns);
        await engine.Cluster.KubectlAsync("set", "image", Deployment, "-n", ns, "*=docker.io/portkeyai/gateway:1.14.0");
        await engine.Cluster.KubectlAsync("annotate", Deployment, "-n", ns, "on-call=me");
        var problem = await Assert.ThrowsAsync<HelmException>(() => engine.InstallAsync(ns, EngineFixture.Values()));
        Assert.Equal(HelmFailure.Conflict, problem.Failure);
        Assert.Contains("kubectl", problem.Message, StringComparison.Ordinal);
        Assert.Contains(".image", problem.Message, StringComparison.Ordinal);
        Assert.Equal(
            "me",
            await engine.Cluster.KubectlAsync("get", Deployment, "-n", ns, "-o", "jsonpath={.metadata.annotations.on-call}")
        );
    }

    [Fact]
    public async Task Upgrade_AfterAnObjectWasDeletedByHand_BringsItBack()
    {
        var (ns, id) = await engine.NamespaceAsync("deleted");
        await engine.ServingAsync(ns);
        await engine.Cluster.KubectlAsync("delete", Deployment, "-n", ns);
        Assert.Equal(HealthStatus.Unhealthy, (await engine.JudgeAsync(id, ns)).Status);
        await engine.ServingAsync(ns);
        Assert.Equal(HealthStatus.Healthy, (await engine.JudgeAsync(id, ns)).Status);
    }

    [Fact]
    public async Task Install_OverAnObjectOfSomebodyElse_IsRefused_AndOneOfItsOwnIsAdopted()
    {
        var (ns, _) = await engine.NamespaceAsync("adoption");
        await engine.Cluster.ApplyAsync(
            $"{{apiVersion: v1, kind: Service, metadata: {{name: {EngineFixture.Release}, namespace: {ns}}}, spec: {{ports: [{{port: 1, protocol: TCP}}]}}}}"
        );
        var problem = await Assert.ThrowsAsync<HelmException>(() => engine.InstallAsync(ns, EngineFixture.Values()));
        Assert.Equal(HelmFailure.Conflict, problem.Failure);
        Assert.Contains("Service", problem.Message, StringComparison.Ordinal);
        Assert.Equal(
            "1",
            await engine.Cluster.KubectlAsync("get", "service", EngineFixture.Release, "-n", ns, "-o", "jsonpath={.spec.ports[0].port}")
        );

        // The same object with Helm's marks of this release, as a lost record leaves it behind, is taken into the release.
        await engine.Cluster.KubectlAsync("delete", "service", EngineFixture.Release, "-n", ns);
        await engine.ServingAsync(ns);
        await engine.Cluster.KubectlAsync("delete", "secrets", "-n", ns, "-l", "owner=helm");
        Assert.Null(await engine.StateAsync(ns));
        await engine.ServingAsync(ns);
        Assert.Equal("deployed", await engine.StateAsync(ns));
    }

    [Fact]
    public async Task ApplyManifests_OfAFieldThatSomebodyElseTook_NamesIt()
    {
        var (ns, _) = await engine.NamespaceAsync("quota-conflict");
        string Quota(int pods) =>
            $"{{apiVersion: v1, kind: ResourceQuota, metadata: {{name: q, namespace: {ns}}}, spec: {{hard: {{pods: \"{pods}\"}}}}}}";
        await engine.Writer.ApplyManifestsAsync(engine.Connection, ns, Quota(5), default);
        await engine.Cluster.ApplyAsync(Quota(50), "cost-team");
        var problem = await Assert.ThrowsAsync<ClusterConflictException>(() =>
            engine.Writer.ApplyManifestsAsync(engine.Connection, ns, Quota(6), default)
        );
        Assert.Equal(("cost-team", ".spec.hard.pods"), (problem.Manager, problem.Field));
    }

    private async Task<(HealthStatus Status, string Reason)> SettledAsync(string ns, Guid id)
    {
        await engine.WaitAsync(ns);
        return await engine.JudgeAsync(id, ns);
    }
}
