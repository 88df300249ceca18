namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>
/// One step of operations. It may be run again from its start at any time: every attempt goes through all steps, and each finds out for
/// itself what is done already. It is listed in a plan of <see cref="OperationPlan"/>; nothing else needs to know of it.
/// </summary>
internal interface IOperationStep
{
    /// <summary>What is known of it without running it.</summary>
    StepInfo Info { get; }

    /// <summary>Carries it out. What it throws ends the attempt, see <see cref="Failure"/>.</summary>
    Task<StepResult> RunAsync(OperationContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Asked of a step that released its worker, before it continues: whether what the steps before it did still holds. If not, all
    /// of them are run again.
    /// </summary>
    Task<bool> StillStandsAsync(OperationContext context, CancellationToken cancellationToken) => Task.FromResult(true);
}
