using Microsoft.AspNetCore.Components;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Web.Features.Requests;

/// <summary>One request: who asks, for what, why, what it changes, and the decision.</summary>
public sealed partial class RequestPage
{
    private readonly string idempotency = Guid.NewGuid().ToString("N");
    private RequestView? request;
    private PreviewView? preview;
    private PortalError? actionError;

    /// <summary>Request.</summary>
    [Parameter]
    public Guid Id { get; set; }

    [Inject]
    private RequestService Requests { get; set; } = default!;

    [Inject]
    private AskAgain Again { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? Tab { get; set; }

    private string Title => request is null ? "Request" : RequestText.Title(request.Kind, request.EnvironmentName);

    // Of a rejection the outcome is its reason alone.
    private string Outcome =>
        request is { State: RequestState.Rejected, Decisions: [.., { Decision: Decision.Reject } no] }
            ? $"Rejected by {no.ByName}: {no.Reason}"
            : request?.Outcome ?? "";

    /// <inheritdoc/>
    protected override async Task LoadAsync()
    {
        Watch(Id.ToString());
        Poll(TimeSpan.FromSeconds(10));
        var before = request;
        request = await Requests.GetAsync(Caller, Id, Gone);

        // The preview is as fixed as the digest; only another digest makes another preview.
        if (preview is null || before?.Digest != request.Digest)
        {
            preview = await Requests.PreviewAsync(Caller, Id, Gone);
        }
    }

    // The digest that the person saw, not the newest one: that is what they decided on.
    private Task ApproveAsync(string reason) =>
        ActAsync("approve this request", async () => request = await Requests.ApproveAsync(Caller, Id, request!.Digest, reason, Gone));

    private Task RejectAsync(string reason) =>
        ActAsync("reject this request", async () => request = await Requests.RejectAsync(Caller, Id, request!.Digest, reason, Gone));

    private Task CancelAsync(string reason) =>
        ActAsync("take this request back", async () => request = await Requests.CancelAsync(Caller, Id, request!.Digest, reason, Gone));

    private Task DraftAgainAsync() =>
        ActAsync(
            "ask for this again",
            async () => Navigation.NavigateTo(PortalUrls.Wizard(await Again.DraftAsync(Caller, Id, Gone), "review"))
        );

    private Task AskAgainAsync(string reason) =>
        ActAsync(
            "ask for this again",
            async () => Navigation.NavigateTo(PortalUrls.Request(await Again.ProposeAsync(Caller, Id, reason, idempotency, Gone)))
        );

    private Task PreflightAsync() =>
        ActAsync("check this request again", async () => request = await Requests.PreflightAsync(Caller, Id, Gone));

    private async Task ActAsync(string doing, Func<Task> act)
    {
        actionError = await TryAsync(doing, act);
        if (actionError is not null)
        {
            await ReloadAsync();
        }
    }
}
