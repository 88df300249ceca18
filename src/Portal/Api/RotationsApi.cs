using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Rotations;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Api;

/// <summary>Rotations of shared credentials, decided on and carried out as one.</summary>
internal static class RotationsApi
{
    private delegate Task Decide(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken);

    public static void MapRotations(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/rotations").WithTags("Rotations");
        group.MapGet("", (HttpContext http, RotationService rotations) => rotations.ListAsync(http.Caller(), Filter(http), Query.Page(http), http.RequestAborted))
            .WithName("ListRotations").WithSummary("Rotations of shared credentials, newest first; filters: credential, state, waitingForMe.");
        group.MapGet("/{id:guid}", (HttpContext http, RotationService rotations, Guid id) => rotations.GetAsync(http.Caller(), id, http.RequestAborted))
            .WithName("GetRotation").WithSummary("One rotation: its waves, and how far each environment is.");
        Decision(group, "approve", "Approves exactly what has this digest; the first wave starts at once.", rotations => rotations.ApproveAsync);
        Decision(group, "reject", "Rejects it; the reason is required.", rotations => rotations.RejectAsync);
        group.MapPost("/{id:guid}/cancel", async Task<RotationView> (HttpContext http, RotationService rotations, Guid id) =>
            {
                await rotations.CancelAsync(http.Caller(), id, await ApiBody.ReadAsync(http, body => body.Text("reason", ProposeParser.LongestReason) ?? ""), http.RequestAborted);
                return await rotations.GetAsync(http.Caller(), id, http.RequestAborted);
            })
            .Accepts<ReasonBody>(isOptional: true, "application/json").WithName("CancelRotation").WithSummary("Takes it back before it is decided.");
    }

    private static RotationFilter Filter(HttpContext http)
    {
        var text = Query.Text(http, "credential");
        var credential = text is null ? (Guid?)null : Guid.TryParse(text, out var id) ? id : throw new InvalidInputException("credential", "Give the credential's id; GET /api/v1/credentials lists them.");
        return new RotationFilter(credential, Query.Word<RotationState>(http, "state"), Query.Flag(http, "waitingForMe"));
    }

    private static void Decision(RouteGroupBuilder group, string verb, string summary, Func<RotationService, Decide> decide) =>
        group.MapPost("/{id:guid}/" + verb, async Task<RotationView> (HttpContext http, RotationService rotations, Guid id) =>
            {
                var (digest, reason) = await ApiBody.ReadAsync(http, body => (body.Required("digest", 200), body.Text("reason", ProposeParser.LongestReason) ?? ""));
                await decide(rotations)(http.Caller(), id, digest, reason, http.RequestAborted);
                return await rotations.GetAsync(http.Caller(), id, http.RequestAborted);
            })
            .Accepts<DecisionBody>("application/json").WithName(char.ToUpperInvariant(verb[0]) + verb[1..] + "Rotation").WithSummary(summary);
}
