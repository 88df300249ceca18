using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Tests.Charts;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Catalog;

/// <summary>Every setting in every mode, through a real helm and both layouts of Portkey's chart, up to the container that reads
/// it.</summary>
public sealed class SettingsByModeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HelmRunner helm;
    private readonly ChartStore charts;
    private readonly Renderer renderer;

    public SettingsByModeTests()
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

    public static TheoryData<int, string> Rows() => new(ModeRow.All.SelectMany((row, i) => new[] { (i, "1.7.7"), (i, "1.0.8") }));

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Row_SetInItsMode_ReachesTheContainerAsThatRowSays(int index, string layout)
    {
        var row = ModeRow.All[index];
        var (chart, facts) = await ChartAsync(layout);
        var (key, value) = row.Key switch
        {
            "registry username" => ("REGISTRY_USERNAME", null),
            "registry password" => ("REGISTRY_PASSWORD", null),
            _ when row.Key.StartsWith("serviceAccount.annotations[", StringComparison.Ordinal) => ("AZURE_WORKLOAD_CLIENT_ID", null),
            _ => row.Key.Split('=') is [var k, var v] ? (k, v) : (row.Key, null),
        };
        var (spec, secrets) = ModeSpecs.For(ModeSpecs.Entering(row.Group, row.Mode));
        var settings = spec.Settings.ToDictionary(StringComparer.Ordinal);
        if (
            row is not { Mode: "none" }
            && key is not ("LOG_STORE" or "PORT" or "AZURE_AUTH_MODE" or "REDIS_URL" or "REDIS_TLS_ENABLED" or "AZURE_REDIS_AUTH_MODE")
        )
        {
            ModeSpecs.Set(key, value, settings, secrets);
        }

        spec = spec with { Settings = settings };
        var setting = SettingsCatalog.ByKey[key];
        Assert.Equal(row.Secret == "yes", setting.View.IsSecret);
        if (
            row.Need == "required"
            && key is not ("LOG_STORE" or "CACHE_STORE" or "ANALYTICS_STORE" or "VECTOR_STORE" or "REGISTRY_USERNAME")
            && setting.View.Default.Length == 0
            && row.Mode is not "redis"
        )
        {
            // Without it the spec is refused, and the field is named.
            var less = spec with
            {
                Settings = settings.Where(s => s.Key != key).ToDictionary(),
            };
            var problem = Assert.Single(
                ModeSpecs.Judge(less, secrets.Where(s => s.Key != key).ToDictionary()),
                p => p.Field.EndsWith("." + key, StringComparison.Ordinal)
            );
            Assert.Contains(setting.View.IsSecret ? "spec.secrets." : "spec.settings.", problem.Field, StringComparison.Ordinal);
        }

        if (
            layout == "1.0.8"
            && spec
                .Settings.Concat(secrets)
                .FirstOrDefault(s =>
                    s.Value.Length > 0
                    && SettingsCatalog.ByKey[s.Key] is { SentAs: SentAs.Env } one
                    && !facts.AcceptsSetting(s.Key, one.View.Since)
                )
                is { Key: { } newer }
        )
        {
            // Only what that version takes is let through; the rest is named.
            Assert.Contains(
                ModeSpecs.Judge(spec, secrets, new SpecChart("gateway 1.0.8", facts)),
                p => p.Field.EndsWith("." + newer, StringComparison.Ordinal) && p.Message.Contains("1.7.7", StringComparison.Ordinal)
            );
            return;
        }

        Assert.Empty(ModeSpecs.Judge(spec, secrets, new SpecChart($"gateway {layout}", facts)));
        var pins = Inputs.Pins([.. secrets.Keys]);
        var rendered = await renderer.RenderAsync(Inputs.Render(spec, "dev", chart, pins), TestContext.Current.CancellationToken);
        Assert.All(
            secrets.Values.Where(v => v.Length > 8),
            v => Assert.DoesNotContain(v, rendered.Values + rendered.Manifest, StringComparison.Ordinal)
        );
        var manifests = RenderedManifests.Parse(rendered.Manifest);
        var pod = manifests.One("Deployment", "portkey-gateway").At("spec", "template", "spec");
        switch (setting.SentAs)
        {
            case SentAs.PullSecret:
                Assert.Equal(PullSecret.Of("portkey-gateway", spec, pins)!.Name, Assert.Single(pod.Items("imagePullSecrets")).Text("name"));
                break;
            case SentAs.ServiceAccount:
                Assert.Equal(
                    settings[key],
                    manifests
                        .One("ServiceAccount", pod.Text("serviceAccountName"))
                        .Text("metadata", "annotations", "azure.workload.identity/client-id")
                );
                Assert.Equal(
                    "true",
                    manifests
                        .One("Deployment", "portkey-gateway")
                        .Text("spec", "template", "metadata", "labels", "azure.workload.identity/use")
                );
                break;
            default:
                var expected = setting.View.IsSecret ? null : SpecValidator.Value(spec)(key);
                AssertReaches(
                    manifests,
                    pod,
                    key,
                    expected,
                    row is { Key: "REDIS_URL", Mode: "redis" } && !secrets.ContainsKey(key) ? "redis://redis:6379" : null,
                    pins
                );
                break;
        }
    }

    [Fact]
    public async Task Values_ForAnyModeAndLayout_HoldOnlyKeysOfThatChart()
    {
        foreach (var layout in new[] { "1.0.8", "1.7.7" })
        {
            var (chart, facts) = await ChartAsync(layout);
            foreach (var mode in ModeRow.All.Select(r => (r.Group, r.Mode)).Distinct())
            {
                var (spec, secrets) = ModeSpecs.For(ModeSpecs.Entering(mode.Group, mode.Mode));
                var values = RenderedManifests.ParseValues(
                    ValuesRenderer.Gateway(Inputs.Render(spec, "dev", chart, Inputs.Pins([.. secrets.Keys])) with { Facts = facts })
                )!;
                Assert.DoesNotContain(
                    Paths(values, ""),
                    p => !p.StartsWith("environment.data.", StringComparison.Ordinal) && !facts.Accepts(p)
                );
                Assert.Equal(layout == "1.7.7", values["environment"]!["existingSecret"] is not null);
            }
        }
    }

    public void Dispose()
    {
        helm.Dispose();
        folder.Dispose();
    }

    // The environment as the container sees it: 'env' goes before 'envFrom', and references are followed.
    private static void AssertReaches(
        RenderedManifests manifests,
        JsonNode? pod,
        string key,
        string? plain,
        string? builtIn,
        IReadOnlyDictionary<string, SecretPin> pins
    )
    {
        var container = pod.Items("containers")[0];
        var entry = container.Env(key);
        if (plain is null && builtIn is null)
        {
            var secret = SecretPins.ClusterSecretName("portkey-gateway", pins);
            if (entry is not null)
            {
                Assert.Equal(
                    (secret, key),
                    (entry.Text("valueFrom", "secretKeyRef", "name"), entry.Text("valueFrom", "secretKeyRef", "key"))
                );
            }
            else
            {
                Assert.Contains(container.Items("envFrom"), f => f.Text("secretRef", "name") == secret);
            }

            return;
        }

        var wanted = builtIn ?? plain!;
        if (wanted.Length == 0)
        {
            Assert.True(entry is null || key == "SERVER_MODE", $"{key} is set, though it is empty");
            return;
        }

        var beside = container.Items("envFrom").Select(f => f.Text("configMapRef", "name")).FirstOrDefault(n => n is not null);
        Assert.Equal(wanted, entry.Text("value") ?? manifests.One("ConfigMap", beside).Text("data", key));
    }

    private static IEnumerable<string> Paths(JsonNode node, string above) =>
        node is JsonObject { Count: > 0 } below
            ? below.SelectMany(p => p.Value is null ? [above + p.Key] : Paths(p.Value, $"{above}{p.Key}."))
            : [above.TrimEnd('.')];

    private async Task<(ChartVersion Chart, ChartFacts Facts)> ChartAsync(string layout)
    {
        var location =
            layout == "1.7.7"
                ? Path.Combine(Repository.Charts, "gateway")
                : Path.Combine(Repository.Root, "tests", "Shared", "Charts", "gateway-1.0.8");
        var found = await charts.ResolveAsync(ChartSource.Directory, location, null, null, TestContext.Current.CancellationToken);
        return (
            ChartRows.Of(Edition.Enterprise, ChartSource.Directory, location, found, charts.FactsOf(found), "system", DateTime.UnixEpoch),
            charts.FactsOf(found)
        );
    }
}
