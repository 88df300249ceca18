using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>Looks for what is in the vault but unused, and for what is used but missing or disabled there. Values are never
/// read.</summary>
public sealed partial class VaultScan(
    UnitOfWork work,
    AuditTrail audit,
    LiveUpdates live,
    TimeProvider time,
    ILogger<VaultScan> logger,
    IVaultInventory? inventory = null
)
{
    private const int Batch = 200;

    /// <summary>Compares, records what is new and removes what is fixed. A vault that does not answer changes nothing.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (inventory is null)
        {
            return; // this vault cannot be listed
        }

        List<Difference> found;
        try
        {
            found = await CompareAsync(inventory, cancellationToken);
        }
        catch (VaultException e)
        {
            LogNotListed(logger, e.Message);
            return;
        }

        var known = await work.ReadAsync(db => db.SecretAnomalies.ToListAsync(cancellationToken), cancellationToken);
        var there = known.Select(a => (a.Kind, a.VaultName, a.VaultVersion)).ToHashSet();
        var still = found.Select(d => (d.Kind, d.VaultName, d.VaultVersion)).ToHashSet();
        var mended = known.Where(a => !still.Contains((a.Kind, a.VaultName, a.VaultVersion))).Select(a => a.Id).ToList();
        var changed = 0;
        foreach (var ids in mended.Chunk(Batch))
        {
            changed += await work.WriteAsync(
                db => db.SecretAnomalies.Where(a => ids.Contains(a.Id)).ExecuteDeleteAsync(cancellationToken),
                cancellationToken
            );
        }

        foreach (var batch in found.Where(d => !there.Contains((d.Kind, d.VaultName, d.VaultVersion))).Chunk(Batch))
        {
            changed += await work.WriteAsync(db => AddAsync(db, batch, cancellationToken), cancellationToken);
        }

        if (changed > 0)
        {
            LogChanged(logger, found.Count);
            live.Publish([]); // pages that watch everything
        }
    }

    // The rows first: whatever they name was in the vault before it is listed.
    private async Task<List<Difference>> CompareAsync(IVaultInventory vault, CancellationToken cancellationToken)
    {
        var (known, kept) = await work.ReadAsync(
            async db => (await VaultRows.AllAsync(db, cancellationToken), await VaultRows.KeptAsync(db, cancellationToken)),
            cancellationToken
        );
        var now = time.GetUtcNow().UtcDateTime;
        var found = new List<Difference>();
        await foreach (var entry in vault.ListAsync(cancellationToken))
        {
            known.Remove((entry.Name, entry.Version), out var version);
            if (!kept.Contains((entry.Name, entry.Version)) && VaultComparison.Of(entry, version, now) is { } difference)
            {
                found.Add(difference);
            }
        }

        found.AddRange(known.Select(k => VaultComparison.OfMissing(k.Key.Name, k.Key.Version, k.Value)).OfType<Difference>());
        return found;
    }

    private async Task<int> AddAsync(PortalDbContext db, IReadOnlyList<Difference> differences, CancellationToken cancellationToken)
    {
        // A rotation may have ended while the vault was listed: what was in use when it began need not be any more.
        var ids = differences.Where(d => d.Kind != SecretAnomalyKind.Unused).Select(d => d.ReferenceId).Distinct().ToList();
        var inUse = (
            await db
                .SecretVersions.Where(v => ids.Contains(v.SecretReferenceId) && v.State == SecretVersionState.Current)
                .Select(v => new { v.SecretReferenceId, v.VaultVersion })
                .ToListAsync(cancellationToken)
        )
            .Select(v => ((Guid?)v.SecretReferenceId, v.VaultVersion))
            .ToHashSet();
        var now = time.GetUtcNow().UtcDateTime;
        var added = 0;
        foreach (
            var difference in differences.Where(d => d.Kind == SecretAnomalyKind.Unused || inUse.Contains((d.ReferenceId, d.VaultVersion)))
        )
        {
            var reference = difference.ReferenceId is { } id
                ? await db.SecretReferences.FirstOrDefaultAsync(r => r.Id == id, cancellationToken)
                : null;
            db.SecretAnomalies.Add(
                new SecretAnomaly
                {
                    Kind = difference.Kind,
                    VaultName = difference.VaultName,
                    VaultVersion = difference.VaultVersion,
                    SecretReferenceId = difference.ReferenceId,
                    Detail = StoredText.Fit(difference.Detail, 390),
                    Since = now,
                }
            );
            await audit.AppendAsync(
                db,
                new Caller(AuditTrail.System, "", $"vault-scan-{now:yyyyMMddTHHmmss}"),
                new AuditEntry("credential.anomaly", "secret", difference.VaultName, difference.VaultName)
                {
                    EnvironmentId = reference?.EnvironmentId,
                    TeamId = reference?.TeamId,
                    After = new { difference.Kind, difference.VaultVersion },
                    Reason = difference.Detail,
                },
                cancellationToken
            );
            added++;
        }

        return added;
    }

    [LoggerMessage(1202, LogLevel.Warning, "The vault could not be listed, so nothing is known about unused secrets: {Reason}")]
    private static partial void LogNotListed(ILogger logger, string reason);

    [LoggerMessage(1203, LogLevel.Warning, "Vault and portal differ about {Count} versions of secrets; the Credentials page lists them.")]
    private static partial void LogChanged(ILogger logger, int count);
}
