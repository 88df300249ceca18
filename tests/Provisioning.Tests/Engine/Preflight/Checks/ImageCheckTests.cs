using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Preflight.Checks;

/// <summary>Images are asked for at a registry that speaks the distribution specification with token authentication.</summary>
public sealed class ImageCheckTests : IAsyncLifetime
{
    private const string Digest = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";
    private readonly List<string> asked = [];
    private WebApplication? app;
    private string host = "";

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet(
            "/token",
            (HttpContext http) =>
            {
                lock (asked)
                {
                    asked.Add($"token {http.Request.Query["scope"]} {http.Request.Headers.Authorization}");
                }

                var basic = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("portkey-customer:right"))}";
                return http.Request.Headers.Authorization.Count == 0 ? Results.Json(new { token = "nobody" })
                    : http.Request.Headers.Authorization == basic ? Results.Json(new { token = "customer" })
                    : Results.StatusCode(401);
            }
        );
        app.MapMethods(
            "/v2/{**path}",
            ["HEAD"],
            (HttpContext http, string path) =>
            {
                var token = http.Request.Headers.Authorization.ToString();
                if (token.Length == 0 || (token == "Bearer nobody" && path.StartsWith("private/", StringComparison.Ordinal)))
                {
                    http.Response.Headers.WWWAuthenticate =
                        $"Bearer realm=\"http://{host}/token\",service=\"registry\",scope=\"repository:x:pull\"";
                    return Results.StatusCode(401);
                }

                if (path.StartsWith("broken/", StringComparison.Ordinal))
                {
                    return Results.StatusCode(503);
                }

                http.Response.Headers["Docker-Content-Digest"] = Digest;
                return
                    path.EndsWith("/manifests/2.13.0", StringComparison.Ordinal)
                    || path.EndsWith($"/manifests/{Digest}", StringComparison.Ordinal)
                    ? Results.Ok()
                    : Results.NotFound();
            }
        );
        await app.StartAsync(TestContext.Current.CancellationToken);
        host = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Authority;
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
        {
            await app.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("public/gateway:2.13.0", "", CheckStatus.Passed, Digest)]
    [InlineData("public/gateway@" + Digest, "", CheckStatus.Passed, Digest)]
    [InlineData("public/gateway:9.9.9", "", CheckStatus.Failed, "public/gateway:9.9.9 does not exist")]
    [InlineData("private/gateway:2.13.0", "right", CheckStatus.Passed, Digest)]
    [InlineData("private/gateway:2.13.0", "wrong", CheckStatus.Failed, "does not let portkey-customer pull")]
    [InlineData("private/gateway:2.13.0", "", CheckStatus.Warning, "is not visible without credentials")]
    [InlineData("broken/gateway:2.13.0", "", CheckStatus.Warning, "answers 503")]
    public async Task Run_Image_IsAskedForWithThePullCredentials(string image, string password, CheckStatus status, string says) =>
        Subjects.Is(status, says, await Subjects.RunAsync("images", Subject($"{host}/{image}", password, host)));

    [Fact]
    public async Task Run_RegistryThatNobodyReaches_IsAFindingAndNoPass() =>
        Subjects.Is(
            CheckStatus.Warning,
            "could not be asked for",
            await Subjects.RunAsync("images", Subject("registry.invalid/gateway:1.0.0", "", host))
        );

    [Fact]
    public async Task Run_RegistryOfAnotherHost_GetsNoCredentials()
    {
        await Subjects.RunAsync("images", Subject($"{host}/public/gateway:2.13.0", "right", "registry.example.com"));

        Assert.All(asked, a => Assert.DoesNotContain("Basic", a, StringComparison.Ordinal));
        Assert.Contains(asked, a => a.StartsWith("token repository:public/gateway:pull", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("169.254.169.254/latest/meta-data:1.0.0")]
    [InlineData("2852039166:80/x:1.0.0")]
    public async Task Run_RegistryAtTheMetadataAddress_IsNotCalled(string image) =>
        Subjects.Is(CheckStatus.Failed, "does not call", await Subjects.RunAsync("images", Subject(image, "", host)));

    private static PreflightSubject Subject(string image, string password, string server)
    {
        var manifest =
            $"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: gateway}}\nspec: {{template: {{spec: {{containers: [{{name: gateway, image: \"{image}\"}}]}}}}}}\n";
        return new(Inputs.Enterprise(("REGISTRY_SERVER", server), ("REGISTRY_USERNAME", "portkey-customer")), manifest)
        {
            Cluster = null!,
            Namespace = "payments-dev",
            EnvironmentId = Guid.NewGuid(),
            ReleaseName = "portkey-gateway",
            Zones = 1,
            Pins = password.Length == 0 ? Inputs.Pins() : Inputs.Pins("REGISTRY_PASSWORD"),
            Secrets =
                password.Length == 0
                    ? new Dictionary<string, SecretValue>()
                    : new Dictionary<string, SecretValue> { ["REGISTRY_PASSWORD"] = new(password) },
        };
    }
}
