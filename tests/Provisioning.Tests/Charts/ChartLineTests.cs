using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Catalog.Charts;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Charts;

/// <summary>Charts in the shape of each line that Portkey published: registered without a waiver, and rendered from one spec.</summary>
public sealed class ChartLineTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HelmRunner helm;
    private readonly ChartStore charts;
    private readonly Renderer renderer;

    public ChartLineTests()
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

    public static TheoryData<string> Lines => [.. ChartLines.All.Select(l => l.Folder)];

    public static TheoryData<string> WithDataService => [.. ChartLines.All.Select(l => l.Folder).Skip(1)];

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Line_IsRegisteredWithoutWaiver_AndRendersOneSpec(string line)
    {
        var (row, found) = await RowAsync(ChartLines.Path(line));
        Assert.Empty(await new ChartTrial(helm, charts).ProblemsAsync(row, found, TestContext.Current.CancellationToken));

        var spec = Inputs.Enterprise();
        Assert.Empty(SpecChecks(spec, found));
        var rendered = await RenderAsync(line, spec, "PORTKEY_CLIENT_AUTH", "REDIS_URL");
        Assert.DoesNotContain("<nil>", rendered.Manifest, StringComparison.Ordinal);
        Assert.DoesNotContain("kind: StatefulSet", rendered.Manifest, StringComparison.Ordinal);
        Assert.DoesNotContain("/redis:", rendered.Manifest, StringComparison.Ordinal); // CACHE_STORE is custom
        Assert.Contains("ALL", rendered.Manifest, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(WithDataService))]
    public async Task DataService_OfASpecWithManySettingsUnset_GetsNoTextNil(string line)
    {
        var spec = Inputs.Enterprise(("LOG_STORE", "s3"), ("LOG_STORE_REGION", "eu-west-1"), ("LOG_STORE_GENERATIONS_BUCKET", "acme")) with
        {
            DataService = true,
        };
        var rendered = await RenderAsync(line, spec, "PORTKEY_CLIENT_AUTH", "REDIS_URL", "LOG_STORE_ACCESS_KEY", "LOG_STORE_SECRET_KEY");
        Assert.DoesNotContain("<nil>", rendered.Manifest, StringComparison.Ordinal);
        Assert.Contains("-dataservice", rendered.Manifest, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Entra_OnEachLine_IsTaken_AndReachesTheContainer(string line)
    {
        var (_, found) = await RowAsync(ChartLines.Path(line));
        var spec = Inputs.Enterprise(
            ("LOG_STORE", "azure"),
            ("AZURE_STORAGE_ACCOUNT", "gatewaylogs"),
            ("AZURE_STORAGE_CONTAINER", "llm-logs"),
            ("AZURE_AUTH_MODE", "entra"),
            ("AZURE_ENTRA_CLIENT_ID", "11111111-2222-4333-8444-555555555555"),
            ("AZURE_ENTRA_TENANT_ID", "21111111-2222-4333-8444-555555555555")
        );
        Assert.Empty(SpecChecks(spec, found, "AZURE_ENTRA_CLIENT_SECRET"));
        var manifest = (await RenderAsync(line, spec, "PORTKEY_CLIENT_AUTH", "REDIS_URL", "AZURE_ENTRA_CLIENT_SECRET")).Manifest;
        Assert.Contains("11111111-2222-4333-8444-555555555555", manifest, StringComparison.Ordinal);
        Assert.Contains("21111111-2222-4333-8444-555555555555", manifest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AirsGw_WithARedisOfItsOwn_StartsOneOnlyWhereTheSpecAsksForIt()
    {
        var (_, found) = await RowAsync(ChartLines.Path("airs-gw-2.15.0"));
        Assert.Equal("airs-gw", charts.FactsOf(found).Layout.Name);
        Assert.Contains(
            "/redis:",
            (await RenderAsync("airs-gw-2.15.0", Inputs.Enterprise(("CACHE_STORE", "redis")), "PORTKEY_CLIENT_AUTH")).Manifest,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "enabled: true",
            (await RenderAsync("airs-gw-2.15.0", Inputs.Enterprise(), "PORTKEY_CLIENT_AUTH", "REDIS_URL")).Values,
            StringComparison.Ordinal
        );
    }

    public static TheoryData<string, string, string, string> Spoilt =>
        new()
        {
            { "templates/redis.yaml", "not .Values.redis.external.enabled", "true", "Deployment redis (image docker.io/redis) is started" },
            {
                "templates/dataservice.yaml",
                "if .Values.dataservice.enabled",
                "if true",
                "Deployment portkey-gateway-dataservice (image docker.io/portkeyai/data-service) is started"
            },
            {
                "templates/network.yaml",
                "port: {{ .Values.service.port }}",
                "port: 80{{/* .Values.service.port */}}{{ if eq (int .Values.service.port) 1 }}1{{ end }}",
                "No Service of the gateway has port 8787."
            },
            {
                "templates/network.yaml",
                "selector: {app.kubernetes.io/name: gateway",
                "selector: {app.kubernetes.io/name: other",
                "No Service leads to the gateway's pods."
            },
            {
                "templates/network.yaml",
                "    app.kubernetes.io/instance: {{ .Release.Name }}\n",
                "",
                "Service portkey-gateway has no label app.kubernetes.io/instance: portkey-gateway"
            },
            {
                "templates/network.yaml",
                "host: {{ .Values.ingress.hostname | quote }}",
                "host: other.example.com",
                "there is none for gateway.example.com"
            },
            { "templates/network.yaml", "type: {{ .Values.service.type }}", "type: NodePort", "is of type NodePort" },
            { "templates/_parts.tpl", "- name: {{ $key }}", "- name: X{{ $key }}", "its container lacks CACHE_STORE" },
            {
                "templates/_parts.tpl",
                "value: {{ $value | quote }}",
                "value: {{ print $value | upper | quote }}",
                "its container has a different CACHE_STORE"
            },
            {
                "templates/_parts.tpl",
                "{{- range .Values.environment.secretKeys }}",
                "{{- range list }}",
                "its container lacks PORTKEY_CLIENT_AUTH"
            },
            {
                "templates/_parts.tpl",
                "value: {{ $value | quote }}",
                "value: {{ $value | quote }}\n- {name: ODD, value: \"{{ $.Values.missing | toString }}\"}",
                "ODD is the text '<nil>'"
            },
            {
                "templates/_parts.tpl",
                "value: {{ $value | quote }}",
                "value: {{ $value | quote }}\n- {name: ODD, value: \"{{ printf \"%s\" $.Values.missing }}\"}",
                "ODD is the text '%!s(<nil>)'"
            },
        };

    [Theory]
    [MemberData(nameof(Spoilt))]
    public async Task Chart_ThatStartsMoreOrGivesLessThanItIsAskedFor_IsRefusedByName(string file, string what, string becomes, string said)
    {
        var copy = folder.Combine("spoilt");
        foreach (var path in Directory.GetFiles(ChartLines.Path("airs-gw-2.15.0"), "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(ChartLines.Path("airs-gw-2.15.0"), path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }

        var text = await File.ReadAllTextAsync(Path.Combine(copy, file), TestContext.Current.CancellationToken);
        Assert.Contains(what, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(
            Path.Combine(copy, file),
            text.Replace(what, becomes, StringComparison.Ordinal),
            TestContext.Current.CancellationToken
        );
        var (row, found) = await RowAsync(copy);
        Assert.Contains(
            await new ChartTrial(helm, charts).ProblemsAsync(row, found, TestContext.Current.CancellationToken),
            p => p.Message.Contains(said, StringComparison.Ordinal)
        );

        var network = new NetworkSpec
        {
            Exposure = said.Contains("example.com", StringComparison.Ordinal) ? Exposure.Ingress : Exposure.Internal,
            Host = "gateway.example.com",
        };
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() =>
            renderer.RenderAsync(
                Inputs.Render(Inputs.Enterprise() with { Network = network }, "dev", row, Inputs.Pins("PORTKEY_CLIENT_AUTH", "REDIS_URL")),
                TestContext.Current.CancellationToken
            )
        );
        Assert.Contains(refused.Problems, p => p.Message.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Defaults_ThatGiveAContainerRights_AreTakenAway()
    {
        var copy = folder.Combine("rights");
        foreach (var path in Directory.GetFiles(ChartLines.Path("gateway-1.7.7"), "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(ChartLines.Path("gateway-1.7.7"), path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }

        var values = Path.Combine(copy, "values.yaml");
        await File.WriteAllTextAsync(
            values,
            (await File.ReadAllTextAsync(values, TestContext.Current.CancellationToken))
                .Replace(
                    "\nsecurityContext: {",
                    "\nsecurityContext: {privileged: true, capabilities: {add: [SYS_ADMIN]}, ",
                    StringComparison.Ordinal
                )
                .Replace("nodeSelector: {}", "nodeSelector: {disk: ssd}", StringComparison.Ordinal),
            TestContext.Current.CancellationToken
        );
        var (row, found) = await RowAsync(copy);
        Assert.Empty(await new ChartTrial(helm, charts).ProblemsAsync(row, found, TestContext.Current.CancellationToken));
        var manifest = (
            await renderer.RenderAsync(
                Inputs.Render(Inputs.Enterprise(), "dev", row, Inputs.Pins("PORTKEY_CLIENT_AUTH", "REDIS_URL")),
                TestContext.Current.CancellationToken
            )
        ).Manifest;
        Assert.DoesNotContain("privileged", manifest, StringComparison.Ordinal);
        Assert.DoesNotContain("disk: ssd", manifest, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        helm.Dispose();
        folder.Dispose();
    }

    private List<FieldProblem> SpecChecks(EnvironmentSpec spec, ResolvedChart found, params string[] secrets)
    {
        var problems = new List<FieldProblem>();
        var candidate = new SpecCandidate(
            spec,
            Inputs.Profile("dev"),
            secrets.Concat(["PORTKEY_CLIENT_AUTH", "REDIS_URL"]).ToDictionary(k => k, _ => "value", StringComparer.Ordinal),
            new HashSet<string>()
        )
        {
            Chart = new SpecChart(found.Name, charts.FactsOf(found)),
        };
        ChartRules.Judge(candidate, problems, []);
        return problems;
    }

    private async Task<Rendered> RenderAsync(string line, EnvironmentSpec spec, params string[] secrets)
    {
        var (row, _) = await RowAsync(ChartLines.Path(line));
        return await renderer.RenderAsync(Inputs.Render(spec, "dev", row, Inputs.Pins(secrets)), TestContext.Current.CancellationToken);
    }

    private async Task<(ChartVersion Row, ResolvedChart Found)> RowAsync(string location)
    {
        var found = await charts.ResolveAsync(ChartSource.Directory, location, null, null, TestContext.Current.CancellationToken);
        return (
            ChartRows.Of(Edition.Enterprise, ChartSource.Directory, location, found, charts.FactsOf(found), "system", DateTime.UnixEpoch),
            found
        );
    }
}
