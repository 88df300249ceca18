using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;

namespace Portkey.Portal.Provisioning.Engine.Operations.Steps;

/// <summary>
/// Disables secrets that nothing may use any more: on a rotation the previous version, after the gateway answered with the new one; on a
/// removal all of them. Disabling twice is disabling once.
/// </summary>
internal sealed class RetireStep(UnitOfWork work, ISecretVault vault, Revocations revocations, OldSecrets old, Failpoints failpoints)
    : IOperationStep
{
    public static StepInfo Info { get; } = new("retire", "Disable old secrets", typeof(RetireStep));

    StepInfo IOperationStep.Info => Info;

    public async Task<StepResult> RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var stale = await work.ReadAsync(
            db =>
                db.SecretReferences.Include(r => r.Versions)
                    .Where(r => r.EnvironmentId == context.Environment.Id)
                    .ToListAsync(cancellationToken),
            cancellationToken
        );
        foreach (var reference in stale)
        {
            var pinned = context.Revision is null ? null : context.Pins.GetValueOrDefault(reference.Key);
            var replaced = context.PreviousPins.GetValueOrDefault(reference.Key);
            foreach (
                var version in reference.Versions.Where(v =>
                    v.State != SecretVersionState.Disabled && OldSecrets.IsStale(v, pinned, replaced, removing: context.Revision is null)
                )
            )
            {
                await context.Fence.EnsureAsync(cancellationToken);
                if (pinned is not null && context.Revision is not null)
                {
                    // While the vault still returns it: revoking the old value needs the value.
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
            await old.PruneAsync(context, cancellationToken);
        }

        return StepResult.Done;
    }
}
