using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Hosting;

/// <summary>A started portal, over the wire: connections as an attacker makes them, and connections that somebody holds on to.</summary>
public sealed class SocketTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private PortalProcess? portal;

    private PortalProcess Portal => portal!;

    public async ValueTask InitializeAsync() =>
        portal = await PortalProcess.StartAsync(
            new PortalOptions
            {
                Variables = new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["Portal__Roles__0"] = "web",
                    ["Portal__Sessions__CheckSeconds"] = "1",
                },
            }
        );

    public ValueTask DisposeAsync() => Portal.DisposeAsync();

    [Fact]
    public async Task Circuit_OfAForeignPage_IsNeverOpened()
    {
        var cookie = await CookieAsync("admin-1");
        foreach (
            var origin in (string?[])
                [null, "null", "http://127.0.0.1:1", $"http://localhost:{Portal.BaseUrl.Port}", $"https://127.0.0.1:{Portal.BaseUrl.Port}"]
        )
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Cookie", cookie);
            socket.Options.SetRequestHeader("Origin", origin);
            socket.Options.CollectHttpResponseDetails = true;
            var circuit = Circuit(await ConnectionAsync(cookie));
            await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(circuit, CancellationToken.None));
            Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
        }

        using var bearer = new ClientWebSocket();
        bearer.Options.SetRequestHeader("Authorization", "Bearer " + await Portal.TokenAsync("admin-1"));
        bearer.Options.SetRequestHeader("Origin", "http://evil.example");
        await Assert.ThrowsAsync<WebSocketException>(() => bearer.ConnectAsync(Circuit("x"), CancellationToken.None));
    }

    [Fact]
    public async Task Circuit_SessionEnded_IsCutWhileAnotherStays()
    {
        using var admin = await Portal.ClientAsync("admin-1");
        var (lead, other) = (await CookieAsync("lead-payments"), await CookieAsync("lead-search"));
        using var cut = await OpenAsync(lead);
        using var stays = await OpenAsync(other);
        var id = (string)JsonNode.Parse(await admin.GetStringAsync("/api/v1/sessions?person=lead-payments"))!["items"]![0]!["id"]!;
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/v1/sessions/{id}")).StatusCode);

        await EndedAsync(cut);
        Assert.Equal(WebSocketState.Open, stays.State);
        using var again = new ClientWebSocket();
        again.Options.SetRequestHeader("Cookie", lead);
        again.Options.SetRequestHeader("Origin", Origin);
        await Assert.ThrowsAsync<WebSocketException>(() => again.ConnectAsync(Circuit("x"), CancellationToken.None));
    }

    [Fact]
    public async Task Host_Forged_IsRefusedOnTheWire()
    {
        Assert.StartsWith(
            "HTTP/1.1 200",
            await RawAsync("/dev/token/admin-1", $"127.0.0.1:{Portal.BaseUrl.Port}"),
            StringComparison.Ordinal
        );
        foreach (var host in (string[])["rebound.example", "rebound.example:5080", "127.0.0.1.rebound.example", "0.0.0.0", ""])
        {
            Assert.StartsWith("HTTP/1.1 400", await RawAsync("/dev/token/admin-1", host), StringComparison.Ordinal);
        }

        Assert.StartsWith(
            "HTTP/1.1 400",
            await RawAsync("/dev/token/admin-1", "rebound.example", "X-Forwarded-Host: localhost"),
            StringComparison.Ordinal
        );
        Assert.StartsWith("HTTP/1.1 200", await RawAsync("/healthz/ready", "10.1.2.3:8080"), StringComparison.Ordinal);
    }

    private string Origin => Portal.BaseUrl.GetLeftPart(UriPartial.Authority);

    private Uri Circuit(string connection) => new($"ws://127.0.0.1:{Portal.BaseUrl.Port}/_blazor?id={connection}");

    private async Task<ClientWebSocket> OpenAsync(string cookie)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", cookie);
        socket.Options.SetRequestHeader("Origin", Origin);
        await socket.ConnectAsync(Circuit(await ConnectionAsync(cookie)), CancellationToken.None);
        await socket.SendAsync(
            Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"),
            WebSocketMessageType.Text,
            true,
            CancellationToken.None
        );
        var answer = new byte[100];
        var received = await socket.ReceiveAsync(answer.AsMemory(), CancellationToken.None);
        Assert.Equal("{}\u001e", Encoding.UTF8.GetString(answer, 0, received.Count));
        return socket;
    }

    private async Task<string> ConnectionAsync(string cookie)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1")
        {
            Headers = { { "Cookie", cookie }, { "Origin", Origin } },
        };
        return (string)(await (await Portal.Client.SendAsync(message)).NodeAsync())["connectionToken"]!;
    }

    private async Task<string> CookieAsync(string persona)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = Portal.BaseUrl,
        };
        return (await browser.GetAsync($"/dev/sign-in?persona={persona}"))
            .Headers.GetValues("Set-Cookie")
            .First(c => c.StartsWith("portal=", StringComparison.Ordinal))
            .Split(';')[0];
    }

    private static async Task EndedAsync(ClientWebSocket socket)
    {
        using var limit = new CancellationTokenSource(Patience);
        var buffer = new byte[4096];
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), limit.Token)).MessageType != WebSocketMessageType.Close)
            {
                // Pings.
            }
        }
        catch (WebSocketException)
        {
            return; // cut
        }
    }

    private async Task<string> RawAsync(string path, string host, string header = "X-None: x")
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Portal.BaseUrl.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $"GET {path} HTTP/1.1\r\nHost: {host}\r\n{header}\r\nConnection: close\r\n\r\n")
            )
        );
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }
}
