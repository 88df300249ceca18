using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Audit;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Teams;

namespace Portkey.Portal.Provisioning.Sync;

/// <summary>Says how secrets get into a cluster; administrators only. Environments there follow with their next operation.</summary>
public sealed class SecretSyncService(UnitOfWork work, AuditTrail audit, LiveUpdates live, VaultAddresses vaults)
{
    /// <summary>Replaces the way of a cluster, named by its name or id. The same again changes nothing.</summary>
    /// <exception cref="InvalidInputException">With everything that is wrong at once.</exception>
    public async Task<ClusterView> SetAsync(Caller caller, string cluster, SecretSyncView wish, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wish);
        var (view, changed) = await work.WriteAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                if (!access.IsAdministrator)
                {
                    throw new ForbiddenException("Only administrators say how secrets get into a cluster.");
                }

                var id = Guid.TryParse(cluster, out var parsed) ? parsed : Guid.Empty;
                var row = await db.Clusters.AsTracking().FirstOrDefaultAsync(c => c.Id == id || c.Name == cluster, cancellationToken) ?? throw new NotFoundException("cluster");
                var (settings, problems) = SecretSyncRules.Check(wish, vaults);
                if (problems.Count > 0)
                {
                    throw new InvalidInputException(problems);
                }

                var before = SecretSyncSettings.Of(row);
                settings = settings with { Before = Earlier(before, settings.Mode) };
                var (was, becomes) = (SecretSyncView.Of(before), SecretSyncView.Of(settings));
                if (was == becomes)
                {
                    return (CatalogService.ViewOf(row), false);
                }

                (row.SecretSync, row.SecretSyncJson) = (settings.Mode, PortalJson.Write(settings));
                await audit.AppendAsync(db, caller, new AuditEntry("cluster.secretSync", "cluster", row.Id.ToString(), row.Name) { Before = was, After = becomes }, cancellationToken);
                return (CatalogService.ViewOf(row), true);
            },
            cancellationToken);
        if (changed)
        {
            live.Publish(view.Id);
        }

        return view;
    }

    // What the portal wrote itself is always looked for; the others' objects only where they may be.
    private static SecretSync[]? Earlier(SecretSyncSettings before, SecretSync mode)
    {
        SecretSync[] all = [.. (before.Before ?? []).Append(before.Mode).Where(m => m != mode && m != SecretSync.Portal).Distinct().Order()];
        return all.Length == 0 ? null : all;
    }
}
