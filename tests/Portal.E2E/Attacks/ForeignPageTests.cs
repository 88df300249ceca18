using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Attacks;

/// <summary>A signed-in administrator's browser visits somebody else's page, or goes on after its session was ended.</summary>
[Collection(ProductCollection.Name)]
public sealed class ForeignPageTests(Product product)
{
    private const string OpenSocket = """
        url => new Promise(done => { const s = new WebSocket(url); s.onopen = () => done('open'); s.onerror = () => done('refused'); s.onclose = () => done('refused'); })
        """;

    [Fact]
    public async Task Page_OnAnotherPortOfTheHost_OpensNoCircuitAndApprovesNothing()
    {
        using var lead = await product.ApiAsync("lead-payments");
        var request = await lead.CreatedAsync(Proposals.Oss("payments-lured"));
        var page = await product.PageAsync("admin-1");
        await page.SettledAsync();
        var circuit = $"ws://127.0.0.1:{product.Portal.BaseUrl.Port}/_blazor";
        Assert.Equal("open", await page.EvaluateAsync<string>(OpenSocket, circuit)); // our own page may: 'self' in the policy covers it
        var token = JsonNode
            .Parse(await page.EvaluateAsync<string>("() => fetch('/api/v1/antiforgery').then(r => r.text())"))!
            .Text("token");

        using var foreign = new ForeignPage();
        await page.GotoAsync(foreign.Url);
        Assert.Equal("refused", await page.EvaluateAsync<string>(OpenSocket, circuit));
        var address = product.Portal.BaseUrl.GetLeftPart(UriPartial.Authority);
        var sent = await page.EvaluateAsync<string[]>(
            """
            async ([portal, id, digest, token]) => {
              const post = (path, body) => fetch(portal + path, { method: 'POST', mode: 'no-cors', credentials: 'include', headers: { 'Content-Type': 'text/plain' }, body }).then(r => r.type, () => 'failed');
              return [await post('/_blazor/negotiate?negotiateVersion=1', ''), await post(`/api/v1/requests/${id}/approve`, JSON.stringify({ digest, reason: 'stolen' })), await post('/sign-out', '')];
            }
            """,
            new[] { address, request.Text("id"), request.Text("digest"), token }
        );
        Assert.All(sent, type => Assert.Equal("opaque", type)); // they went out, with the cookie
        await page.EvaluateAsync(
            """
            ([portal, token]) => {
              const form = document.createElement('form');
              form.method = 'post'; form.action = portal + '/sign-out';
              const field = document.createElement('input');
              field.name = '__RequestVerificationToken'; field.value = token;
              form.append(field); document.body.append(form); form.submit();
            }
            """,
            new[] { address, token }
        );
        await page.ArrivesAsync("**/sign-out");
        Assert.Contains("This did not come from a page of the portal", await page.InnerTextAsync("body"), StringComparison.Ordinal);

        Assert.Equal("pending", (await lead.RequestAsync(request.Text("id"))).Text("state"));
        await page.GotoAsync("/security-log?kind=foreignOrigin&person=admin-1"); // still signed in
        await page.SettledAsync();
        await page.UntilAsync(
            () => page.ReloadAsync(),
            async p => await p.ById("security-row").CountAsync() > 0,
            "the attempts are in the security log"
        );
        Assert.Contains("Ada Admin", await page.ById("security-row").First.InnerTextAsync(), StringComparison.Ordinal);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Session_EndedByAnAdministrator_ItsOpenPageLeavesForTheSignInPage()
    {
        var lead = await product.PageAsync("lead-search");
        await lead.GotoAsync("/environments");
        await lead.SettledAsync();
        var admin = await product.PageAsync("admin-2");
        await admin.GotoAsync("/sessions?person=lead-search");
        await admin.SettledAsync();
        await admin.UntilAsync(
            async () =>
            {
                if (await admin.ById("end-session").CountAsync() > 0)
                {
                    await admin.ById("end-session").First.ClickAsync(new() { Timeout = 3000 });
                }
            },
            async p => await p.ById("session-row").CountAsync() == 0,
            "the sessions end"
        );
        await lead.ArrivesAsync("**/sign-in?returnUrl=*", seconds: 60);
        Assert.Equal(HttpStatusCode.Unauthorized, (HttpStatusCode)(await lead.APIRequest.GetAsync("/api/v1/me")).Status);
        await admin.Context.CloseAsync();
        await lead.Context.CloseAsync();
    }
}
