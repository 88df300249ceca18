using System.Text.Json.Nodes;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Charts;

/// <summary>The chart takes what Portkey's chart takes, and nothing else.</summary>
public sealed class GatewayContractTests
{
    // Accepted by the schema, refused by the templates with a reason: see NotCarriedOut below.
    private static readonly string[] NotCarriedOut = ["minio.enabled", "milvus.enabled", "useVaultInjection"];

    // Objects whose keys are the caller's own, so that no key is unknown.
    private static readonly string[] FreeForm = ["environment.data", "dataservice.env"];

    [Fact]
    public void Defaults_OfEveryContractPath_AreThoseOfTheContract()
    {
        var values = RenderedManifests.ParseValues(File.ReadAllText(Path.Combine(RepositoryFiles.Chart("gateway"), "values.yaml")));

        var different = ContractRow
            .All.Where(row => row.Default != "(placeholder)")
            .Where(row =>
            {
                var parent = values.At([.. row.Keys.SkipLast(1)]) as JsonObject;
                var found = parent?[row.Keys[^1]];
                var text = found switch
                {
                    null => "",
                    JsonObject or JsonArray => found.ToJsonString(),
                    _ => found.ToString(),
                };
                return parent is null
                    || !parent.ContainsKey(row.Keys[^1])
                    || !string.Equals(text, row.Default, StringComparison.OrdinalIgnoreCase);
            });

        Assert.Empty(different.Select(row => row.Path));
        Assert.True(ContractRow.All.Count > 250);
    }

    [Fact]
    public async Task Template_EveryContractPathSetToAnotherLegalValue_IsAccepted()
    {
        var values = ContractRow.Document(
            ContractRow.All.Where(row => !NotCarriedOut.Contains(row.Path)).Select(row => (row.Keys, JsonNode.Parse(row.Sample)))
        );

        var rendered = (await HelmTool.TemplateAsync("gateway", values)).Manifests();

        var gateway = rendered.One("Deployment", "edge-gateway").Container();
        Assert.Equal("registry.example.com/gatewayimage:9.9.9", gateway.Text("image"));
        Assert.Equal("other-value", gateway.Env("LOG_STORE").Text("value"));
    }

    [Theory]
    [InlineData("minio.enabled")]
    [InlineData("milvus.enabled")]
    [InlineData("useVaultInjection")]
    public async Task Template_ValueThatIsNotCarriedOut_StopsAndNamesIt(string path)
    {
        var values = ContractRow.Document([(path.Split('.'), JsonValue.Create(true))]);

        var helm = await HelmTool.TemplateAsync("gateway", values);

        Assert.NotEqual(0, helm.ExitCode);
        Assert.Contains(path + ": this chart", helm.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("schema", helm.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Template_UnknownKeyAtAnyLevel_IsRefusedByNameAtEveryLevel()
    {
        var levels = ContractRow
            .All.SelectMany(row => Enumerable.Range(0, row.Keys.Count).Select(depth => string.Join('.', row.Keys.Take(depth))))
            .Distinct(StringComparer.Ordinal)
            .Where(level => !FreeForm.Contains(level))
            .Select(level => level.Length == 0 ? [] : level.Split('.'))
            .ToList();
        var values = ContractRow.Document(
            levels.Select(keys => ((IReadOnlyList<string>)[.. keys, "bogusKey"], (JsonNode?)JsonValue.Create(1)))
        );

        var helm = await HelmTool.TemplateAsync("gateway", values);

        Assert.NotEqual(0, helm.ExitCode);
        var pointers = levels.Select(keys => string.Concat(keys.Select(key => "/" + key)));
        Assert.DoesNotContain(
            pointers,
            pointer => !helm.Errors.Contains($"at '{pointer}': additional properties 'bogusKey' not allowed", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Template_IllTypedValue_IsRefusedForEveryContractPath()
    {
        var values = ContractRow.Document(ContractRow.All.Select(row => (row.Keys, (JsonNode?)row.IllTyped)));

        var helm = await HelmTool.TemplateAsync("gateway", values);

        Assert.NotEqual(0, helm.ExitCode);
        Assert.Empty(
            ContractRow.All.Where(row => !helm.Errors.Contains($"at '{row.Pointer}'", StringComparison.Ordinal)).Select(row => row.Path)
        );
    }

    [Theory]
    [InlineData("environment.data.lowercase", "\"x\"", "lowercase")]
    [InlineData("environment.data.SERVER_MODE", "\"gateway\"", "/environment/data/SERVER_MODE")]
    [InlineData("environment.data.PORT", "8787", "/environment/data/PORT")]
    [InlineData("environment.secretKeys", "[\"a b\"]", "/environment/secretKeys/0")]
    [InlineData("environment.secretKeys", "[\"REDIS_URL\"]", "environment.existingSecret")]
    [InlineData("service.port", "65536", "/service/port")]
    [InlineData("service.type", "\"ExternalName\"", "/service/type")]
    [InlineData("service.containerPort", "9000", "service.containerPort")]
    [InlineData("replicaCount", "-1", "/replicaCount")]
    [InlineData("ingress.hostname", "\"<img onerror>\"", "/ingress/hostname")]
    [InlineData("nameOverride", "\"{{ .Values }}\"", "/nameOverride")]
    [InlineData("extraContainerConfig", "{\"image\": \"x\"}", "image")]
    [InlineData("securityContext.privileged", "true", "/securityContext/privileged")]
    public async Task Template_ValueOutOfRange_IsRefusedAndNamed(string path, string json, string named)
    {
        var values = ContractRow.Document([(path.Split('.'), JsonNode.Parse(json))]);

        var helm = await HelmTool.TemplateAsync("gateway", values);

        Assert.NotEqual(0, helm.ExitCode);
        Assert.Contains(named, helm.Errors, StringComparison.Ordinal);
    }
}
