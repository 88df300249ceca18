using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>Drops imports that no request took, so that their secrets do not stay in the vault for ever.</summary>
public sealed class ImportExpiry(UnitOfWork work, ISecretWriter vault, TimeProvider time)
{
    private const int AtOnce = 100;

    /// <summary>How long an import waits for its request.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromDays(7);

    /// <summary>Disables the secrets of those that waited too long. A request that takes one at the same moment goes first, or
    /// finds it used.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var before = now - Limit;
        var old = await work.ReadAsync(
            db =>
                db.Imports.Where(i => i.UsedAt == null && i.At < before)
                    .OrderBy(i => i.At)
                    .Take(AtOnce)
                    .Select(i => new { i.Id, Secrets = i.Secrets.Select(s => new StoredSecret(s.VaultName, s.VaultVersion)).ToList() })
                    .ToListAsync(cancellationToken),
            cancellationToken
        );
        foreach (var import in old)
        {
            // What a crash leaves here is named by nothing, and found as an orphan.
            if (
                await work.WriteAsync(
                    db =>
                        db.Imports.Where(i => i.Id == import.Id && i.UsedAt == null)
                            .ExecuteUpdateAsync(s => s.SetProperty(i => i.UsedAt, now), cancellationToken),
                    cancellationToken
                ) > 0
            )
            {
                await vault.DiscardAsync(import.Secrets);
            }
        }
    }
}
