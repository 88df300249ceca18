using Portkey.Portal.Provisioning.Helm;
using Portkey.Portal.Provisioning.Kubernetes;

namespace Portkey.Portal.Provisioning.Operations;

/// <summary>The steps that take an environment away. What is gone already is done.</summary>
internal sealed class RemoveSteps(HelmRunner helm, ClusterWriter writer)
{
    public async Task UninstallAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await context.Fence.EnsureAsync(cancellationToken);
        await helm.UninstallAsync(context.Cluster, context.ReleaseName, context.Namespace, cancellationToken, context.HelmClock);
        context.Log.Write($"Release {context.ReleaseName} is uninstalled.");
    }

    public async Task NamespaceAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await context.Fence.EnsureAsync(cancellationToken);
        await writer.DeleteNamespaceAsync(context.Cluster, context.Namespace, context.Environment.Id, cancellationToken);
        context.Log.Write($"Namespace {context.Namespace} is gone.");
    }
}
