using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Kubernetes;
using Portkey.Portal.Provisioning.Minting;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Provisioning.Sync;

namespace Portkey.Portal.Provisioning.Operations;

/// <summary>
/// Disables secrets that nothing may use any more: on a rotation the version before, after the gateway answered with the new one; on a
/// removal all of them. Disabling twice is disabling once.
/// </summary>
internal sealed class RetireStep(UnitOfWork work, ISecretVault vault, Revocations revocations, ClusterSecrets secrets, Failpoints failpoints)
{
    public async Task RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var stale = await work.ReadAsync(
            db => db.SecretReferences.Include(r => r.Versions).Where(r => r.EnvironmentId == context.Environment.Id).ToListAsync(cancellationToken),
            cancellationToken);
        foreach (var reference in stale)
        {
            var pinned = context.Revision is null ? null : context.Pins.GetValueOrDefault(reference.Key);
            var replaced = context.PreviousPins.GetValueOrDefault(reference.Key);
            foreach (var version in reference.Versions.Where(v => v.State != SecretVersionState.Disabled && IsStale(v, pinned, replaced, removing: context.Revision is null)))
            {
                await context.Fence.EnsureAsync(cancellationToken);
                if (pinned is not null && context.Revision is not null)
                {
                    // While the vault still gives it: what the old value opens has to know it to refuse it.
                    var (text, severity) = await revocations.RetireAsync(reference, version, pinned.VaultVersion, cancellationToken);
                    if (text.Length > 0)
                    {
                        context.Log.Write(text, severity);
                    }

                    await failpoints.HitAsync("retire.revoked", cancellationToken);
                }

                await vault.DisableAsync(reference.VaultName, version.VaultVersion, cancellationToken);
                await failpoints.HitAsync("retire.disabled", cancellationToken);
                context.Log.Write($"{reference.Key} v{version.Number} is disabled in the vault.");
            }
        }

        if (context.Revision is not null && context.Pins.Count > 0)
        {
            await PruneAsync(context, cancellationToken);
        }
    }

    /// <summary>
    /// What earlier revisions left in the cluster goes once this one is seen to serve; a rotation has a step of its own for it. It is no reason
    /// to undo what works: what cannot be removed now goes with the next operation.
    /// </summary>
    public async Task PruneAfterSuccessAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (context.Revision is not { Number: > 1 } || context.Operation.Kind == RequestKind.Rotate || context.Pins.Count + context.PreviousPins.Count == 0)
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

    private async Task PruneAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await context.Fence.EnsureAsync(cancellationToken);
        var gone = await secrets.PruneAsync(context.Cluster, context.Sync, context.Namespace, [SecretPins.ClusterSecretName(context.ReleaseName, context.Pins), context.PullSecret?.Name ?? ""], cancellationToken);
        if (gone.Count > 0)
        {
            context.Log.Write($"Removed {string.Join(", ", gone)} from the cluster.");
        }
    }

    /// <summary>Which versions a finished rotation or removal leaves behind.</summary>
    public static bool IsStale(SecretVersion version, SecretPin? pinned, SecretPin? replaced, bool removing) =>
        removing || (pinned is not null && replaced is not null && pinned.VaultVersion != replaced.VaultVersion && version.Number < pinned.Number);
}
