using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.Engine;

/// <summary>Whether somebody else in the cluster has the host name or address, whoever made it.</summary>
public abstract class EndpointTests(EngineFixture engine)
{
    private const string Manifest = """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: portkey-gateway}
        spec:
          rules: [{host: HOST, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: portkey-gateway, port: {number: 8787}}}}]}}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: portkey-gateway}
        spec: {type: LoadBalancer, loadBalancerIP: ADDRESS, ports: [{port: 8787}]}
        """;

    [Theory]
    [InlineData("same", "same", "name")]
    [InlineData("*", "same", "wild")]
    public async Task Preflight_IngressOfSomebodyElseWithTheHost_Fails(string first, string label, string kind)
    {
        var (ours, id) = await engine.NamespaceAsync($"ways-ours-{kind}");
        var theirs = await SomebodysAsync($"ways-theirs-{kind}");
        var domain = $"{theirs}.example.com";
        await engine.Cluster.ApplyAsync(Ingress(theirs, $"{first}.{domain}"));
        Is(CheckStatus.Failed, $"by Ingress theirs in namespace {theirs}", await LookAsync(ours, id, $"{label}.{domain}"));
        Is(CheckStatus.Passed, "", await LookAsync(ours, id, $"{label}.{ours}.example.com"));

        // Another team's environment is not named, only that there is one.
        await engine.Cluster.KubectlAsync("label", "namespace", theirs, $"{ClusterLabels.Environment}={Guid.NewGuid()}");
        var hidden = await LookAsync(ours, id, $"{label}.{domain}");
        Is(CheckStatus.Failed, "by another environment", hidden);
        Assert.DoesNotContain($"namespace {theirs}", hidden.Message, StringComparison.Ordinal);

        // What the environment itself has already is no hindrance to its next revision.
        await engine.Cluster.KubectlAsync("delete", "ingress", "theirs", "-n", theirs);
        await engine.Cluster.ApplyAsync(Ingress(ours, $"{label}.{domain}"));
        Is(CheckStatus.Passed, "", await LookAsync(ours, id, $"{label}.{domain}"));
    }

    [Fact]
    public async Task Preflight_ServiceOfSomebodyElse_WithTheNameOrTheAddress_Fails()
    {
        var (ours, id) = await engine.NamespaceAsync("ways-named");
        var theirs = await SomebodysAsync("ways-service");
        await engine.Cluster.ApplyAsync(
            $"{{apiVersion: v1, kind: Service, metadata: {{name: theirs, namespace: {theirs}, annotations: {{external-dns.alpha.kubernetes.io/hostname: \"{theirs}.example.com.\"}}}}, spec: {{externalIPs: [198.51.100.7], ports: [{{port: 8787, protocol: TCP}}]}}}}"
        );
        Is(CheckStatus.Failed, theirs, await LookAsync(ours, id, $"{theirs}.example.com"));
        Is(CheckStatus.Failed, "198.51.100.7:8787/TCP", await LookAsync(ours, id, $"{ours}.example.com", "198.51.100.7"));
        Is(CheckStatus.Passed, "", await LookAsync(ours, id, $"{ours}.example.com", "198.51.100.8"));
    }

    private static string Ingress(string ns, string host) =>
        $"{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: theirs, namespace: {ns}}}, spec: {{rules: [{{host: \"{host}\", http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: x, port: {{number: 80}}}}}}}}]}}}}]}}}}";

    // A namespace that the portal knows nothing of.
    private async Task<string> SomebodysAsync(string name)
    {
        var (ns, _) = await engine.NamespaceAsync(name);
        await engine.Cluster.KubectlAsync("label", "namespace", ns, $"{ClusterLabels.Environment}-");
        return ns;
    }

    private async Task<CheckResult> LookAsync(string ns, Guid environment, string host, string address = "203.0.113.9")
    {
        var options = Options.Create(new PreflightOptions { TimeoutSeconds = 20 });
        var subject = new PreflightSubject(
            new EnvironmentSpec(),
            Manifest.Replace("HOST", host, StringComparison.Ordinal).Replace("ADDRESS", address, StringComparison.Ordinal)
        )
        {
            Cluster = engine.Connection,
            Namespace = ns,
            EnvironmentId = environment,
            ReleaseName = EngineFixture.Release,
            Zones = 1,
            Pins = new Dictionary<string, SecretPin>(),
        };
        return Assert.IsType<CheckResult>(
            await new PreflightRunner(null!, new OutboundGuard(options), options).RunOneAsync("endpoints", subject, CancellationToken.None)
        );
    }

    private static void Is(CheckStatus status, string says, CheckResult result) =>
        Assert.True(
            result.Status == status && result.Message.Contains(says, StringComparison.Ordinal),
            $"{status} '{says}' was expected: {result}"
        );
}

/// <summary>Routes of the Gateway API, which not every cluster serves.</summary>
[Collection<OnRealServer>]
public sealed class RealRouteTests(RealEngine engine)
{
    [Fact]
    public async Task Preflight_RouteOfSomebodyElseWithTheHost_Fails()
    {
        await RouteDefinition.ApplyAsync(engine.Cluster);
        var (ours, id) = await engine.NamespaceAsync("route-ours");
        var (theirs, _) = await engine.NamespaceAsync("route-theirs");
        await engine.Cluster.KubectlAsync("label", "namespace", theirs, $"{ClusterLabels.Environment}-");
        await engine.Cluster.ApplyAsync(
            $"{{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {{name: theirs, namespace: {theirs}}}, spec: {{hostnames: [{theirs}.example.com]}}}}"
        );
        var options = Options.Create(new PreflightOptions { TimeoutSeconds = 20 });
        var subject = new PreflightSubject(
            new EnvironmentSpec(),
            $"{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: a}}, spec: {{rules: [{{host: {theirs}.example.com}}]}}}}"
        )
        {
            Cluster = engine.Connection,
            Namespace = ours,
            EnvironmentId = id,
            ReleaseName = EngineFixture.Release,
            Zones = 1,
            Pins = new Dictionary<string, SecretPin>(),
        };
        var result = await new PreflightRunner(null!, new OutboundGuard(options), options).RunOneAsync(
            "endpoints",
            subject,
            CancellationToken.None
        );
        Assert.True(
            result is { Status: CheckStatus.Failed, Code: "endpoint-taken" }
                && result.Message.Contains($"HTTPRoute theirs in namespace {theirs}", StringComparison.Ordinal),
            $"{result}"
        );
    }
}
