using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc.Testing;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Features.Catalog;

/// <summary>Portal:PinImages, with a real registry that asks for a password.</summary>
public sealed class PinImagesApiTests(PortalHost plain) : IClassFixture<PortalHost>, IAsyncLifetime
{
    private ImageHub hub = null!;
    private WebApplicationFactory<Program> host = null!;
    private HttpClient lead = null!;
    private string digest = "";

    public async ValueTask InitializeAsync()
    {
        hub = await ImageHub.StartAsync(isPrivate: true);
        digest = await hub.PushAsync("portkeyai/gateway", "1.15.2", "one");
        host = plain.WithWebHostBuilder(b =>
            b.UseSetting("Portal:PinImages", "true").UseSetting("Portal:Preflight:AllowedRanges:0", "127.0.0.0/8")
        );
        lead = host.CreateClient(new() { AllowAutoRedirect = false });
        lead.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            await lead.GetStringAsync("/dev/token/lead-payments")
        );
        lead.DefaultRequestHeaders.Remove("Origin");
    }

    public async ValueTask DisposeAsync()
    {
        lead.Dispose();
        await host.DisposeAsync();
        await hub.DisposeAsync();
    }

    [Fact]
    public async Task Propose_TagThatTheRegistryHas_IsApprovedWithItsDigest()
    {
        var made = await (await ProposeAsync("pinned", "1.15.2", ImageHub.Password)).NodeAsync();

        var image = $"{hub.Host}/portkeyai/gateway:1.15.2";
        var shown = Assert.Single((await (await lead.GetAsync($"/api/v1/requests/{made["id"]}")).NodeAsync())["images"]!.AsArray())!;
        Assert.Equal((image, digest, true), ((string)shown["image"]!, (string)shown["digest"]!, (bool)shown["isPinned"]!));
        var preview = await (await lead.GetAsync($"/api/v1/requests/{made["id"]}/preview")).NodeAsync();
        Assert.Contains($"{image}@{digest}", (string)preview["manifest"]!, StringComparison.Ordinal);
        Assert.Contains($"1.15.2@{digest}", (string)preview["values"]!, StringComparison.Ordinal);
        Assert.Equal((string)made["digest"]!, (string)preview["digest"]!);
        Assert.Equal("1.15.2", (string?)made["spec"]!["imageTag"]); // what was asked for stays as it was asked for

        // Another image under the same tag is other content: the digest that an approval binds to follows it.
        var moved = await hub.PushAsync("portkeyai/gateway", "1.15.2", "two");
        Assert.NotEqual(digest, moved);
        var again = await (await lead.GetAsync($"/api/v1/requests/{made["id"]}/preview")).NodeAsync();
        Assert.Equal((string)preview["manifest"]!, (string)again["manifest"]!);
    }

    [Theory]
    [InlineData("9.9.9", ImageHub.Password, "does not exist")]
    [InlineData("1.15.2", "mistyped-one", "does not let portkey-customer pull")]
    public async Task Propose_DigestThatCannotBeFound_IsRefusedAndMakesNothing(string tag, string password, string says)
    {
        var problem = await (await ProposeAsync("refused", tag, password)).ProblemAsync(400, "invalid");

        var text = (string)problem["errors"]!["spec.imageTag"]![0]!;
        Assert.Contains("Portal:PinImages", text, StringComparison.Ordinal);
        Assert.Contains(says, text, StringComparison.Ordinal);
        Assert.DoesNotContain(password, problem.ToJsonString(), StringComparison.Ordinal);
        var check = await (await lead.PostAsync("/api/v1/requests/check", HttpText.Json(Body("refused", tag, password)))).NodeAsync();
        Assert.Equal("spec.imageTag", (string?)Assert.Single(check["problems"]!.AsArray())!["field"]);
        Assert.DoesNotContain(
            (await (await lead.GetAsync("/api/v1/requests?limit=200")).NodeAsync())["items"]!.AsArray(),
            r => (string?)r!["environmentName"] == "refused"
        );
    }

    private Task<HttpResponseMessage> ProposeAsync(string name, string tag, string password) =>
        lead.PostAsync("/api/v1/requests", HttpText.Json(Body(name, tag, password)));

    private JsonObject Body(string name, string tag, string password)
    {
        var body = PortalHost.Create(name);
        var spec = body["spec"]!;
        spec["imageRepository"] = $"{hub.Host}/portkeyai/gateway";
        spec["imageTag"] = tag;
        spec["settings"] = new JsonObject { ["REGISTRY_SERVER"] = hub.Host, ["REGISTRY_USERNAME"] = ImageHub.User };
        spec["secrets"] = new JsonObject { ["REGISTRY_PASSWORD"] = password };
        return body;
    }
}
