using Portkey.Portal.Provisioning.Helm;
using Portkey.Portal.Provisioning.Kubernetes;

namespace Portkey.Portal.Provisioning.Operations;

/// <summary>The steps that take an environment away. What is gone already is done.</summary>
internal sealed class RemoveSteps(HelmRunner helm, WaitClock clock)
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
        if (await ClusterWriter.BeginDeleteNamespaceAsync(context.Cluster, context.Namespace, context.Environment.Id, cancellationToken) is { } uid)
        {
            var left = await clock.LeftAsync(context, ClusterWriter.DeleteLimit, cancellationToken);
            await GoneAsync(context, uid, left, clock.Patience(context, left), cancellationToken);
        }

        context.Log.Write($"{(context.WalksOn ? "Taken up again: namespace" : "Namespace")} {context.Namespace} is gone.");
    }

    private static async Task GoneAsync(OperationContext context, string uid, TimeSpan left, TimeSpan? patience, CancellationToken cancellationToken)
    {
        try
        {
            await Namespaces.WaitUntilGoneAsync(context.Cluster, context.Namespace, uid, patience ?? left, cancellationToken);
        }
        catch (ClusterException e) when (e.Code == Namespaces.Stuck && patience is not null)
        {
            var (cluster, ns) = (context.Cluster, context.Namespace);
            throw new GiveBackException($"namespace {ns} to go", (_, stop) => Namespaces.WaitUntilGoneAsync(cluster, ns, uid, left - patience.Value, stop));
        }
    }
}
