using Portkey.Portal.Data;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.Engine;

/// <summary>Verdicts about gateways as they really get ill.</summary>
public abstract class HealthTests(EngineFixture engine)
{
    [Fact]
    public async Task Judge_OfAGatewayThroughGoodAndBadDays_FollowsIt()
    {
        var (ns, id) = await engine.NamespaceAsync("days");
        await IsAsync(HealthStatus.Unhealthy, "not in the cluster");
        await engine.ServingAsync(ns);
        await IsAsync(HealthStatus.Healthy, "the gateway answered");

        await engine.Cluster.KubectlAsync("scale", "deployment", EngineFixture.Release, "-n", ns, "--replicas=0");
        await IsAsync(HealthStatus.Suspended, "no pods on purpose");
        await engine.Cluster.KubectlAsync("scale", "deployment", EngineFixture.Release, "-n", ns, "--replicas=1");
        await IsAsync(HealthStatus.Healthy, "the gateway answered");

        // Its Service leads nowhere: pods are ready, and yet no request works.
        await engine.Cluster.KubectlAsync(
            "patch",
            "service",
            EngineFixture.Release,
            "-n",
            ns,
            "--type=merge",
            "-p",
            """{"spec":{"selector":{"app.kubernetes.io/name":"elsewhere"}}}"""
        );
        await IsAsync(HealthStatus.Unhealthy, "does not answer");

        await engine.Cluster.KubectlAsync("delete", "deployment", EngineFixture.Release, "-n", ns);
        await IsAsync(HealthStatus.Unhealthy, "Deployment is not in the cluster");
        await engine.Writer.DeleteNamespaceAsync(engine.Connection, ns, id, default);
        await IsAsync(HealthStatus.Unhealthy, "is not in the cluster");

        Task IsAsync(HealthStatus wanted, string words) =>
            Eventually.GetAsync(
                async () =>
                {
                    var (status, reason) = await engine.JudgeAsync(id, ns);
                    return status == wanted && reason.Contains(words, StringComparison.Ordinal)
                        ? reason
                        : throw new InvalidOperationException($"{status}: {reason}");
                },
                $"it is {wanted}",
                TimeSpan.FromSeconds(60)
            );
    }

    [Fact]
    public async Task Judge_OfAFirstInstallThatCannotPull_IsUnhealthyAndSaysWhy()
    {
        var (ns, id) = await engine.NamespaceAsync("never");
        await engine.InstallAsync(ns, EngineFixture.Values(tag: "does-not-exist"));
        Assert.Equal("image-pull", (await engine.WaitAsync(ns)).Code);
        var (status, reason) = await engine.JudgeAsync(id, ns);
        Assert.Equal(HealthStatus.Unhealthy, status);
        Assert.Contains("Image", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Judge_OfOneWhoseIngressHasNoController_IsDegraded()
    {
        var (ns, id) = await engine.NamespaceAsync("ingress");
        await engine.ServingAsync(
            ns,
            EngineFixture.Values() + "\ningress:\n  enabled: true\n  hostname: gateway.example.com\n  ingressClassName: nobody\n"
        );
        var (status, reason) = await engine.JudgeAsync(id, ns);
        Assert.True(status == HealthStatus.Degraded, $"{status}: {reason}");
        Assert.Contains("Ingress", reason, StringComparison.Ordinal);
    }
}
