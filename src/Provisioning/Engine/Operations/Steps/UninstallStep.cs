using Portkey.Portal.Provisioning.Clusters.Helm;

namespace Portkey.Portal.Provisioning.Engine.Operations.Steps;

/// <summary>Removes the release. What is already gone is done.</summary>
internal sealed class UninstallStep(IHelm helm) : IOperationStep
{
    public static StepInfo Info { get; } = new("uninstall", "Uninstall the release", typeof(UninstallStep));

    StepInfo IOperationStep.Info => Info;

    public async Task<StepResult> RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await context.Fence.EnsureAsync(cancellationToken);
        await helm.UninstallAsync(context.Cluster, context.ReleaseName, context.Namespace, cancellationToken, context.HelmClock);
        context.Log.Write($"Release {context.ReleaseName} is uninstalled.");
        return StepResult.Done;
    }
}
