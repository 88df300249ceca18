using Microsoft.AspNetCore.Antiforgery;
using Portkey.Portal.Provisioning.UseCases.Teams;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Features.SignIn;

/// <summary>Who the caller is.</summary>
internal static class MeApi
{
    public static void MapMe(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("").WithTags("Me");
        group
            .MapGet("/me", (HttpContext http, PeopleService people) => people.FindAsync(http.Caller().PersonId, http.RequestAborted))
            .WithName("GetMe")
            .WithSummary("The caller with their current roles and teams.");
        group
            .MapGet(
                "/antiforgery",
                (HttpContext http, IAntiforgery antiforgery) =>
                    new AntiforgeryShape(AuthSetup.CsrfHeader, antiforgery.GetAndStoreTokens(http).RequestToken ?? "")
            )
            .WithName("GetAntiforgery")
            .WithSummary("Token that a cookie-authenticated caller sends as X-CSRF-TOKEN with every call that changes something.");
    }
}

/// <summary>Where to put which token.</summary>
internal sealed record AntiforgeryShape(string Header, string Token);
