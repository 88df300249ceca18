using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>Every decision on what may be made for a credential changes its version, so that of two at once the second reads it
/// anew.</summary>
internal static class CredentialStamp
{
    /// <summary>Changes it within the caller's transaction, unless somebody did since the credential was read.</summary>
    /// <exception cref="DbUpdateConcurrencyException">Somebody did; the unit of work starts again.</exception>
    public static async Task RenewAsync(PortalDbContext db, SecretReference reference, CancellationToken cancellationToken)
    {
        var (read, next) = (reference.Version, Guid.NewGuid());
        if (
            await db
                .SecretReferences.Where(r => r.Id == reference.Id && r.Version == read)
                .ExecuteUpdateAsync(s => s.SetProperty(r => r.Version, next), cancellationToken) == 0
        )
        {
            throw new DbUpdateConcurrencyException("Somebody has changed the credential since it was read.");
        }
    }
}
