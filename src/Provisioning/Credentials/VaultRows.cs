using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Credentials;

/// <summary>Every version that the portal knows, by its name and version in the vault.</summary>
internal static class VaultRows
{
    public static async Task<Dictionary<(string Name, string Version), KnownVersion>> AllAsync(PortalDbContext db, CancellationToken cancellationToken)
    {
        var rows = await db.SecretReferences.SelectMany(
            r => r.Versions,
            (r, v) => new
            {
                r.VaultName, v.VaultVersion, r.Id, r.Key, v.Number, v.State,
                // An environment that is asked for is not there yet, but its secrets wait for it.
                IsLive = r.EnvironmentId == null
                    ? v.State == SecretVersionState.Pending || db.SecretUses.Any(u => u.SecretReferenceId == r.Id)
                    : db.Environments.Any(e => e.Id == r.EnvironmentId && e.State != EnvironmentState.Deleted)
                        || db.ChangeRequests.Any(c => c.EnvironmentId == r.EnvironmentId && (c.State == RequestState.Pending || c.State == RequestState.Approved)),
            }).ToListAsync(cancellationToken);
        var current = rows.Where(r => r.State == SecretVersionState.Current).ToLookup(r => r.Id, r => r.Number);
        return rows.DistinctBy(r => (r.VaultName, r.VaultVersion)).ToDictionary(
            r => (r.VaultName, r.VaultVersion), r => new KnownVersion(r.Id, r.Key, r.Number, r.State, r.IsLive, current[r.Id].Any(n => n > r.Number)));
    }
}
