namespace Portkey.Portal.Provisioning.Engine.Operations.Steps;

/// <summary>Records the result: with that the operation has succeeded.</summary>
internal sealed class RecordStep(OldSecrets old, ReleaseRecords releases, OperationOutcome outcome, TimeProvider time) : IOperationStep
{
    public static StepInfo Info { get; } = new("record", "Record the result", typeof(RecordStep));

    StepInfo IOperationStep.Info => Info;

    public async Task<StepResult> RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await old.PruneAfterSuccessAsync(context, cancellationToken);
        var release = context.Revision is null
            ? null
            : await releases.CurrentAsync(context, time.GetUtcNow().UtcDateTime, cancellationToken);
        await outcome.SucceededAsync(context, context.Observation, release, cancellationToken);
        context.Log.Write(
            context.Revision is null ? "The environment is gone." : $"Revision {context.Revision.Number} is applied and healthy."
        );
        return StepResult.Finished;
    }
}
