using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Rotations;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting.Api;

namespace Portkey.Portal.Web.Features.Rotations;

/// <summary>Rotations of shared credentials, decided on and carried out as one.</summary>
internal static class RotationsApi
{
    private delegate Task Decide(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken);

    private static readonly Parameter<Guid?> Credential = Parameters.Id(
        "credential",
        "Id of a shared credential.",
        "Give the credential's id; GET /api/v1/credentials lists them."
    );
    private static readonly Parameter<RotationState?> State = Parameters.Choice<RotationState>("state", "How far it is.");
    private static readonly Parameter<bool> WaitingForMe = Parameters.Flag("waitingForMe", "Only those that the caller may decide on.");

    public static void MapRotations(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/rotations").WithTags("Rotations");
        group
            .MapGet(
                "",
                (HttpContext http, RotationService rotations) =>
                    rotations.ListAsync(
                        http.Caller(),
                        new RotationFilter(Credential.Of(http), State.Of(http), WaitingForMe.Of(http)),
                        Parameters.Page(http),
                        http.RequestAborted
                    )
            )
            .Takes(Credential, State, WaitingForMe)
            .Pages()
            .WithName("ListRotations")
            .WithSummary("Rotations of shared credentials, newest first.");
        group
            .MapGet(
                "/{id:guid}",
                (HttpContext http, RotationService rotations, Guid id) => rotations.GetAsync(http.Caller(), id, http.RequestAborted)
            )
            .Tagged()
            .WithName("GetRotation")
            .WithSummary("One rotation: its waves, and how far each environment is.");
        Decision(
            group,
            "approve",
            "Approves exactly what has this digest; the first wave starts at once.",
            rotations => rotations.ApproveAsync
        );
        Decision(group, "reject", "Rejects it; the reason is required.", rotations => rotations.RejectAsync);
        group
            .MapPost(
                "/{id:guid}/cancel",
                async Task<RotationView> (HttpContext http, RotationService rotations, Guid id) =>
                {
                    await rotations.CancelAsync(http.Caller(), id, await ApiBody.ReasonAsync(http), http.RequestAborted);
                    return await rotations.GetAsync(http.Caller(), id, http.RequestAborted);
                }
            )
            .Accepts<ReasonBody>(isOptional: true, "application/json")
            .WithName("CancelRotation")
            .WithSummary("Takes it back before it is decided.");
    }

    private static void Decision(RouteGroupBuilder group, string verb, string summary, Func<RotationService, Decide> decide) =>
        group
            .MapPost(
                "/{id:guid}/" + verb,
                async Task<RotationView> (HttpContext http, RotationService rotations, Guid id) =>
                {
                    var decision = await ApiBody.ReadAsync<DecisionBody>(http);
                    await decide(rotations)(http.Caller(), id, decision.Digest, decision.Reason, http.RequestAborted);
                    return await rotations.GetAsync(http.Caller(), id, http.RequestAborted);
                }
            )
            .Accepts<DecisionBody>("application/json")
            .WithName(char.ToUpperInvariant(verb[0]) + verb[1..] + "Rotation")
            .WithSummary(summary);
}
