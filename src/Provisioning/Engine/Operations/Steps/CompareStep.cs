using Portkey.Portal.Provisioning.Clusters.Helm;

namespace Portkey.Portal.Provisioning.Engine.Operations.Steps;

/// <summary>Compares what Helm says it applied with what was approved.</summary>
internal sealed class CompareStep(IHelm helm) : IOperationStep
{
    public static StepInfo Info { get; } = new("compare", "Compare with the approval", typeof(CompareStep));

    StepInfo IOperationStep.Info => Info;

    public async Task<StepResult> RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var approved = Manifests.GatewayOf(context.Revision!.Content.ManifestYaml);
        var newest = (await helm.RevisionsAsync(context.Cluster, context.ReleaseName, context.Namespace, cancellationToken)).Max(r =>
            r.Number
        );
        var differences = ManifestComparison.Differences(
            approved,
            await helm.ManifestAsync(context.Cluster, context.ReleaseName, context.Namespace, newest, cancellationToken)
        );
        return differences.Count == 0
            ? StepResult.Done
            : throw new OperationFailedException(
                "release-differs",
                $"Helm recorded other objects than were approved: {string.Join(", ", differences.Take(10))}. Have an administrator look at them in the cluster."
            );
    }
}
