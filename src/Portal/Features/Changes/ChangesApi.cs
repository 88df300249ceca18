using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Changes;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting.Api;

namespace Portkey.Portal.Web.Features.Changes;

/// <summary>Changes of portal-wide rules: clusters, their secret delivery, charts with a waiver, standing approvals.</summary>
internal static class ChangesApi
{
    private delegate Task Decide(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken);

    private static readonly Parameter<GovernanceState?> State = Parameters.Choice<GovernanceState>("state", "How far it is.");

    public static void MapChanges(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/changes").WithTags("Changes");
        group
            .MapGet(
                "",
                (HttpContext http, ChangeService changes) =>
                    changes.ListAsync(http.Caller(), State.Of(http), Parameters.Page(http), http.RequestAborted)
            )
            .Takes(State)
            .Pages()
            .WithName("ListChanges")
            .WithSummary("Changes of portal-wide rules, newest first, for administrators and auditors.");
        group
            .MapGet(
                "/{id:guid}",
                (HttpContext http, ChangeService changes, Guid id) => changes.GetAsync(http.Caller(), id, http.RequestAborted)
            )
            .Tagged()
            .WithName("GetChange")
            .WithSummary("One change, with what it was before and what it would be.");
        Decision(
            group,
            "approve",
            "Approves exactly what has this digest and carries it out; an administrator other than the one who proposed it.",
            changes => changes.ApproveAsync
        );
        Decision(group, "reject", "Rejects it; the reason is required.", changes => changes.RejectAsync);
        group
            .MapPost(
                "/{id:guid}/cancel",
                async Task<ChangeView> (HttpContext http, ChangeService changes, Guid id) =>
                {
                    await changes.CancelAsync(http.Caller(), id, await ApiBody.ReasonAsync(http), http.RequestAborted);
                    return await changes.GetAsync(http.Caller(), id, http.RequestAborted);
                }
            )
            .Accepts<ReasonBody>(isOptional: true, "application/json")
            .WithName("CancelChange")
            .WithSummary("Takes it back; only for its proposer.");
    }

    private static void Decision(RouteGroupBuilder group, string verb, string summary, Func<ChangeService, Decide> decide) =>
        group
            .MapPost(
                "/{id:guid}/" + verb,
                async Task<ChangeView> (HttpContext http, ChangeService changes, Guid id) =>
                {
                    var decision = await ApiBody.ReadAsync<DecisionBody>(http);
                    await decide(changes)(http.Caller(), id, decision.Digest, decision.Reason, http.RequestAborted);
                    return await changes.GetAsync(http.Caller(), id, http.RequestAborted);
                }
            )
            .Accepts<DecisionBody>("application/json")
            .WithName(char.ToUpperInvariant(verb[0]) + verb[1..] + "Change")
            .WithSummary(summary);
}
