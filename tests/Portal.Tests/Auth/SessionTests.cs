using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Data;

namespace Portkey.Portal.Tests.Auth;

/// <summary>Cookies that were copied, and sessions that are ended.</summary>
public sealed class SessionTests(PortalHost host) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task SignOut_CopiedCookie_IsWorthNothing()
    {
        using var browser = host.CreateClient(new() { AllowAutoRedirect = false });
        var copy = await CookieAsync(browser, "lead-payments");
        Assert.Equal(HttpStatusCode.OK, (await MeAsync(copy)).StatusCode);
        await browser.WithAntiforgeryAsync();
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/sign-out", null)).StatusCode);
        await (await MeAsync(copy)).ProblemAsync(401, "unauthenticated");

        using var auditor = await host.ClientAsync("auditor");
        await SeenAsync(auditor, "person=lead-payments&kind=signedOut", _ => true);
        await SeenAsync(auditor, "person=lead-payments&kind=endedSessionUsed", row => (string?)row["path"] == "/api/v1/me");
    }

    [Fact]
    public async Task Cookie_HoldsAKeyOnly_AndTheDatabaseHoldsNoCookie()
    {
        using var browser = host.CreateClient(new() { AllowAutoRedirect = false });
        var cookie = await CookieAsync(browser, "auditor");
        Assert.DoesNotContain(";", cookie, StringComparison.Ordinal);
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();
        var row = (await db.Sessions.AsNoTracking().ToListAsync()).Last(s => s.PersonId == "auditor");
        Assert.Matches("^[0-9a-f]{64}$", row.KeyHash);
        Assert.DoesNotContain("auditor", System.Text.Encoding.Latin1.GetString(row.Ticket), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_AgainInTheSameBrowser_MakesANewKeyAndEndsTheOld()
    {
        using var browser = host.CreateClient(new() { AllowAutoRedirect = false });
        var planted = await CookieAsync(browser, "lead-search");
        var second = await CookieAsync(browser, "admin-2");
        Assert.NotEqual(planted, second);
        await (await MeAsync(planted)).ProblemAsync(401);
        Assert.Equal("admin-2", (string?)(await (await MeAsync(second)).NodeAsync())["personId"]);
    }

    [Fact]
    public async Task End_ByAnAdministrator_WorksAtOnceAndIsAudited()
    {
        using var browser = host.CreateClient(new() { AllowAutoRedirect = false });
        var cookie = await CookieAsync(browser, "admin-lead");
        using var admin = await host.ClientAsync("admin-1");
        var session = (await (await admin.GetAsync("/api/v1/sessions?person=admin-lead")).NodeAsync())["items"]![0]!;
        Assert.Equal(
            ["createdAt", "expiresAt", "id", "lastSeenAt", "personId", "personName", "sourceAddress", "userAgent"],
            session.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal)
        );
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/v1/sessions/{session["id"]}")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/v1/sessions/{session["id"]}")).StatusCode);
        await (await MeAsync(cookie)).ProblemAsync(401);
        Assert.Empty((await (await admin.GetAsync("/api/v1/sessions?person=admin-lead")).NodeAsync())["items"]!.AsArray());
        var events = (await (await admin.GetAsync("/api/v1/audit?action=session.ended")).NodeAsync())["items"]!.AsArray();
        Assert.Single(events, e => (string?)e!["targetId"] == (string?)session["id"]);
    }

    [Fact]
    public async Task List_OfOthers_IsNotForLeads()
    {
        (await host.BrowserAsync("admin-1")).Dispose();
        using var lead = await host.BrowserAsync("lead-search");
        var items = (await (await lead.GetAsync("/api/v1/sessions")).NodeAsync())["items"]!.AsArray();
        Assert.NotEmpty(items);
        Assert.All(items, s => Assert.Equal("lead-search", (string?)s!["personId"]));
        Assert.Empty((await (await lead.GetAsync("/api/v1/sessions?person=admin-1")).NodeAsync())["items"]!.AsArray());
    }

    [Fact]
    public async Task SignOut_FollowingALink_AsksFirst()
    {
        using var browser = await host.BrowserAsync("auditor");
        var page = await browser.GetStringAsync("/sign-out");
        Assert.Contains("Sign out?", page, StringComparison.Ordinal);
        Assert.Contains("__RequestVerificationToken", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/me")).StatusCode);
        await (await browser.PostAsync("/sign-out", null)).ProblemAsync(400, "antiforgery");
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/v1/me")).StatusCode);
    }

    [Theory]
    [InlineData("idle")]
    [InlineData("absolute")]
    public async Task Time_OverALimit_EndsIt(string limit)
    {
        using var browser = host.CreateClient(new() { AllowAutoRedirect = false });
        var cookie = await CookieAsync(browser, "admin-2");
        await using (var db = await host.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync())
        {
            var past = DateTime.UtcNow.AddMinutes(-121);
            await (
                limit == "idle"
                    ? db.Sessions.Where(s => s.PersonId == "admin-2").ExecuteUpdateAsync(set => set.SetProperty(s => s.LastSeenAt, past))
                    : db.Sessions.Where(s => s.PersonId == "admin-2").ExecuteUpdateAsync(set => set.SetProperty(s => s.ExpiresAt, past))
            );
        }

        await (await MeAsync(cookie)).ProblemAsync(401);
    }

    private static async Task SeenAsync(HttpClient auditor, string query, Func<JsonNode, bool> wanted)
    {
        for (var tries = 0; ; tries++)
        {
            var items = (await (await auditor.GetAsync("/api/v1/security-log?" + query)).NodeAsync())["items"]!.AsArray();
            if (items.Any(i => wanted(i!)))
            {
                return;
            }

            Assert.True(tries < 100, $"{query}: {items.ToJsonString()}");
            await Task.Delay(100);
        }
    }

    private static async Task<string> CookieAsync(HttpClient browser, string persona) =>
        (await browser.GetAsync($"/dev/sign-in?persona={persona}"))
            .Headers.GetValues("Set-Cookie")
            .Last(c => c.StartsWith("portal=", StringComparison.Ordinal))
            .Split(';')[0];

    private async Task<HttpResponseMessage> MeAsync(string cookie)
    {
        using var thief = host.CreateClient(new() { AllowAutoRedirect = false, HandleCookies = false });
        thief.DefaultRequestHeaders.Add("Cookie", cookie);
        return await thief.GetAsync("/api/v1/me");
    }
}
