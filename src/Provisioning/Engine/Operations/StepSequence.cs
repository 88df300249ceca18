using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>Runs the pending steps of an operation, in order, until one of them ends the attempt.</summary>
internal sealed class StepSequence(
    IEnumerable<IOperationStep> steps,
    OperationOutcome outcome,
    ReservedNamespaces reserved,
    LiveUpdates live,
    Failpoints failpoints
)
{
    private readonly Dictionary<string, IOperationStep> steps = steps.ToDictionary(s => s.Info.Name, StringComparer.Ordinal);

    /// <summary>Returns how the last of them ended.</summary>
    public async Task<StepResult> RunAsync(OperationContext context, AttemptWatch watch, CancellationToken cancellationToken)
    {
        await StartAgainAsync(context, cancellationToken);
        reserved.Refuse(context.Namespace); // no matter who wrote that into the row
        foreach (var step in context.Operation.Steps.Where(s => s.State == StepState.Pending).OrderBy(s => s.Order).ToList())
        {
            watch.ThrowIfCancelled();
            context.Log.Step = step.Name;
            await MarkAsync(context, step, StepState.Running, cancellationToken);
            await failpoints.HitAsync($"{step.Name}.before", cancellationToken);
            var result = await Of(step).RunAsync(context, cancellationToken);
            if (result != StepResult.Done)
            {
                return result;
            }

            await failpoints.HitAsync($"{step.Name}.after", cancellationToken);
            await MarkAsync(context, step, StepState.Succeeded, cancellationToken);
        }

        throw new InvalidOperationException("No step of the plan says that the operation is over.");
    }

    // While it waited without a worker, somebody may have changed what it had applied.
    private async Task StartAgainAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (context.TakenUp is not { } step || await Of(step).StillStandsAsync(context, cancellationToken))
        {
            return;
        }

        context.TakenUp = null;
        context.Log.Write("What was applied is not what Helm holds now; all steps are run again.", Severity.Warning);
        foreach (var one in context.Operation.Steps)
        {
            one.State = StepState.Pending;
        }
    }

    private async Task MarkAsync(OperationContext context, OperationStep step, StepState state, CancellationToken cancellationToken)
    {
        await outcome.MarkAsync(context, step, state, cancellationToken);
        live.Publish(context.Operation.Id, context.Environment.Id);
    }

    private IOperationStep Of(OperationStep step) =>
        steps.GetValueOrDefault(step.Name)
        ?? throw new OperationFailedException("unknown-step", $"This version of the portal does not know step {step.Name}.");
}
