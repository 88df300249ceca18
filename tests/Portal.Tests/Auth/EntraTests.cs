using System.Net;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Tests.Auth;

/// <summary>What holds for personas holds for Entra's cookie; only its answer may be posted by another site's page.</summary>
public sealed class EntraTests(PortalHost host) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task Cookie_SignedOutOrReplaced_IsWorthNothing()
    {
        using var entra = Entra();
        await using (var db = await entra.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync())
        {
            db.People.Add(new Person { Id = "oid-1", DisplayName = "Erin Entra" });
            await db.SaveChangesAsync();
        }

        using var browser = Browser(entra);
        var cookie = (await browser.GetAsync("/test-entra"))
            .Headers.GetValues("Set-Cookie")
            .First(c => c.StartsWith("portal=", StringComparison.Ordinal))
            .Split(';')[0];
        browser.DefaultRequestHeaders.Add("Cookie", cookie);
        Assert.Equal("oid-1", (string?)(await (await browser.GetAsync("/api/v1/me")).NodeAsync())["personId"]);

        var antiforgery = (await browser.GetAsync("/api/v1/antiforgery")).Headers.GetValues("Set-Cookie").First().Split(';')[0];
        browser.DefaultRequestHeaders.Remove("Cookie");
        browser.DefaultRequestHeaders.Add("Cookie", $"{cookie}; {antiforgery}");
        await browser.WithAntiforgeryAsync();
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.PostAsync("/sign-out", null)).StatusCode);
        await (await browser.GetAsync("/api/v1/me")).ProblemAsync(401);
    }

    [Fact]
    public async Task Answer_OfTheProvider_IsTakenFromItsPageAndNothingElseIs()
    {
        using var entra = Entra();
        using var browser = Browser(entra);
        browser.DefaultRequestHeaders.Remove("Origin");
        browser.DefaultRequestHeaders.Add("Origin", "https://login.microsoftonline.com");
        using var forged = new FormUrlEncodedContent([KeyValuePair.Create("state", "forged"), KeyValuePair.Create("code", "forged")]);
        await (await browser.PostAsync("/signin-oidc", forged)).ProblemAsync(400, "sign-in-failed");
        await (await browser.PostAsync("/signin-oidc/more", null)).ProblemAsync(403, "foreign-origin");
        await (await browser.PostAsync("/signout-oidc", null)).ProblemAsync(403, "foreign-origin");
        await (await browser.GetAsync("/_blazor/initializers")).ProblemAsync(403, "foreign-origin");
        Assert.Equal(
            PathString.Empty,
            entra
                .Services.GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>()
                .Get(OpenIdConnectDefaults.AuthenticationScheme)
                .RemoteSignOutPath
        );
    }

    private static HttpClient Browser(WebApplicationFactory<Program> entra) =>
        entra.CreateClient(new() { AllowAutoRedirect = false, HandleCookies = false });

    private WebApplicationFactory<Program> Entra() =>
        host.WithWebHostBuilder(b =>
        {
            b.UseSetting("Portal:Personas", "false");
            b.UseSetting("AzureAd:Instance", "https://login.microsoftonline.com/");
            b.UseSetting("AzureAd:TenantId", "11111111-1111-1111-1111-111111111111");
            b.UseSetting("AzureAd:ClientId", "22222222-2222-2222-2222-222222222222");
            b.ConfigureTestServices(services => services.AddSingleton<IStartupFilter, SignsIn>());
        });

    /// <summary>Stands for the moment after the provider's answer was found good.</summary>
    private sealed class SignsIn : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
            app =>
            {
                app.Map(
                    "/test-entra",
                    branch =>
                        branch.Run(context =>
                            context.SignInAsync(AuthSetup.Cookie, Callers.Principal("oid-1", "Erin Entra", AuthSetup.Cookie))
                        )
                );
                next(app);
            };
    }
}
