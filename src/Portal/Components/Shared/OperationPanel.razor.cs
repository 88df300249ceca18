using Microsoft.AspNetCore.Components;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Operations;

namespace Portkey.Portal.Web.Components.Shared;

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

    // One that waits for its next attempt is not simply in a queue.
    private StatusLabel State =>
        operation switch
        {
            { NextAttemptAt: not null } => new("Tries again", "warn", "half"),
            { State: OperationState.Queued, WaitingFor.Length: > 0 } => new("Waits", "info", "half"),
            var any => StatusLabel.Of(any!.State),
        };

    private string Sentence =>
        operation switch
        {
            null => "",
            { CancelRequested: true } when !Finished => "Stops at the next safe point.",
            { State: OperationState.Queued, Ahead: > 0 and var ahead } =>
                $"Waits for its turn; {Plural.Of(ahead, "operation was", "operations were")} approved before it. Clusters and teams take turns.",
            { State: OperationState.Queued, NextAttemptAt: null, WaitingFor.Length: 0, SoakUntil: null } => "Waits for its turn.",
            { State: OperationState.Running } => $"Attempt {Math.Max(operation.Attempts, 1)}.",
            { StartedAt: { } start, EndedAt: { } end } =>
                $"Took {TimeText.Duration(end - start)}, of it {TimeText.Duration(TimeSpan.FromMilliseconds(operation.HelmMilliseconds))} in Helm and {TimeText.Duration(TimeSpan.FromMilliseconds(operation.WaitMilliseconds))} waiting for pods.",
            _ => "",
        };

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
        } while (more.Count >= 1000);

        if (lines.Count > MostLines)
        {
            dropped = true;
            lines.RemoveRange(0, lines.Count - MostLines);
        }
    }

    private async Task CancelAsync() =>
        actionError = await TryAsync(
            "stop this operation",
            async () => operation = await Operations.CancelAsync(Caller, Id, "Stopped on its page", Gone)
        );

    private async Task RetryAsync() =>
        actionError = await TryAsync(
            "try again",
            async () =>
                Navigation.NavigateTo(PortalUrls.Operation((await Operations.RetryAsync(Caller, Id, "Tried again on its page", Gone)).Id))
        );
}
