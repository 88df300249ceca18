using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>Every version that the portal knows, by its name and version in the vault.</summary>
internal static class VaultRows
{
    /// <summary>Of credentials; only those under one name where one is given.</summary>
    public static async Task<Dictionary<(string Name, string Version), KnownVersion>> AllAsync(
        PortalDbContext db,
        CancellationToken cancellationToken,
        string? only = null
    )
    {
        var rows = await db
            .SecretReferences.Where(r => only == null || r.VaultName == only)
            .SelectMany(
                r => r.Versions,
                (r, v) =>
                    new
                    {
                        r.VaultName,
                        v.VaultVersion,
                        r.Id,
                        r.Key,
                        v.Number,
                        v.State,
                        // A requested environment does not exist yet, but its secrets wait for it.
                        IsLive = r.EnvironmentId == null
                            ? v.State == SecretVersionState.Pending || db.SecretUses.Any(u => u.SecretReferenceId == r.Id)
                            : db.Environments.Any(e => e.Id == r.EnvironmentId && e.State != EnvironmentState.Deleted)
                                || db.ChangeRequests.Any(c =>
                                    c.EnvironmentId == r.EnvironmentId
                                    && (c.State == RequestState.Pending || c.State == RequestState.Approved)
                                ),
                    }
            )
            .ToListAsync(cancellationToken);
        var current = rows.Where(r => r.State == SecretVersionState.Current).ToLookup(r => r.Id, r => r.Number);
        return rows.DistinctBy(r => (r.VaultName, r.VaultVersion))
            .ToDictionary(
                r => (r.VaultName, r.VaultVersion),
                r => new KnownVersion(r.Id, r.Key, r.Number, r.State, r.IsLive, current[r.Id].Any(n => n > r.Number))
            );
    }

    /// <summary>What is kept and belongs to no credential: kubeconfigs of clusters, those that wait for a second administrator, and secrets
    /// of imports that no request has taken yet.</summary>
    public static async Task<HashSet<(string Name, string Version)>> KeptAsync(PortalDbContext db, CancellationToken cancellationToken)
    {
        var sources = await db
            .Clusters.Where(c => c.KubeconfigSource.StartsWith(ClusterTrust.Vault))
            .Select(c => c.KubeconfigSource)
            .ToListAsync(cancellationToken);
        var waiting = await db
            .GovernanceChanges.Where(c => c.State == GovernanceState.Pending && c.VaultName != "")
            .Select(c => new { c.VaultName, c.VaultVersion })
            .ToListAsync(cancellationToken);
        var imports = await db
            .Imports.Where(i => i.UsedAt == null)
            .SelectMany(i => i.Secrets, (i, s) => new { s.VaultName, s.VaultVersion })
            .ToListAsync(cancellationToken);
        return
        [
            .. sources.Select(ClusterTrust.InVault),
            .. waiting.Select(c => (c.VaultName, c.VaultVersion)),
            .. imports.Select(s => (s.VaultName, s.VaultVersion)),
        ];
    }
}
