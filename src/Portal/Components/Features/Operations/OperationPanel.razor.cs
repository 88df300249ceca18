using Microsoft.AspNetCore.Components;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Operations;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Web.Components.Features.Operations;

/// <summary>One operation, live: steps, log, what failed, and what can be done.</summary>
public sealed partial class OperationPanel
{
    private const int MostLines = 2000;
    private readonly List<LogLineView> lines = [];
    private OperationView? operation;
    private PortalError? actionError;
    private bool dropped;

    /// <summary>Operation.</summary>
    [Parameter, EditorRequired]
    public Guid Id { get; set; }

    /// <summary>Stands alone on a page.</summary>
    [Parameter]
    public bool Heading { get; set; }

    [Inject]
    private OperationService Operations { get; set; } = default!;

    private bool Finished => operation?.State is OperationState.Succeeded or OperationState.Failed or OperationState.Cancelled;

    private string Sentence => operation switch
    {
        null => "",
        { CancelRequested: true } when !Finished => "Stops at the next safe point.",
        { NextAttemptAt: { } at } => $"Attempt {operation.Attempts} did not go through; the next one starts {TimeWords.Relative(at, Clock.GetUtcNow().UtcDateTime)}.",
        { SoakUntil: { } until, State: OperationState.Queued } => $"Both versions are valid. The old one is disabled {TimeWords.Relative(until, Clock.GetUtcNow().UtcDateTime)}, if the gateway still answers then.",
        { WaitingFor: { Length: > 0 } what } => $"Waits for {what}. It keeps no worker busy meanwhile, and goes on by itself.",
        { State: OperationState.Queued, Ahead: > 0 and var ahead } => $"Waits for its turn; {ahead} {(ahead == 1 ? "operation was" : "operations were")} approved before it. Clusters and teams take turns.",
        { State: OperationState.Queued } => "Waits for its turn.",
        { State: OperationState.Running } => $"Attempt {Math.Max(operation.Attempts, 1)}, started {TimeWords.Relative(operation.StartedAt ?? operation.CreatedAt, Clock.GetUtcNow().UtcDateTime)}.",
        { StartedAt: { } start, EndedAt: { } end } => $"Took {TimeWords.Duration(end - start)}, of it {TimeWords.Duration(TimeSpan.FromMilliseconds(operation.HelmMilliseconds))} in Helm and {TimeWords.Duration(TimeSpan.FromMilliseconds(operation.WaitMilliseconds))} waiting for pods.",
        _ => "",
    };

    private PortalError Failure => new(
        operation!.State == OperationState.Failed ? "The operation failed." : "The last attempt did not go through.",
        operation.ErrorMessage,
        operation.MayRetry ? "The log below has the details. Mend the cause, then try again; the last good revision keeps serving." : "The log below has the details. The last good revision, if any, keeps serving.",
        operation.Id.ToString(), []);

    /// <inheritdoc/>
    protected override async Task LoadAsync()
    {
        Watch(Id.ToString());
        if (!Finished)
        {
            Poll(TimeSpan.FromSeconds(2));
        }
        else if (operation is not null)
        {
            // Finished and read to the end: what it was cannot change any more, only what may be done next.
            operation = await Operations.GetAsync(Caller, Id, Gone);
            return;
        }

        // State first, log second: the last lines of an operation that just ended are never missed.
        operation = await Operations.GetAsync(Caller, Id, Gone);
        IReadOnlyList<LogLineView> more;
        do
        {
            more = await Operations.LogAsync(Caller, Id, lines.Count == 0 ? 0 : lines[^1].Id, Gone);
            lines.AddRange(more);
        }
        while (more.Count >= 1000);

        if (lines.Count > MostLines)
        {
            dropped = true;
            lines.RemoveRange(0, lines.Count - MostLines);
        }
    }

    private async Task CancelAsync() =>
        actionError = await TryAsync("stop this operation", async () => operation = await Operations.CancelAsync(Caller, Id, "Stopped on its page", Gone));

    private async Task RetryAsync() =>
        actionError = await TryAsync("try again", async () => Navigation.NavigateTo(PortalUrls.Operation((await Operations.RetryAsync(Caller, Id, "Tried again on its page", Gone)).Id)));
}
