using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests;

/// <summary>The real pipeline over a database of its own. It serves the web only: nothing here needs a cluster that answers.</summary>
public sealed class PortalHost : WebApplicationFactory<Program>
{
    private readonly TemporaryFolder folder = new();

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Development");
        builder.UseContentRoot(Repository.Root);
        builder.UseSetting("Portal:DataDirectory", folder.Path);
        builder.UseSetting("Portal:Roles:0", "web");
        builder.UseSetting("Portal:HelmPath", Tools.Helm);
        builder.UseSetting("Portal:ChartsDirectory", Repository.Charts);
        builder.UseSetting("Portal:SandboxKubeconfig", folder.Combine("sandbox.kubeconfig"));
    }

    /// <summary>A browser as far as the portal can tell: it keeps cookies, and its pages are the portal's own. Follows no
    /// redirects.</summary>
    public async Task<HttpClient> BrowserAsync(string persona)
    {
        var browser = CreateClient(new() { AllowAutoRedirect = false });
        (await browser.GetAsync($"/dev/sign-in?persona={persona}")).Dispose();
        return browser;
    }

    /// <summary>A client that follows no redirects; with a persona's bearer token, or none.</summary>
    public async Task<HttpClient> ClientAsync(string? persona)
    {
        var client = CreateClient(new() { AllowAutoRedirect = false });
        if (persona is not null)
        {
            var token = await client.GetStringAsync($"/dev/token/{persona}");
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        client.DefaultRequestHeaders.Remove("Origin"); // a program, not a page

        return client;
    }

    /// <summary>A create of payments, in the shape of the contract.</summary>
    public static JsonObject Create(string name) =>
        new()
        {
            ["kind"] = "create",
            ["team"] = "payments",
            ["name"] = name,
            ["cluster"] = "sandbox",
            ["profile"] = "dev",
            ["reason"] = "for a test",
            ["spec"] = new JsonObject
            {
                ["edition"] = "oss",
                ["settings"] = new JsonObject(),
                ["network"] = new JsonObject { ["exposure"] = "internal" },
            },
        };

    /// <summary>What a browser adds to what the portal's own pages send.</summary>
    protected override void ConfigureClient(HttpClient client)
    {
        base.ConfigureClient(client);
        client.DefaultRequestHeaders.Add("Origin", client.BaseAddress!.GetLeftPart(UriPartial.Authority));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            folder.Dispose();
        }
    }
}

/// <summary>Small words for HTTP.</summary>
internal static class HttpText
{
    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    public static StringContent Json(JsonNode node) => Json(node.ToJsonString());

    public static async Task<JsonNode> NodeAsync(this HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    /// <summary>Gets the token that a browser's page would send with what changes something, and sends it from now on.</summary>
    public static async Task<HttpClient> WithAntiforgeryAsync(this HttpClient browser)
    {
        var token = await (await browser.GetAsync("/api/v1/antiforgery")).NodeAsync();
        browser.DefaultRequestHeaders.Add((string)token["header"]!, (string)token["token"]!);
        return browser;
    }

    /// <summary>Asserts the shape that every error has and hands it on.</summary>
    public static async Task<JsonNode> ProblemAsync(this HttpResponseMessage response, int status, string? code = null)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(text)!;
        Assert.Equal(status, (int)problem["status"]!);
        Assert.All(["type", "title", "detail", "code", "traceId"], key => Assert.False(string.IsNullOrEmpty((string?)problem[key]), key));
        Assert.Equal((string?)problem["traceId"], response.Headers.GetValues("X-Correlation-Id").Single());
        Assert.True(code is null || code == (string?)problem["code"], text);
        return problem;
    }
}
