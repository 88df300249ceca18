using System.Text.Json.Nodes;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Charts;

/// <summary>Where the gateway's environment comes from in each mode.</summary>
public sealed class GatewaySecretsTests
{
    private const string Canary = "canary-5b1f";

    private static readonly JsonObject Existing = Values(
        $$"""
        { "environment": { "create": true, "existingSecret": "gw-v7",
            "secretKeys": ["PORTKEY_CLIENT_AUTH", "REDIS_URL"],
            "data": { "REDIS_URL": "redis://:{{Canary}}@cache:6379", "LOG_STORE": "azure" } },
          "imageCredentials": [{ "name": "portkeyenterpriseregistrycredentials", "create": true,
            "registry": "https://index.docker.io/v1/", "username": "<docker-user>", "password": "<docker-pwd>" }],
          "dataservice": { "enabled": true, "deployment": { "autoRestart": false } } }
        """
    );

    [Fact]
    public async Task Template_ExistingSecret_RefersToListedKeysAndHoldsNoSecret()
    {
        var rendered = (await HelmTool.TemplateAsync("gateway", Existing)).Manifests();

        Assert.False(rendered.Has("Secret"));
        Assert.DoesNotContain(Canary, rendered.Text, StringComparison.Ordinal);
        foreach (var workload in new[] { "portkey-gateway", "portkey-gateway-dataservice" })
        {
            var container = rendered.One("Deployment", workload).Container();
            foreach (var key in new[] { "PORTKEY_CLIENT_AUTH", "REDIS_URL" })
            {
                Assert.Null(container.Env(key).At("value"));
                Assert.Equal("gw-v7", container.Env(key).Text("valueFrom", "secretKeyRef", "name"));
                Assert.Equal(key, container.Env(key).Text("valueFrom", "secretKeyRef", "key"));
            }

            Assert.Equal("azure", container.Env("LOG_STORE").Text("value"));
        }
    }

    [Fact]
    public async Task Template_ServerModeUnset_IsEmittedEmpty()
    {
        var rendered = (await HelmTool.TemplateAsync("gateway", Existing)).Manifests();

        var mode = rendered.One("Deployment", "portkey-gateway").Container().Env("SERVER_MODE");
        Assert.Equal("", mode.Text("value"));
    }

    [Theory]
    [InlineData(true, "Secret", "secretKeyRef")]
    [InlineData(false, "ConfigMap", "configMapKeyRef")]
    public async Task Template_CreateWithoutExistingSecret_KeepsDataInItsOwnObject(bool secret, string kind, string reference)
    {
        var values = Values($$"""{ "environment": { "secret": {{(secret ? "true" : "false")}} } }""");

        var rendered = (await HelmTool.TemplateAsync("gateway", values)).Manifests();

        var store = rendered.One(kind);
        var env = rendered.One("Deployment", "portkey-gateway").Container().Env("SERVICE_NAME");
        Assert.Equal(store.Text("metadata", "name"), env.Text("valueFrom", reference, "name"));
        Assert.Equal(secret ? "cG9ydGtleWVudGVycHJpc2U=" : "portkeyenterprise", store.Text("data", "SERVICE_NAME"));
    }

    [Fact]
    public async Task Template_ImageCredentials_BecomeADockerConfigThatThePodUses()
    {
        var values = Values(
            """
            { "imageCredentials": [{ "name": "hub", "create": true, "registry": "https://r.example.com",
                "username": "robot", "password": "p" }, { "name": "there-already", "create": false, "username": "x" }] }
            """
        );

        var rendered = (await HelmTool.TemplateAsync("gateway", values)).Manifests();

        var secret = rendered.One("Secret", "hub");
        Assert.Equal("kubernetes.io/dockerconfigjson", secret.Text("type"));
        var config = JsonNode.Parse(Convert.FromBase64String(secret.Text("data", ".dockerconfigjson")!));
        Assert.Equal("cm9ib3Q6cA==", config.Text("auths", "https://r.example.com", "auth"));
        var pod = rendered.One("Deployment", "portkey-gateway").At("spec", "template", "spec");
        Assert.Equal(["hub", "there-already"], pod.Items("imagePullSecrets").Select(s => s.Text("name")));
    }

    [Fact]
    public async Task Template_ExtraEnvOfAKnownName_ReplacesItInsteadOfDoubling()
    {
        var values = Values("""{ "extraEnv": [{ "name": "SERVICE_NAME", "value": "mine" }] }""");

        var rendered = (await HelmTool.TemplateAsync("gateway", values)).Manifests();

        // Env finds a single entry of the name: two would be refused by server-side apply.
        var env = rendered.One("Deployment", "portkey-gateway").Container().Env("SERVICE_NAME");
        Assert.Equal("mine", env.Text("value"));
    }

    private static JsonObject Values(string json) => JsonNode.Parse(json)!.AsObject();
}
