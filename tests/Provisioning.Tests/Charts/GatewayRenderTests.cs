using System.Text.Json.Nodes;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Charts;

/// <summary>What single values do to the manifests.</summary>
public sealed class GatewayRenderTests
{
    [Theory]
    [InlineData("portkey-gateway", "portkey-gateway")]
    [InlineData("acme", "acme-gateway")]
    public async Task Template_ReleaseName_GivesAPredictableService(string release, string service)
    {
        var rendered = (await HelmTool.TemplateAsync("gateway", null, release)).Manifests();

        Assert.Equal("8787", rendered.One("Service", service).Items("spec", "ports")[0].Text("port"));
        Assert.Equal("http", rendered.One("Service", service).Items("spec", "ports")[0].Text("targetPort"));
    }

    [Fact]
    public async Task Template_OpenSourceImage_TakesItsPortAsArgumentAndGetsNoRedis()
    {
        var rendered = await RenderAsync(
            """
            { "images": { "gatewayImage": { "repository": "docker.io/portkeyai/gateway", "tag": "1.15.2" } },
              "environment": { "data": { "PORT": "9000" } },
              "livenessProbe": { "httpGet": { "path": "/" } }, "readinessProbe": { "httpGet": { "path": "/" }, "periodSeconds": 5 } }
            """
        );

        var container = rendered.One("Deployment").Container();
        Assert.Contains(container.Items("command"), part => part.ToString() == "--port=9000");
        Assert.Equal("9000", container.Items("ports")[0].Text("containerPort"));
        Assert.Equal("/", container.Text("readinessProbe", "httpGet", "path"));
        Assert.Equal("5", container.Text("readinessProbe", "periodSeconds"));
        Assert.Equal("http", container.Text("livenessProbe", "httpGet", "port"));
    }

    [Fact]
    public async Task Template_RedisCache_IsReadyByTcpAndAbsentForACustomOne()
    {
        var built = await RenderAsync("""{ "redis": { "serviceType": "ClusterIP", "servicePort": 6380 } }""");
        var custom = await RenderAsync("""{ "environment": { "data": { "CACHE_STORE": "custom" } } }""");

        Assert.Equal("redis", built.One("Deployment", "redis").Container().Text("readinessProbe", "tcpSocket", "port"));
        Assert.Equal("6380", built.One("Service", "redis").Items("spec", "ports")[0].Text("port"));
        Assert.Equal("ClusterIP", built.One("Service", "redis").Text("spec", "type"));
        Assert.Single(custom.Pods());
    }

    [Fact]
    public async Task Template_Autoscaling_RendersBehaviourAndLeavesReplicasToIt()
    {
        var rendered = await RenderAsync(
            """{ "autoscaling": { "enabled": true, "minReplicas": 3, "maxReplicas": 10, "targetMemoryUtilizationPercentage": 0 } }"""
        );

        var spec = rendered.One("HorizontalPodAutoscaler")["spec"];
        Assert.Null(rendered.One("Deployment", "portkey-gateway").At("spec", "replicas"));
        Assert.Equal("10", spec.Text("maxReplicas"));
        Assert.Equal("cpu", Assert.Single(spec.Items("metrics")).Text("resource", "name"));
        Assert.Equal(["Pods", "Percent"], spec.Items("behavior", "scaleUp", "policies").Select(p => p.Text("type")));
        Assert.Equal("300", spec.Text("behavior", "scaleDown", "stabilizationWindowSeconds"));
    }

    [Theory]
    [InlineData("all", false, "http,mcp")]
    [InlineData("all", true, "http")]
    [InlineData("mcp", false, "http")]
    public async Task Template_Mcp_IsServedWhereItListens(string mode, bool ownService, string ports)
    {
        var rendered = await RenderAsync(
            $$"""
            { "environment": { "data": { "SERVER_MODE": "{{mode}}" } },
              "mcpService": { "enabled": {{(ownService ? "true" : "false")}} } }
            """
        );

        var service = rendered.One("Service", "portkey-gateway");
        var container = rendered.One("Deployment", "portkey-gateway").Container();
        Assert.Equal(ports, string.Join(',', service.Items("spec", "ports").Select(p => p.Text("name"))));
        Assert.Contains(container.Items("ports"), port => port.Text("containerPort") == "8788");
        Assert.Equal(mode == "mcp" ? "mcp" : "http", container.Text("readinessProbe", "httpGet", "port"));
        Assert.Equal(ownService, rendered.Objects.Any(o => o.Text("metadata", "name") == "portkey-gateway-mcp"));
    }

    [Fact]
    public async Task Template_HostBasedIngress_GivesMcpAHostOfItsOwn()
    {
        var rendered = await RenderAsync(
            """
            { "environment": { "data": { "SERVER_MODE": "all" } }, "mcpService": { "enabled": true },
              "ingress": { "enabled": true, "hostBased": true, "hostname": "gw.example.com", "mcpHostname": "mcp.example.com",
                "tls": [{ "hosts": ["gw.example.com"], "secretName": "gw-tls" }] } }
            """
        );

        var spec = rendered.One("Ingress")["spec"];
        var rules = spec.Items("rules");
        Assert.Equal(["gw.example.com", "mcp.example.com"], rules.Select(rule => rule.Text("host")));
        Assert.Equal("portkey-gateway-mcp", rules[1].Items("http", "paths")[0].Text("backend", "service", "name"));
        Assert.Equal("gw-tls", Assert.Single(spec.Items("tls")).Text("secretName"));
    }

    [Fact]
    public async Task Template_PathIngress_PutsMcpBesideTheGateway()
    {
        var rendered = await RenderAsync(
            """
            { "environment": { "data": { "SERVER_MODE": "all" } }, "ingress": { "enabled": true, "hostname": "gw.example.com" } }
            """
        );

        var paths = Assert.Single(rendered.One("Ingress").Items("spec", "rules")).Items("http", "paths");
        Assert.Equal(["/mcp", "/"], paths.Select(path => path.Text("path")));
        Assert.Equal(["mcp", "http"], paths.Select(path => path.Text("backend", "service", "port", "name")));
    }

    [Fact]
    public async Task Template_TemplateTextInAValue_IsNeverEvaluated()
    {
        var rendered = await RenderAsync(
            """{ "podAnnotations": { "note": "{{ .Values }}" }, "environment": { "create": false, "data": { "NOTE": "{{ fail \"x\" }}: \"<img onerror>\"" } } }"""
        );

        var deployment = rendered.One("Deployment", "portkey-gateway");
        Assert.Equal("{{ .Values }}", deployment.Text("spec", "template", "metadata", "annotations", "note"));
        Assert.Equal("{{ fail \"x\" }}: \"<img onerror>\"", deployment.Container().Env("NOTE").Text("value"));
    }

    private static async Task<RenderedManifests> RenderAsync(string values) =>
        (await HelmTool.TemplateAsync("gateway", JsonNode.Parse(values)!.AsObject())).Manifests();
}
