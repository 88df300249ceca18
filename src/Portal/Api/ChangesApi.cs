using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Governance;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Api;

/// <summary>A change that waits for a second administrator, as the answer to the call that proposed it.</summary>
internal sealed record ChangeAccepted(ChangeView Change);

/// <summary>Changes of what rules everything: clusters, their way of secrets, charts with a waiver, standing approvals.</summary>
internal static class ChangesApi
{
    private delegate Task Decide(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken);

    public static void MapChanges(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/changes").WithTags("Changes");
        group.MapGet("", (HttpContext http, ChangeService changes) => changes.ListAsync(http.Caller(), Query.Word<GovernanceState>(http, "state"), Query.Page(http), http.RequestAborted))
            .WithName("ListChanges").WithSummary("Changes of what rules everything, newest first, for administrators and auditors; filter: state.");
        group.MapGet("/{id:guid}", (HttpContext http, ChangeService changes, Guid id) => changes.GetAsync(http.Caller(), id, http.RequestAborted))
            .WithName("GetChange").WithSummary("One change, with what it was before and what it would be.");
        Decision(group, "approve", "Approves exactly what has this digest and carries it out; an administrator other than the one who proposed it.", changes => changes.ApproveAsync);
        Decision(group, "reject", "Rejects it; the reason is required.", changes => changes.RejectAsync);
        group.MapPost("/{id:guid}/cancel", async Task<ChangeView> (HttpContext http, ChangeService changes, Guid id) =>
            {
                await changes.CancelAsync(http.Caller(), id, await ApiBody.ReadAsync(http, body => body.Text("reason", ProposeParser.LongestReason) ?? ""), http.RequestAborted);
                return await changes.GetAsync(http.Caller(), id, http.RequestAborted);
            })
            .Accepts<ReasonBody>(isOptional: true, "application/json").WithName("CancelChange").WithSummary("Takes it back; whoever proposed it.");
    }

    /// <summary>202 with the change, where it waits; else what the call answers when it is done.</summary>
    public static async Task<IResult> AnswerAsync(HttpContext http, ChangeService changes, ChangeOutcome? outcome, Func<Task<IResult>> done) => outcome is not { IsApplied: false } waiting
        ? await done()
        : Results.Accepted($"/api/v1/changes/{waiting.Id}", new ChangeAccepted(await changes.GetAsync(http.Caller(), waiting.Id, http.RequestAborted)));

    private static void Decision(RouteGroupBuilder group, string verb, string summary, Func<ChangeService, Decide> decide) =>
        group.MapPost("/{id:guid}/" + verb, async Task<ChangeView> (HttpContext http, ChangeService changes, Guid id) =>
            {
                var (digest, reason) = await ApiBody.ReadAsync(http, body => (body.Required("digest", 200), body.Text("reason", ProposeParser.LongestReason) ?? ""));
                await decide(changes)(http.Caller(), id, digest, reason, http.RequestAborted);
                return await changes.GetAsync(http.Caller(), id, http.RequestAborted);
            })
            .Accepts<DecisionBody>("application/json").WithName(char.ToUpperInvariant(verb[0]) + verb[1..] + "Change").WithSummary(summary);
}
