using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Tests.Charts;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Imports;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Imports;

/// <summary>What a file gave a gateway by Helm alone, it gives by way of an import, too; each difference is named. With the real
/// helm.</summary>
public sealed class ImportRenderTests
{
    private const string Aks = """
        imageCredentials:
          - {name: r, create: true, registry: https://index.docker.io/v1/, username: customer-a, password: p}
        images:
          gatewayImage: {repository: docker.io/portkeyai/gateway_enterprise, pullPolicy: Always, tag: "2.13.0"}
        serviceAccount:
          create: true
          automount: true
          name: gateway-sa
          annotations: {azure.workload.identity/client-id: 11111111-2222-4333-8444-555555555555}
        podLabels: {azure.workload.identity/use: "true"}
        environment:
          create: true
          secret: true
          data:
            ANALYTICS_STORE: control_plane
            SERVICE_NAME: payments-gateway
            PORTKEY_CLIENT_AUTH: pk-client-auth
            ORGANISATIONS_TO_SYNC: 1b0c6f5e-1111-4222-8333-444455556666
            CACHE_STORE: azure-redis
            REDIS_URL: "redis://pay.westeurope.redis.azure.net:10000"
            REDIS_TLS_ENABLED: "true"
            REDIS_MODE: cluster
            AZURE_REDIS_AUTH_MODE: workload
            LOG_STORE: azure
            AZURE_STORAGE_ACCOUNT: paymentslogs
            AZURE_STORAGE_CONTAINER: llm-logs
            AZURE_AUTH_MODE: workload
            REQUEST_TIMEOUT: "60000"
            OTEL_PUSH_ENABLED: "true"
            OTEL_ENDPOINT: http://c.example.com:4318
            OTEL_EXPORTER_OTLP_HEADERS: |-
              DD_API_KEY=abcdef
        service:
          type: LoadBalancer
          port: 80
          annotations:
            service.beta.kubernetes.io/azure-load-balancer-internal: "true"
            service.beta.kubernetes.io/azure-allowed-ip-ranges: 10.0.0.0/8
        """;

    [Theory]
    [InlineData("gateway")]
    [InlineData("gateway-1.0.8")]
    public async Task Import_OfAValuesFile_GivesEveryVariableThatTheFileGave(string chart)
    {
        var folder =
            chart == "gateway" ? Path.Combine(Repository.Charts, chart) : Path.Combine(Repository.Root, "tests", "Shared", "Charts", chart);
        var original = Environment(await HelmTool.RenderAsync(folder, Aks));
        var read = ValuesImporter.Read(Aks);
        var input = Inputs.Render(read.Spec, "dev", Inputs.Chart(read.Spec.Edition), Inputs.Pins([.. read.Secrets.Keys])) with
        {
            Facts = ChartFacts.Read(folder),
        };
        var rendered = Environment(await HelmTool.RenderAsync(folder, ValuesRenderer.Gateway(input)));
        var settings = RenderedManifests.ParseValues(ValuesRenderer.Guardrails(input)).At("settings", "data") as JsonObject;
        var named = read
            .Corrections.Select(c => c.Field)
            .Concat(read.Dropped.Select(d => d.Field))
            .Select(f => f[(f.LastIndexOf('.') + 1)..])
            .ToHashSet(StringComparer.Ordinal);

        Assert.True(original.Count > 12, $"only {original.Count} variables");
        foreach (var (name, value) in original.Where(o => o.Value.Length > 0))
        {
            var now = read.Secrets.GetValueOrDefault(name)?.Reveal() ?? settings?[name]?.ToString() ?? rendered.GetValueOrDefault(name);
            Assert.True(now == value || named.Contains(name), $"{name} is not what it was");
            Assert.True(!string.IsNullOrEmpty(now), $"{name} is gone");
        }

        Assert.Equal("true", settings?["REDIS_TLS_ENABLED"]?.ToString() ?? rendered["REDIS_TLS_ENABLED"]);
    }

    // Value of each variable of the gateway's container; what comes from an object of the same render is looked up there.
    private static Dictionary<string, string> Environment(Charts.HelmOutput output)
    {
        var manifests = output.Manifests();
        var container = manifests.One("Deployment", "portkey-gateway").Container();
        return container
            .Items("env")
            .ToDictionary(e => e.Text("name")!, e => e.Text("value") ?? Referred(manifests, e["valueFrom"]), StringComparer.Ordinal);
    }

    private static string Referred(RenderedManifests manifests, JsonNode? from)
    {
        var (isSecret, source) = from?["secretKeyRef"] is { } secret ? (true, secret) : (false, from?["configMapKeyRef"]);
        var found = manifests.Objects.SingleOrDefault(o =>
            o.Text("kind") == (isSecret ? "Secret" : "ConfigMap") && o.Text("metadata", "name") == source.Text("name")
        );
        var value = found.Text("data", source.Text("key")!) ?? "";
        return isSecret && found?["data"] is not null ? Encoding.UTF8.GetString(Convert.FromBase64String(value)) : value;
    }
}
