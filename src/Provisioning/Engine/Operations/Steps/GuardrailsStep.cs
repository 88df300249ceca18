namespace Portkey.Portal.Provisioning.Engine.Operations.Steps;

/// <summary>Applies the guardrails around the gateway.</summary>
internal sealed class GuardrailsStep(Guardrails guardrails) : IOperationStep
{
    public static StepInfo Info { get; } = new("guardrails", "Apply guardrails", typeof(GuardrailsStep));

    StepInfo IOperationStep.Info => Info;

    public async Task<StepResult> RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await context.Fence.EnsureAsync(cancellationToken);
        await guardrails.ApplyAsync(context, context.Revision!.Content.ManifestYaml, cancellationToken);
        return StepResult.Done;
    }
}
