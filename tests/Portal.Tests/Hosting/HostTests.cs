using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Hosting;

public sealed class HostTests(PortalHost host) : IClassFixture<PortalHost>
{
    [Theory]
    [InlineData("/healthz/live")]
    [InlineData("/healthz/ready")]
    [InlineData("/api/v1/me")]
    [InlineData("/sign-in")]
    public async Task Answer_Any_CarriesTheHeaders(string path)
    {
        using var client = host.CreateClient(new() { AllowAutoRedirect = false });
        var answer = await client.GetAsync(path);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Matches("^[0-9a-f]{32}$", answer.Headers.GetValues("X-Correlation-Id").Single());
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self';", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_Anonymous_IsReady()
    {
        using var client = host.CreateClient();
        Assert.Equal("ready", (string?)JsonNode.Parse(await client.GetStringAsync("/healthz/ready"))!["status"]);
    }

    [Theory]
    [InlineData("http://portal.example.com")]
    [InlineData("https://portal.example.com/portal")]
    [InlineData("https://me:secret@portal.example.com")]
    [InlineData("portal.example.com")]
    [InlineData("*")]
    public async Task Start_PublicUrlThatIsNone_IsRefusedByName(string url)
    {
        var (code, output) = await RunAsync("Production", ("Portal__PublicUrl", url));
        Assert.Equal(1, code);
        Assert.Contains("Portal:PublicUrl must", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenApi_UnlessConfigured_NeedsSignIn()
    {
        using var closed = host.WithWebHostBuilder(b => b.UseSetting("Portal:OpenApi:Anonymous", "false"));
        using var client = closed.CreateClient();
        await (await client.GetAsync("/openapi/v1.json")).ProblemAsync(401, "unauthenticated");
        client.DefaultRequestHeaders.Authorization = new("Bearer", await client.GetStringAsync("/dev/token/auditor"));
        Assert.Equal(System.Net.HttpStatusCode.OK, (await client.GetAsync("/openapi/v1.json")).StatusCode);
    }

    // Without what its parameters must be.
    private static string Bare(string route) =>
        route.Replace(":guid", "", StringComparison.Ordinal).Replace(":long", "", StringComparison.Ordinal).TrimEnd('/');

    [Fact]
    public async Task OpenApi_ListsEveryRouteWithSummaryAndNoSecrets()
    {
        using var client = host.CreateClient();
        var text = await client.GetStringAsync("/openapi/v1.json");
        var paths = JsonNode.Parse(text)!["paths"]!.AsObject();
        var described = paths
            .SelectMany(p => p.Value!.AsObject().Select(o => $"{o.Key.ToUpperInvariant()} {p.Key}"))
            .Order(StringComparer.Ordinal);
        var mapped = host
            .Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText?.StartsWith("/api/v1", StringComparison.Ordinal) == true)
            .SelectMany(e =>
                e.Metadata.GetMetadata<HttpMethodMetadata>()!
                    .HttpMethods.Select(m => $"{m} {Bare(e.RoutePattern.RawText!)}")
            )
            .Order(StringComparer.Ordinal);
        Assert.Equal(mapped, described);
        Assert.All(paths.SelectMany(p => p.Value!.AsObject()), o => Assert.NotEmpty((string)o.Value!["summary"]!));
    }

    [Fact]
    public void Services_WholeGraph_Resolves()
    {
        using var checkedHost = host.WithWebHostBuilder(b =>
        {
            b.UseDefaultServiceProvider(o =>
            {
                o.ValidateOnBuild = true;
                o.ValidateScopes = true;
            });
            b.UseSetting("Portal:Roles:1", "worker");
            b.ConfigureTestServices(s =>
                s.Where(d =>
                        d.ServiceType == typeof(Microsoft.Extensions.Hosting.IHostedService)
                        && d.ImplementationType?.Namespace?.StartsWith("Portkey", StringComparison.Ordinal) == true
                    )
                    .ToList()
                    .ForEach(d => s.Remove(d))
            );
        });
        Assert.NotNull(checkedHost.Services.GetRequiredService<LiveUpdates>());
    }

    [Fact]
    public void Services_OfTheWebTier_HaveNoWayToReadSecrets()
    {
        Assert.NotNull(host.Services.GetService<Provisioning.Clouds.ISecretWriter>());
        Assert.Null(host.Services.GetService<Provisioning.Clouds.ISecretVault>());
        Assert.Null(host.Services.GetService<Provisioning.Clouds.IVaultInventory>());
    }

    [Theory]
    [InlineData("Production", "true", "Portal:Personas")]
    [InlineData("Production", "false", "AzureAd:ClientId")]
    [InlineData("Production", "false", "Portal:PublicUrl")]
    [InlineData("Development", "false", "Portal:Personas=true")]
    public async Task Start_NoSafeWayToSignIn_RefusesAndSaysWhichKeys(string environment, string personas, string expected)
    {
        var (code, output) = await RunAsync(environment, ("Portal__Personas", personas));
        Assert.Equal(1, code);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_SeveralThingsWrong_ReportsThemAllAtOnce()
    {
        var (code, output) = await RunAsync(
            "Development",
            ("Portal__Personas", "true"),
            ("Portal__TrustedProxies__0", "proxy"),
            ("Portal__DatabaseProvider", "Oracle"),
            ("Portal__WorkerConcurrency", "0"),
            ("Portal__Profiles__dev__GraceSeconds", "0"),
            ("Portal__Vault__Kind", "azure"),
            ("Portal__Vault__TimeoutSeconds", "0")
        );
        Assert.Equal(1, code);
        Assert.All(
            [
                "Portal:TrustedProxies:0",
                "Portal:DatabaseProvider",
                "Portal:WorkerConcurrency",
                "Portal:Profiles:dev:GraceSeconds",
                "Portal:Vault:Address",
                "Portal:Vault:TimeoutSeconds",
            ],
            key => Assert.Contains(key, output, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Start_GraceOfAProfileThatIsNotThere_IsRefusedByItsName()
    {
        var (code, output) = await RunAsync(
            "Development",
            ("Portal__Personas", "true"),
            ("Portal__HelmPath", Tools.Helm),
            ("Portal__ChartsDirectory", Repository.Charts),
            ("Portal__Profiles__huge__GraceSeconds", "60")
        );
        Assert.Equal(1, code);
        Assert.Contains(
            "Portal:Profiles:huge: there is no profile of this name. There are: dev, standard, mission-critical.",
            output,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> RunAsync(string environment, params (string Key, string Value)[] settings)
    {
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo("dotnet", [Repository.BuiltDll("src/Portal", "Portkey.Portal.Web")])
        {
            WorkingDirectory = folder.Path,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = environment;
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["Portal__DataDirectory"] = folder.Path;
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        using var process = new LoggedProcess(start);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitAsync(limit.Token);
        return (process.ExitCode, process.Output);
    }
}
