using Portkey.Portal.Provisioning.UseCases.Changes;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>A change that waits for a second administrator, as the answer to the call that proposed it.</summary>
internal sealed record ChangeAccepted(ChangeView Change);

/// <summary>How a call answers that may have to wait for a second administrator.</summary>
internal static class ChangeAnswers
{
    // A person decides, which takes a while.
    private const int LookAgainSeconds = 60;

    /// <summary>202 with the change, where it waits; else what the call answers when it is done.</summary>
    public static async Task<IResult> AnswerAsync(HttpContext http, ChangeService changes, ChangeOutcome? outcome, Func<Task<IResult>> done)
    {
        if (outcome is not { IsApplied: false } waiting)
        {
            return await done();
        }

        Waiting.LookAgain(http, LookAgainSeconds);
        return Results.Accepted(
            $"/api/v1/changes/{waiting.Id}",
            new ChangeAccepted(await changes.GetAsync(http.Caller(), waiting.Id, http.RequestAborted))
        );
    }
}
