using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Tests.Auth;

public sealed class SignInTests(PortalHost host) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task SignIn_Persona_CookieWorksAndGoesHome()
    {
        using var browser = host.CreateClient(new() { AllowAutoRedirect = false });
        var answer = await browser.GetAsync("/dev/sign-in?persona=admin-1");
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/", answer.Headers.Location!.ToString());
        Assert.Equal("admin-1", (string?)(await (await browser.GetAsync("/api/v1/me")).NodeAsync())["personId"]);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("javascript:alert(1)")]
    public async Task SignIn_ReturnUrlElsewhere_GoesHome(string url)
    {
        using var browser = host.CreateClient(new() { AllowAutoRedirect = false });
        var answer = await browser.GetAsync("/dev/sign-in?persona=admin-1&returnUrl=" + Uri.EscapeDataString(url));
        Assert.Equal("/", answer.Headers.Location!.ToString());
    }

    [Theory]
    [InlineData("/dev/sign-in?persona=nobody")]
    [InlineData("/dev/sign-in")]
    [InlineData("/dev/token/nobody")]
    public async Task SignIn_UnknownPersona_Is404AndListsThem(string path)
    {
        using var browser = host.CreateClient();
        var problem = await (await browser.GetAsync(path)).ProblemAsync(404);
        Assert.Contains("lead-payments", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cookie_UnsafeVerb_NeedsTheAntiforgeryToken()
    {
        using var browser = host.CreateClient();
        await browser.GetAsync("/dev/sign-in?persona=lead-payments&returnUrl=/healthz/live");
        await (await browser.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("csrf")))).ProblemAsync(400, "antiforgery");

        var token = await (await browser.GetAsync("/api/v1/antiforgery")).NodeAsync();
        browser.DefaultRequestHeaders.Add((string)token["header"]!, (string)token["token"]!);
        Assert.Equal(
            HttpStatusCode.Created,
            (await browser.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("csrf")))).StatusCode
        );
    }

    [Fact]
    public async Task Cookie_WithForgedBearer_IsNotUsed()
    {
        using var browser = host.CreateClient();
        await browser.GetAsync("/dev/sign-in?persona=admin-1&returnUrl=/healthz/live");
        browser.DefaultRequestHeaders.Authorization = new("Bearer", "forged");
        await (await browser.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("forged")))).ProblemAsync(401);
    }

    [Fact]
    public async Task SignOut_ThenApi_Is401()
    {
        using var browser = host.CreateClient(new() { AllowAutoRedirect = false });
        await browser.GetAsync("/dev/sign-in?persona=admin-1");
        await (await browser.PostAsync("/dev/sign-out", null)).ProblemAsync(400, "antiforgery");
        await browser.WithAntiforgeryAsync();
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/dev/sign-out", null)).StatusCode);
        await (await browser.GetAsync("/api/v1/me")).ProblemAsync(401);
    }

    [Fact]
    public async Task Page_Anonymous_GoesToSignIn()
    {
        using var browser = host.CreateClient(new() { AllowAutoRedirect = false });
        var answer = await browser.GetAsync("/environments");
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.StartsWith("/sign-in?returnUrl=", answer.Headers.Location!.PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Form_WithoutToken_IsRefused()
    {
        using var browser = host.CreateClient(new() { AllowAutoRedirect = false });
        await browser.GetAsync("/dev/sign-in?persona=lead-payments");
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("value", "x")]);
        await (await browser.PostAsync($"/forms/environments/{Guid.NewGuid()}/secrets/KEY", form)).ProblemAsync(400, "antiforgery");
    }
}
