using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.Engine.Operations.Steps;

/// <summary>Ensures the environment's namespace and its labels.</summary>
internal sealed class NamespaceStep(IClusterWriter writer) : IOperationStep
{
    public static StepInfo Info { get; } = new("namespace", "Prepare namespace", typeof(NamespaceStep));

    StepInfo IOperationStep.Info => Info;

    public async Task<StepResult> RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await RequireInsideAsync(context, cancellationToken);
        await context.Fence.EnsureAsync(cancellationToken);
        var labels = context.Labels;
        foreach (var mode in new[] { "enforce", "warn", "audit" })
        {
            labels[$"pod-security.kubernetes.io/{mode}"] = "restricted";
        }

        await writer.EnsureNamespaceAsync(context.Cluster, context.Namespace, labels, cancellationToken);
        context.Log.Write($"Namespace {context.Namespace} on {context.Cluster.Name} is ready.");
        return StepResult.Done;
    }

    // Before the first write: what a rule refuses stays refused, however often it is tried.
    private async Task RequireInsideAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var manifest = context.Revision!.Content.ManifestYaml;
        List<string> wrong = [.. ManifestRules.OutsideNamespace(Manifests.GatewayOf(manifest), context.Namespace)];
        wrong.AddRange(await writer.OutsideAsync(context.Cluster, context.Namespace, manifest, cancellationToken));
        if (wrong.Count > 0)
        {
            throw new OperationFailedException(
                "outside-namespace",
                $"Nothing was applied: {string.Join(" ", wrong.Distinct(StringComparer.Ordinal).Take(10))} Use a chart whose objects all belong to the environment's namespace."
            );
        }
    }
}
