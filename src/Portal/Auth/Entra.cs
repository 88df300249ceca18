using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Identity.Web;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Web.Auth;

/// <summary>Sign-in with Entra. App roles come with every token and are recorded, so that the engine finds them where it finds
/// everyone's.</summary>
internal static class Entra
{
    public const string Administrator = "Portal.Administrator";
    public const string Auditor = "Portal.Auditor";

    public static void AddEntra(this AuthenticationBuilder authentication, IConfigurationSection section)
    {
        authentication.AddMicrosoftIdentityWebApp(section, OpenIdConnectDefaults.AuthenticationScheme, AuthSetup.Cookie);
        authentication.AddMicrosoftIdentityWebApi(section, AuthSetup.Bearer);
        authentication.Services.PostConfigure<OpenIdConnectOptions>(
            OpenIdConnectDefaults.AuthenticationScheme,
            oidc =>
            {
                // Another site could sign people out with it, to no benefit: a frame of another site gets no cookie of ours.
                oidc.RemoteSignOutPath = PathString.Empty;
                var before = oidc.Events.OnTokenValidated;
                oidc.Events.OnTokenValidated = async context =>
                {
                    await before(context);
                    context.Principal = await AdmitAsync(context.HttpContext, context.Principal!, AuthSetup.Cookie);
                };
            }
        );
        authentication.Services.PostConfigure<JwtBearerOptions>(
            AuthSetup.Bearer,
            jwt =>
            {
                var before = jwt.Events.OnTokenValidated;
                jwt.Events.OnTokenValidated = async context =>
                {
                    await before(context);
                    context.Principal = await AdmitAsync(context.HttpContext, context.Principal!, AuthSetup.Bearer);
                };
            }
        );
    }

    private static async Task<ClaimsPrincipal> AdmitAsync(HttpContext http, ClaimsPrincipal token, string scheme)
    {
        // The object id is the same for a person in every application; the token's own "sub" is not.
        var id = token.GetObjectId() ?? throw new AuthenticationFailureException("The token names nobody: it has no object id (oid).");
        var name = token.GetDisplayName() ?? id;
        var administrator = HasRole(token, Administrator);
        var auditor = HasRole(token, Auditor);

        // A program sends its token with every call; recording the same again would be a waste.
        var cache = http.RequestServices.GetRequiredService<IMemoryCache>();
        var key = ("entra-sign-in", id, name, administrator, auditor);
        if (scheme == AuthSetup.Cookie || !cache.TryGetValue(key, out _))
        {
            await http
                .RequestServices.GetRequiredService<PeopleService>()
                .RecordSignInAsync(id, name, administrator, auditor, http.RequestAborted);
            cache.Set(key, true, TimeSpan.FromMinutes(5));
        }

        return Callers.Principal(id, name, scheme);
    }

    private static bool HasRole(ClaimsPrincipal token, string role) =>
        token.HasClaim("roles", role) || token.HasClaim(ClaimTypes.Role, role);
}
