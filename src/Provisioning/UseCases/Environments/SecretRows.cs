using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Rows about secrets; the values are in the vault.</summary>
internal static class SecretRows
{
    /// <summary>Records a version that the vault has stored; returns its number.</summary>
    public static async Task<int> AddVersionAsync(
        PortalDbContext db,
        Guid environmentId,
        Guid teamId,
        string key,
        SecretPin stored,
        string personId,
        DateTime now,
        DateTime? expiresAt,
        CancellationToken cancellationToken
    )
    {
        var reference = await db
            .SecretReferences.AsTracking()
            .Include(r => r.Versions)
            .FirstOrDefaultAsync(r => r.EnvironmentId == environmentId && r.Key == key, cancellationToken);
        if (reference is null)
        {
            reference = new SecretReference
            {
                EnvironmentId = environmentId,
                TeamId = teamId,
                Key = key,
                VaultName = stored.VaultName,
            };
            db.SecretReferences.Add(reference);
        }

        var version = new SecretVersion
        {
            SecretReferenceId = reference.Id,
            Number = (reference.Versions.Count == 0 ? 0 : reference.Versions.Max(v => v.Number)) + 1,
            VaultVersion = stored.VaultVersion,
            Address = stored.Address ?? "",
            State = SecretVersionState.Pending,
            CreatedBy = personId,
            CreatedAt = now,
            ExpiresAt = expiresAt,
        };
        db.SecretVersions.Add(version);
        return version.Number;
    }
}
