using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>How every call answers that makes a request.</summary>
internal static class RequestAnswers
{
    /// <summary>Proposes and answers 201 with the request.</summary>
    public static async Task<IResult> CreatedAsync(HttpContext http, RequestService requests, ProposeCommand command)
    {
        var view = await requests.ProposeAsync(
            http.Caller(),
            command with
            {
                IdempotencyKey = Parameters.IdempotencyKey.Of(http),
            },
            http.RequestAborted
        );
        return Results.Created($"/api/v1/requests/{view.Id}", view);
    }
}
