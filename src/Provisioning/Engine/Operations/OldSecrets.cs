using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>Secrets that earlier revisions left.</summary>
internal sealed class OldSecrets(ISecretDelivery secrets)
{
    /// <summary>
    /// What earlier revisions left in the cluster is removed once this one is seen to serve; a rotation has its own step for it. It is no
    /// reason to undo what works: what cannot be removed now is removed by the next operation.
    /// </summary>
    public async Task PruneAfterSuccessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (
            context.Revision is not { Number: > 1 }
            || context.Operation.Kind == RequestKind.Rotate
            || context.Pins.Count + context.PreviousPins.Count == 0
        )
        {
            return;
        }

        try
        {
            await PruneAsync(context, cancellationToken);
        }
        catch (ClusterException problem)
        {
            context.Log.Write($"Old secrets stay in the cluster until the next operation: {problem.Message}", Severity.Warning);
        }
    }

    /// <summary>Removes Secrets from the cluster that this revision does not use.</summary>
    public async Task PruneAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await context.Fence.EnsureAsync(cancellationToken);
        var gone = await secrets.PruneAsync(
            context.Cluster,
            context.Delivery,
            context.Namespace,
            [SecretPins.ClusterSecretName(context.ReleaseName, context.Pins), context.PullSecret?.Name ?? ""],
            cancellationToken
        );
        if (gone.Count > 0)
        {
            context.Log.Write($"Removed {string.Join(", ", gone)} from the cluster.");
        }
    }

    /// <summary>Which versions a finished rotation or removal leaves behind.</summary>
    public static bool IsStale(SecretVersion version, SecretPin? pinned, SecretPin? replaced, bool removing) =>
        removing
        || (pinned is not null && replaced is not null && pinned.VaultVersion != replaced.VaultVersion && version.Number < pinned.Number);
}
