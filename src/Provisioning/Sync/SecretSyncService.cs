using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Audit;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Governance;
using Portkey.Portal.Provisioning.Teams;

namespace Portkey.Portal.Provisioning.Sync;

/// <summary>
/// Says how secrets get into a cluster: one administrator proposes, another one approves. Environments there follow with their next operation.
/// </summary>
public sealed class SecretSyncService(UnitOfWork work, ChangeDesk desk, AuditTrail audit, VaultAddresses vaults) : IChangeEffect
{
    /// <inheritdoc/>
    public GovernanceKind Kind => GovernanceKind.SecretSync;

    /// <summary>Proposes the way of a cluster, named by its name or id; null where it is so already.</summary>
    /// <exception cref="InvalidInputException">With everything that is wrong at once.</exception>
    public async Task<ChangeOutcome?> SetAsync(Caller caller, string cluster, SecretSyncView wish, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wish);
        var draft = await work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                if (!access.IsAdministrator)
                {
                    throw new ForbiddenException("Only administrators say how secrets get into a cluster.");
                }

                var row = await FindAsync(db, cluster, cancellationToken);
                var (settings, problems) = SecretSyncRules.Check(wish, vaults);
                if (problems.Count > 0)
                {
                    throw new InvalidInputException(problems);
                }

                var (was, becomes) = (SecretSyncView.Of(SecretSyncSettings.Of(row)), SecretSyncView.Of(settings));
                return was == becomes ? null : new ChangeDraft(row.Id.ToString(), row.Name, $"change how secrets get into {row.Name}", Facts(was), Facts(becomes), new Payload(was, becomes));
            },
            cancellationToken);
        return draft is null ? null : await desk.SubmitAsync(caller, draft, this, cancellationToken);
    }

    /// <summary>The cluster of that name or id, as people see it.</summary>
    public Task<ClusterView> ClusterAsync(string cluster, CancellationToken cancellationToken) =>
        work.ReadAsync(async db => CatalogService.ViewOf(await FindAsync(db, cluster, cancellationToken)), cancellationToken);

    /// <inheritdoc/>
    public async Task ApplyAsync(PortalDbContext db, Caller caller, GovernanceChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(change);
        var payload = PortalJson.Read<Payload>(change.PayloadJson);
        var row = await FindAsync(db, change.TargetId, cancellationToken);
        var (settings, problems) = SecretSyncRules.Check(payload.Becomes, vaults);
        if (problems.Count > 0)
        {
            throw new ConflictException("not-right-any-more", string.Join(" ", problems.Select(p => p.Message)));
        }

        var before = SecretSyncSettings.Of(row);
        if (SecretSyncView.Of(before) != payload.Was)
        {
            throw new ConflictException("stale-base", $"How secrets get into {row.Name} has changed since this was proposed. Propose it again.");
        }

        settings = settings with { Before = Earlier(before, settings.Mode) };
        (row.SecretSync, row.SecretSyncJson) = (settings.Mode, PortalJson.Write(settings));
        await audit.AppendAsync(db, caller, new AuditEntry("cluster.secretSync", "cluster", row.Id.ToString(), row.Name) { Before = payload.Was, After = payload.Becomes, RequestDigest = change.ContentDigest }, cancellationToken);
    }

    private static async Task<Cluster> FindAsync(PortalDbContext db, string cluster, CancellationToken cancellationToken)
    {
        var id = Guid.TryParse(cluster, out var parsed) ? parsed : Guid.Empty;
        return await db.Clusters.AsTracking().FirstOrDefaultAsync(c => c.Id == id || c.Name == cluster, cancellationToken) ?? throw new NotFoundException("cluster");
    }

    private static Dictionary<string, string> Facts(SecretSyncView view) => new[]
    {
        ("Way", view.Mode), ("Store", $"{view.StoreKind} {view.StoreName}".Trim()), ("Refresh", view.RefreshInterval), ("Key Vault", view.Vault), ("Tenant", view.TenantId), ("Workload identity", view.ClientId),
    }.Where(f => !string.IsNullOrEmpty(f.Item2)).ToDictionary(f => f.Item1, f => f.Item2!, StringComparer.Ordinal);

    private sealed record Payload(SecretSyncView Was, SecretSyncView Becomes);

    // What the portal wrote itself is always looked for; the others' objects only where they may be.
    private static SecretSync[]? Earlier(SecretSyncSettings before, SecretSync mode)
    {
        SecretSync[] all = [.. (before.Before ?? []).Append(before.Mode).Where(m => m != mode && m != SecretSync.Portal).Distinct().Order()];
        return all.Length == 0 ? null : all;
    }
}
