using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>Back to the last good revision, as far as Helm knows one, when an operation fails for good or is cancelled.</summary>
internal sealed class Restoration(
    IHelm helm,
    ApprovalCheck approval,
    Guardrails guardrails,
    ReleaseRecords releases,
    ReservedNamespaces reserved,
    Failpoints failpoints
)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Rolls back where there may be something to roll back. False when that did not work; the log says why.</summary>
    public async Task<bool> TryAsync(OperationContext context)
    {
        if (context.Revision is null || !context.MayHaveToGoBack || reserved.Holds(context.Namespace))
        {
            return true;
        }

        try
        {
            using var limit = new CancellationTokenSource(Limit);
            context.Log.Step = Steps.HelmStep.Info.Name;
            await failpoints.HitAsync("restore.before", limit.Token);
            await GoBackAsync(context, await releases.LastGoodAsync(context, limit.Token), limit.Token);
            await failpoints.HitAsync("restore.after", limit.Token);
            return true;
        }
        catch (Exception e) when (e is HelmException or ClusterException or OperationCanceledException)
        {
            context.Log.Write(
                $"Going back did not work: {Failure.Of(e, context.Log.Redactor).Message} The pods of the last good revision were not touched by that.",
                Severity.Error
            );
            return false;
        }
    }

    private async Task GoBackAsync(OperationContext context, int? lastGoodHelmRevision, CancellationToken cancellationToken)
    {
        await context.Fence.EnsureAsync(cancellationToken);
        if (lastGoodHelmRevision is not { } good)
        {
            await RecoverAsync(context, cancellationToken);
            context.Log.Write("There is no earlier good revision to go back to; what was applied stays for inspection.", Severity.Warning);
            return;
        }

        await RequireGoodAsync(context, good, cancellationToken);
        context.Log.Write($"Going back to the last good revision (Helm revision {good}).", Severity.Warning);
        await RecoverAsync(context, cancellationToken);
        await helm.RollbackAsync(context.Cluster, context.ReleaseName, context.Namespace, good, cancellationToken, context.HelmClock);
        if (context.Previous is { } previous)
        {
            await guardrails.ApplyAsync(context, previous.Content.ManifestYaml, cancellationToken);
        }

        context.Log.Write("The last good revision serves.");
    }

    // A rollback reaches the cluster the same way as a change.
    private async Task RequireGoodAsync(OperationContext context, int good, CancellationToken cancellationToken)
    {
        if (context.Previous is not { } previous || !await approval.FitsAsync(context, previous, cancellationToken))
        {
            throw new ClusterRejectedException(
                "not-as-approved",
                "What is stored of the last good revision is not what was approved for it, so it is not restored."
            );
        }

        if (
            ManifestComparison.Differences(
                Manifests.GatewayOf(previous.Content.ManifestYaml),
                await helm.ManifestAsync(context.Cluster, context.ReleaseName, context.Namespace, good, cancellationToken)
            ) is
            { Count: > 0 } differences
        )
        {
            throw new ClusterRejectedException(
                "release-differs",
                $"Helm's revision {good} holds other objects than were approved ({string.Join(", ", differences.Take(10))}), so it is not restored."
            );
        }
    }

    private async Task RecoverAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await context.Fence.EnsureAsync(cancellationToken);
        await helm.RecoverPendingAsync(
            context.Cluster,
            context.ReleaseName,
            context.Namespace,
            context.Log.WriteAsync,
            cancellationToken,
            context.HelmClock
        );
    }
}
