using System.Text.Json;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Tests.Charts;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Requests;

/// <summary>The product's own renderer, its charts and a real helm: specs arrive in the manifests as they were written.</summary>
public sealed class ChartRenderTests : IDisposable
{
    private static readonly string[] Hostile =
    [
        "{{ .Values }}",
        "{{ include \"gateway.fullname\" . }}",
        "yes",
        "no",
        "on",
        "null",
        "~",
        "true",
        "0123",
        "1e3",
        "0x1F",
        "12:30:45",
        "1_000",
        "2026-01-01",
        ".inf",
        "\"quoted\"",
        "it's",
        "'single'",
        "back\\slash\\n",
        "# comment",
        "key: value",
        "- item",
        "[a, b]",
        "{a: b}",
        "&anchor",
        "*alias",
        "!tag",
        "|",
        ">",
        "%directive",
        "@at",
        "`tick`",
        "---",
        "...",
        " leading and trailing ",
        "$(PORT)",
        "${HOME}",
        "日本語 ünïcødé 🚀",
        "\u2028line separator",
        "<script>alert(1)</script>",
        "a, b,, c",
    ];

    private readonly TemporaryFolder folder = new();
    private readonly HelmRunner helm;
    private readonly ChartStore charts;
    private readonly Renderer renderer;

    public ChartRenderTests()
    {
        var options = Options.Create(
            new ProvisioningOptions
            {
                DataDirectory = folder.Path,
                HelmPath = Tools.Helm,
                ChartsDirectory = Repository.Charts,
            }
        );
        helm = new HelmRunner(options);
        charts = new ChartStore(helm);
        renderer = new Renderer(helm, charts, options);
    }

    [Theory]
    [InlineData("dev", Exposure.Internal)]
    [InlineData("dev", Exposure.LoadBalancer)]
    [InlineData("dev", Exposure.Ingress)]
    [InlineData("standard", Exposure.Internal)]
    [InlineData("standard", Exposure.LoadBalancer)]
    [InlineData("standard", Exposure.Ingress)]
    [InlineData("mission-critical", Exposure.Internal)]
    [InlineData("mission-critical", Exposure.LoadBalancer)]
    [InlineData("mission-critical", Exposure.Ingress)]
    public async Task Render_ProfileAndExposure_IsAcceptedByBothChartsInBothEditions(string profile, Exposure exposure)
    {
        var network = new NetworkSpec
        {
            Exposure = exposure,
            Host = exposure == Exposure.Ingress ? "gateway.example.com" : null,
            TlsSecret = exposure == Exposure.Ingress ? "gateway-tls" : null,
            AllowedRanges = ["10.0.0.0/8"],
            Egress = ["10.1.0.0/16:443", "192.168.0.0/16"],
        };
        foreach (
            var (spec, secrets) in new[]
            {
                (Inputs.Oss(), Inputs.Pins()),
                (Inputs.Enterprise(), Inputs.Pins("PORTKEY_CLIENT_AUTH", "REDIS_URL")),
            }
        )
        {
            var manifests = await RenderAsync(spec with { Network = network }, profile, secrets);

            var gateway = manifests.One("Deployment", "portkey-gateway");
            Assert.Equal(
                profile switch
                {
                    "dev" => "1",
                    "standard" => "2",
                    _ => null,
                },
                gateway.Text("spec", "replicas")
            );
            Assert.Equal(profile == "mission-critical", manifests.Has("HorizontalPodAutoscaler"));
            Assert.Equal(profile != "dev", manifests.Has("PodDisruptionBudget"));
            Assert.Equal(exposure == Exposure.Ingress, manifests.Has("Ingress"));
            Assert.Equal(
                exposure == Exposure.LoadBalancer ? "LoadBalancer" : "ClusterIP",
                manifests.One("Service", "portkey-gateway").Text("spec", "type")
            );
            Assert.True(manifests.Has("NetworkPolicy"));
            Assert.True(manifests.Has("ResourceQuota"));
            Assert.False(manifests.Has("Secret")); // values live in the vault; Helm never sees one
            Assert.Equal(spec.Edition == Edition.Oss ? "/" : "/v1/health", gateway.Container().Text("readinessProbe", "httpGet", "path"));
            if (secrets.Count > 0)
            {
                var reference = gateway.Container().Env("PORTKEY_CLIENT_AUTH").At("valueFrom", "secretKeyRef");
                Assert.Equal(SecretPins.ClusterSecretName("portkey-gateway", secrets), reference.Text("name"));
                Assert.Equal("PORTKEY_CLIENT_AUTH", reference.Text("key"));
            }
        }
    }

    [Fact]
    public async Task Render_HostileStrings_ArriveAsExactEnvironmentValues()
    {
        var keys = SettingsCatalog
            .All.Where(s =>
                s is { View.IsSecret: false, SentAs: SentAs.Env }
                && s.Pattern.Length == 0
                && s.View.AllowedValues.Count == 0
                && s.AppliesTo(Edition.Enterprise)
            )
            .Select(s => s.Key)
            .ToList();
        foreach (var batch in Hostile.Chunk(keys.Count))
        {
            var settings = batch.Zip(keys, (value, key) => (key, value)).ToArray();
            var container = (await RenderAsync(Inputs.Enterprise(settings), "dev", Inputs.Pins("PORTKEY_CLIENT_AUTH", "REDIS_URL")))
                .One("Deployment", "portkey-gateway")
                .Container();

            Assert.All(
                settings,
                s =>
                {
                    var value = container.Env(s.key)?["value"];
                    Assert.Equal(s.value, value?.ToString());
                    Assert.Equal(JsonValueKind.String, value!.GetValueKind());
                }
            );
        }
    }

    public void Dispose()
    {
        helm.Dispose();
        folder.Dispose();
    }

    private async Task<RenderedManifests> RenderAsync(EnvironmentSpec spec, string profile, IReadOnlyDictionary<string, SecretPin> secrets)
    {
        var location = Path.Combine(Repository.Charts, "gateway");
        var found = await charts.ResolveAsync(ChartSource.Directory, location, null, null, CancellationToken.None);
        var chart = ChartRows.Of(spec.Edition, ChartSource.Directory, location, found, charts.FactsOf(found), "system", DateTime.UnixEpoch);
        var rendered = await renderer.RenderAsync(Inputs.Render(spec, profile, chart, secrets), CancellationToken.None);
        return RenderedManifests.Parse(rendered.Manifest);
    }
}
