using System.Net.Http.Headers;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.UseCases.Sessions;
using Portkey.Portal.Web.Hosting;

namespace Portkey.Portal.Web.Auth;

/// <summary>Who may sign in, and how: personas in Development, Entra otherwise; a cookie for browsers, a bearer token for
/// programs.</summary>
internal static class AuthSetup
{
    /// <summary>Chooses cookie or bearer by what the request carries.</summary>
    public const string Choose = "Portal";
    public const string Cookie = CookieAuthenticationDefaults.AuthenticationScheme;
    public const string Bearer = "Bearer";
    public const string CsrfHeader = "X-CSRF-TOKEN";

    public static void AddPortalAuthentication(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var development = builder.Environment.IsDevelopment();
        var personas = builder.Configuration.GetValue<bool>($"{PortalOptions.Section}:{nameof(PortalOptions.Personas)}");
        var entra = builder.Configuration.GetSection("AzureAd");
        var authentication = services
            .AddAuthentication(Choose)
            .AddPolicyScheme(Choose, null, choose => choose.ForwardDefaultSelector = context => IsBearer(context) ? Bearer : Cookie);

        // PortalOptionsValidator reports anything but one clear sign-in method before the first request.
        if (entra.Exists() && !personas)
        {
            authentication.AddEntra(entra);
        }
        else
        {
            authentication
                .AddCookie(Cookie)
                .AddScheme<Microsoft.AspNetCore.Authentication.AuthenticationSchemeOptions, DevBearerHandler>(Bearer, null);
            services.AddSingleton<DevTokens>();
        }

        services.AddSingleton(new SignInChoices(personas && development ? Personas.All : [], entra.Exists() && !personas));
        services.AddSingleton<SignInCallbacks>().AddSingleton<ITicketStore, SessionTicketStore>().AddSingleton<SessionLook>();
        services
            .AddOptions<CookieAuthenticationOptions>(Cookie)
            .Configure<ITicketStore, IOptions<SessionLimits>>(
                (cookie, sessions, limits) =>
                {
                    cookie.Cookie.Name = "portal";
                    cookie.Cookie.HttpOnly = true;
                    cookie.Cookie.SameSite = SameSiteMode.Lax;
                    cookie.Cookie.SecurePolicy = development ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
                    cookie.SessionStore = sessions;
                    // The absolute limit; an idle session ends earlier, see SessionStore.
                    cookie.ExpireTimeSpan = TimeSpan.FromHours(limits.Value.AbsoluteHours);
                    cookie.SlidingExpiration = false;
                    cookie.LoginPath = "/sign-in";
                    cookie.ReturnUrlParameter = "returnUrl";
                    cookie.Events.OnRedirectToLogin = context => StatusOrRedirect(context, StatusCodes.Status401Unauthorized);
                    cookie.Events.OnRedirectToAccessDenied = context => StatusOrRedirect(context, StatusCodes.Status403Forbidden);
                }
            );
        services
            .AddAuthorizationBuilder()
            .SetFallbackPolicy(
                new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder(Choose).RequireAuthenticatedUser().Build()
            );
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.HeaderName = CsrfHeader;
            antiforgery.Cookie.Name = "portal.csrf";
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.Cookie.SecurePolicy = development ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
        });
        services.AddHttpContextAccessor();
    }

    /// <summary>True when the request carries a bearer token; then, and only then, its cookies are ignored.</summary>
    public static bool IsBearer(HttpContext context) =>
        AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header)
        && string.Equals(header.Scheme, "Bearer", StringComparison.OrdinalIgnoreCase);

    private static Task StatusOrRedirect(
        Microsoft.AspNetCore.Authentication.RedirectContext<CookieAuthenticationOptions> context,
        int status
    )
    {
        // Programs get the status; only a person's page load is worth a redirect.
        var page =
            HttpMethods.IsGet(context.Request.Method)
            && !context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
            && !context.Request.Path.StartsWithSegments("/openapi", StringComparison.OrdinalIgnoreCase);
        if (page && status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Redirect(context.RedirectUri);
        }
        else
        {
            context.Response.StatusCode = status;
        }

        return Task.CompletedTask;
    }
}

/// <summary>What the sign-in page offers.</summary>
/// <param name="Personas">Personas, each by <c>/dev/sign-in?persona=</c>; empty outside Development.</param>
/// <param name="Entra">Entra, by <c>/sign-in/entra</c>.</param>
internal sealed record SignInChoices(IReadOnlyList<string> Personas, bool Entra);
