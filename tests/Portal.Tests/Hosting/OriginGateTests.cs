using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;

namespace Portkey.Portal.Tests.Hosting;

/// <summary>Requests that a page of somebody else's makes a browser send, and names that are made to point here.</summary>
public sealed class OriginGateTests(PortalHost host) : IClassFixture<PortalHost>
{
    /// <summary>Everything that a page elsewhere can make a browser say about itself.</summary>
    public static TheoryData<string> Foreign =>
        [
            "http://localhost:81",
            "https://localhost",
            "http://127.0.0.1",
            "http://evil.example",
            "http://localhost.evil.example",
            "null",
            "",
            "http://localhost, http://evil.example",
        ];

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task Negotiate_ForeignOrigin_IsRefused(string origin)
    {
        using var browser = await SignedInAsync(origin);
        await (await browser.PostAsync("/_blazor/negotiate?negotiateVersion=1", null)).ProblemAsync(403, "foreign-origin");
        await (await browser.GetAsync("/_blazor/initializers")).ProblemAsync(403, "foreign-origin");
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task Approval_ForeignOriginWithCookieAndToken_ChangesNothing(string origin)
    {
        using var lead = await host.ClientAsync("lead-payments");
        var made = await (
            await lead.PostAsync(
                "/api/v1/requests",
                HttpText.Json(PortalHost.Create($"gate-{Math.Abs(origin.GetHashCode(StringComparison.Ordinal)) % 10_000_000}"))
            )
        ).NodeAsync();
        using var browser = await (await SignedInAsync(origin)).WithAntiforgeryAsync();
        var path = $"/api/v1/requests/{made["id"]}/approve";
        await (
            await browser.PostAsync(path, HttpText.Json(new JsonObject { ["digest"] = (string)made["digest"]!, ["reason"] = "x" }))
        ).ProblemAsync(403, "foreign-origin");
        Assert.Equal("pending", (string?)(await (await lead.GetAsync($"/api/v1/requests/{made["id"]}")).NodeAsync())["state"]);
    }

    [Fact]
    public async Task Change_CookieWithoutOrigin_IsRefused()
    {
        using var browser = await (await host.BrowserAsync("admin-1")).WithAntiforgeryAsync();
        browser.DefaultRequestHeaders.Remove("Origin");
        await (await browser.PostAsync("/api/v1/charts", HttpText.Json("{}"))).ProblemAsync(403, "foreign-origin");
        await (await browser.DeleteAsync($"/api/v1/sessions/{Guid.NewGuid()}")).ProblemAsync(403, "foreign-origin");
        await (await browser.PostAsync("/sign-out", null)).ProblemAsync(403, "foreign-origin");
    }

    [Fact]
    public async Task Change_BearerWithForeignOrigin_IsRefusedAndWithNoneOrOursIsNot()
    {
        using var program = await host.ClientAsync("admin-1");
        await (await program.PostAsync("/api/v1/charts", HttpText.Json("{}"))).ProblemAsync(400, "invalid");
        program.DefaultRequestHeaders.Add("Origin", "http://evil.example");
        await (await program.PostAsync("/api/v1/charts", HttpText.Json("{}"))).ProblemAsync(403, "foreign-origin");
        program.DefaultRequestHeaders.Remove("Origin");
        program.DefaultRequestHeaders.Add("Origin", "http://localhost");
        await (await program.PostAsync("/api/v1/charts", HttpText.Json("{}"))).ProblemAsync(400, "invalid");
    }

    [Theory]
    [InlineData("same-origin", HttpStatusCode.OK)]
    [InlineData("same-site", HttpStatusCode.Forbidden)]
    [InlineData("none", HttpStatusCode.Forbidden)]
    [InlineData(null, HttpStatusCode.Forbidden)]
    public async Task CircuitRead_WithoutOrigin_IsForOurPagesOnly(string? site, HttpStatusCode expected)
    {
        using var browser = await host.BrowserAsync("admin-1");
        browser.DefaultRequestHeaders.Remove("Origin");
        if (site is not null)
        {
            browser.DefaultRequestHeaders.Add("Sec-Fetch-Site", site);
        }

        Assert.Equal(expected, (await browser.GetAsync("/_blazor/initializers")).StatusCode);
    }

    [Theory]
    [InlineData("http://localhost", true)]
    [InlineData("http://localhost:81", false)]
    [InlineData("null", false)]
    [InlineData(null, false)]
    public async Task WebSocket_OnlyOurOrigin_Opens(string? origin, bool opens)
    {
        using var browser = host.CreateClient(new() { AllowAutoRedirect = false, HandleCookies = false });
        var cookie = (await browser.GetAsync("/dev/sign-in?persona=admin-1"))
            .Headers.GetValues("Set-Cookie")
            .First(c => c.StartsWith("portal=", StringComparison.Ordinal))
            .Split(';')[0];
        using var negotiation = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1")
        {
            Headers = { { "Cookie", cookie } },
        };
        var connection = (string)(await (await browser.SendAsync(negotiation)).NodeAsync())["connectionToken"]!;
        var sockets = host.Server.CreateWebSocketClient();
        sockets.ConfigureRequest = request =>
        {
            request.Headers.Cookie = cookie;
            request.Headers.Upgrade = "websocket";
            request.Headers.Origin = origin;
            request.Headers["Sec-Fetch-Site"] = "same-origin"; // a program can say so; here it helps nothing
        };
        var opening = sockets.ConnectAsync(new Uri($"ws://localhost/_blazor?id={connection}"), default);
        if (opens)
        {
            using var socket = await opening;
            Assert.Equal(WebSocketState.Open, socket.State);
        }
        else
        {
            Assert.Contains("403", (await Assert.ThrowsAnyAsync<Exception>(() => opening)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("localhost.")]
    [InlineData("10.0.0.7:5080")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task Host_NotOurs_IsRefusedForAllButProbes(string name)
    {
        foreach (
            var path in (string[])
                [
                    "/",
                    "/sign-in",
                    "/api/v1/me",
                    "/dev/token/admin-1",
                    "/dev/sign-in?persona=admin-1",
                    "/openapi/v1.json",
                    "/_blazor/initializers",
                    "/css/app.css",
                ]
        )
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(path, name)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/healthz/ready", name)).StatusCode);
        await (await GetAsync("/api/v1/me", name)).ProblemAsync(400, "foreign-host");
    }

    [Theory]
    [InlineData("127.0.0.1:5080")]
    [InlineData("[::1]:5080")]
    [InlineData("LOCALHOST")]
    public async Task Dev_LoopbackName_Answers(string name) =>
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/dev/token/admin-1", name)).StatusCode);

    [Fact]
    public async Task Dev_UnderThePublicName_IsNotThere()
    {
        using var named = host.WithWebHostBuilder(b => b.UseSetting("Portal:PublicUrl", "https://portal.example.com"));
        using var client = named.CreateClient(new() { BaseAddress = new Uri("https://portal.example.com"), AllowAutoRedirect = false });
        await (await client.GetAsync("/dev/token/admin-1")).ProblemAsync(404);
        await (await client.GetAsync("/dev/sign-in?persona=admin-1")).ProblemAsync(404);
        await (await client.GetAsync("/api/v1/me")).ProblemAsync(401);
        client.DefaultRequestHeaders.Remove("Origin");
        client.DefaultRequestHeaders.Add("Origin", "http://portal.example.com");
        await (await client.PostAsync("/api/v1/charts", null)).ProblemAsync(403, "foreign-origin"); // by another scheme
        client.DefaultRequestHeaders.Remove("Origin");
        client.DefaultRequestHeaders.Add("Origin", "https://portal.example.com");
        await (await client.PostAsync("/api/v1/charts", null)).ProblemAsync(401); // its own Origin passes the gate
    }

    private async Task<HttpClient> SignedInAsync(string origin)
    {
        var browser = await host.BrowserAsync("admin-1");
        browser.DefaultRequestHeaders.Remove("Origin");
        browser.DefaultRequestHeaders.TryAddWithoutValidation("Origin", origin);
        return browser;
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string name)
    {
        using var client = host.CreateClient(new() { AllowAutoRedirect = false });
        using var message = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = name } };
        return await client.SendAsync(message);
    }
}
