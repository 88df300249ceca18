using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>Disables what is in the vault and unused. For good: the vault does not give it back.</summary>
public sealed class OrphanRemoval(UnitOfWork work, ISecretWriter vault, AuditTrail audit, LiveUpdates live, TimeProvider time)
{
    /// <summary>Disables that version in the vault; administrators only.</summary>
    /// <exception cref="ConflictException">It is in use by now, or the vault did not disable it.</exception>
    public async Task RemoveAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var orphan = await work.WriteAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var found =
                    await OrphanQueries.Visible(db, access).AsNoTracking().FirstOrDefaultAsync(a => a.Id == id, cancellationToken)
                    ?? throw new NotFoundException("orphan of this id");
                if (!access.IsAdministrator)
                {
                    throw new ForbiddenException("Only administrators may remove what is left over in the vault.");
                }

                await RefuseUsedAsync(db, found, cancellationToken);
                await db.SecretAnomalies.Where(a => a.Id == id).ExecuteDeleteAsync(cancellationToken);
                var reference = await db.SecretReferences.FirstOrDefaultAsync(r => r.Id == found.SecretReferenceId, cancellationToken);
                await audit.AppendAsync(
                    db,
                    caller,
                    new AuditEntry("credential.orphan-removed", "secret", found.VaultName, found.VaultName)
                    {
                        EnvironmentId = reference?.EnvironmentId,
                        TeamId = reference?.TeamId,
                        After = new { found.VaultVersion },
                        Reason = found.Detail,
                    },
                    cancellationToken
                );
                return found;
            },
            cancellationToken
        );
        live.Publish([]);
        try
        {
            await vault.DisableAsync(orphan.VaultName, orphan.VaultVersion, cancellationToken);
        }
        catch (VaultException e) when (!e.IsTransient)
        {
            throw new ConflictException(
                e.Code,
                $"The vault did not disable it: {e.Message} It is listed again at the next scan of the vault."
            );
        }
    }

    // Rows may have been added since the vault was listed.
    private async Task RefuseUsedAsync(PortalDbContext db, SecretAnomaly orphan, CancellationToken cancellationToken)
    {
        var at = (orphan.VaultName, orphan.VaultVersion);
        var known = (await VaultRows.AllAsync(db, cancellationToken, orphan.VaultName)).GetValueOrDefault(at);
        var now = time.GetUtcNow().UtcDateTime;
        var entry = new VaultEntry(
            orphan.VaultName,
            orphan.VaultVersion,
            IsEnabled: true,
            now - VaultComparison.Grace,
            ExpiresAt: null,
            "",
            ""
        );
        if (
            orphan.Kind != SecretAnomalyKind.Unused
            || VaultComparison.Of(entry, known, now)?.Kind != SecretAnomalyKind.Unused
            || (await VaultRows.KeptAsync(db, cancellationToken)).Contains(at)
        )
        {
            throw new ConflictException("in-use", "It is not left over: the portal uses this version, or will use it.");
        }
    }
}
