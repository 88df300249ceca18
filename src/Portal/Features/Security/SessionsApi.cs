using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Sessions;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting.Api;

namespace Portkey.Portal.Web.Features.Security;

/// <summary>Browsers that are signed in.</summary>
internal static class SessionsApi
{
    private static readonly Parameter<string> Person = Parameters.Text("person", "Id of a person.");

    public static void MapSessions(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/sessions").WithTags("Me");
        group
            .MapGet(
                "",
                Task<Page<SessionView>> (HttpContext http, SessionService sessions) =>
                    sessions.ListAsync(http.Caller(), Person.Of(http), Parameters.Page(http), http.RequestAborted)
            )
            .Takes(Person)
            .Pages()
            .WithName("ListSessions")
            .WithSummary("Browsers that are signed in, newest first: one's own, or everybody's for administrators and auditors.");
        group
            .MapDelete(
                "/{id:guid}",
                async (HttpContext http, SessionService sessions, Guid id) =>
                {
                    await sessions.EndAsync(http.Caller(), id, http.RequestAborted);
                    return Results.NoContent();
                }
            )
            .Produces(204)
            .WithName("EndSession")
            .WithSummary(
                "Ends one's own session or, for administrators, anybody's: its cookie stops working, and its pages close within a minute."
            );
    }
}
