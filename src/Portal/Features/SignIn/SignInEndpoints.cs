using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http.HttpResults;
using Portkey.Portal.Provisioning.UseCases.Teams;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting;

namespace Portkey.Portal.Web.Features.SignIn;

/// <summary>Where browsers sign in and out, and where Development mode hands out tokens.</summary>
internal static class SignInEndpoints
{
    public static void MapPortalSignIn(this IEndpointRouteBuilder routes)
    {
        var choices = routes.ServiceProvider.GetRequiredService<SignInChoices>();
        var group = routes.MapGroup("").AllowAnonymous().ExcludeFromDescription();
        group.MapPost("/sign-out", (Delegate)SignOutAsync).AddEndpointFilter<AntiforgeryFilter>();
        // Following a link signs nobody out; it leads to the button that does.
        group.MapGet("/sign-out", () => new RazorComponentResult<SignOutDocument>());
        if (choices.Entra)
        {
            group.MapGet(
                "/sign-in/entra",
                (string? returnUrl) =>
                    Results.Challenge(new() { RedirectUri = Local(returnUrl) }, [OpenIdConnectDefaults.AuthenticationScheme])
            );
        }

        if (choices.Personas.Count > 0)
        {
            var dev = group.MapGroup("/dev").AddEndpointFilter<LoopbackFilter>();
            dev.MapGet("/sign-in", SignInAsync).WithMetadata(new BeginsSession());
            dev.MapPost("/sign-out", (Delegate)SignOutAsync).AddEndpointFilter<AntiforgeryFilter>();
            dev.MapGet(
                "/token/{persona}",
                (HttpContext context, string persona, DevTokens tokens) =>
                    Personas.All.Contains(persona) ? Results.Text(tokens.Issue(persona), "text/plain") : Unknown(persona)
            );
        }
    }

    private static async Task<IResult> SignInAsync(HttpContext context, PeopleService people, string? persona, string? returnUrl)
    {
        if (persona is null || !Personas.All.Contains(persona))
        {
            return Unknown(persona);
        }

        if (await people.FindAsync(persona, context.RequestAborted) is not { } access)
        {
            return new ProblemResult(Problem.ForStatus(StatusCodes.Status403Forbidden));
        }

        await context.SignInAsync(AuthSetup.Cookie, Callers.Principal(access.PersonId, access.DisplayName, AuthSetup.Cookie));
        return Results.LocalRedirect(Local(returnUrl));
    }

    private static async Task<IResult> SignOutAsync(HttpContext context)
    {
        await context.SignOutAsync(AuthSetup.Cookie);
        context.Response.Headers.Location = "/sign-in";
        return Results.StatusCode(StatusCodes.Status303SeeOther);
    }

    private static ProblemResult Unknown(string? persona) =>
        new(new(404, "not-found", "No such persona", $"There is no persona '{persona}'. Personas: {string.Join(", ", Personas.All)}."));

    // Only a path on this host; '//host' and '/\host' leave it in a browser.
    private static string Local(string? url) =>
        url is ['/', ..]
        && !url.StartsWith("//", StringComparison.Ordinal)
        && !url.StartsWith("/\\", StringComparison.Ordinal)
        && !url.Any(char.IsControl)
            ? url
            : "/";
}
