using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>An operation that may begin now: the first of its cluster and team.</summary>
internal sealed class Candidate
{
    public required Guid Id { get; init; }

    public required Guid EnvironmentId { get; init; }

    public required Guid ClusterId { get; init; }

    public required Guid TeamId { get; init; }

    public required long Sequence { get; init; }

    /// <summary>0 for what comes first, 1 for the rest, 2 for what failed before.</summary>
    public required int Rank { get; init; }
}

/// <summary>
/// Whose turn it is. Removals and cancellations come first, and what failed before comes after everything new. Among equals the cluster and
/// the team that have fewest operations under way come next, then those that have waited longest, then the oldest operation. No cluster and
/// no team holds all places of a worker, for a place cannot be taken back: so one stays within reach of the others.
/// </summary>
internal static class QueueTurns
{
    /// <summary>Code of an attempt that ended because the portal did; it is not the operation's fault.</summary>
    public const string Stopped = "stopped";

    /// <summary>Removals that are approved and not done.</summary>
    public static IQueryable<Operation> Superseding(PortalDbContext db) => Unfinished(db).Where(d => d.Kind == RequestKind.Delete);

    /// <summary>Operations that may begin now, one of each cluster and team, in the order of their turns.</summary>
    public static async Task<IReadOnlyList<Candidate>> NextAsync(
        PortalDbContext db,
        string owner,
        ProvisioningOptions options,
        CancellationToken cancellationToken
    )
    {
        var first = await First(db).ToListAsync(cancellationToken);
        if (first.Count == 0)
        {
            return [];
        }

        var held = await db
            .Environments.Held()
            .GroupBy(e => new
            {
                e.ClusterId,
                e.TeamId,
                Mine = e.Lease.Owner == owner,
            })
            .Select(g => new
            {
                g.Key.ClusterId,
                g.Key.TeamId,
                g.Key.Mine,
                Count = g.Count(),
            })
            .ToListAsync(cancellationToken);
        var (clusters, teams) = (await db.Clusters.CountAsync(cancellationToken), await db.Teams.CountAsync(cancellationToken));
        var ids = first.Select(c => c.ClusterId).Concat(first.Select(c => c.TeamId)).Distinct().ToList();
        var served = await db.QueueTurns.Where(t => ids.Contains(t.Id)).ToDictionaryAsync(t => t.Id, t => t.At, cancellationToken);
        var (perCluster, perTeam) = (Limit(options.ClusterConcurrency, clusters), Limit(options.TeamConcurrency, teams));
        return
        [
            .. first
                .Where(c =>
                    held.Where(h => h.Mine && h.ClusterId == c.ClusterId).Sum(h => h.Count) < perCluster
                    && held.Where(h => h.Mine && h.TeamId == c.TeamId).Sum(h => h.Count) < perTeam
                )
                .OrderBy(c => c.Rank)
                .ThenBy(c => held.Where(h => h.ClusterId == c.ClusterId).Sum(h => h.Count))
                .ThenBy(c => held.Where(h => h.TeamId == c.TeamId).Sum(h => h.Count))
                .ThenBy(c => served.GetValueOrDefault(c.ClusterId))
                .ThenBy(c => served.GetValueOrDefault(c.TeamId))
                .ThenBy(c => c.Sequence),
        ];

        // Where there is nobody else, nothing is reserved for others.
        int Limit(int configured, int others) =>
            configured > 0 ? configured
            : others > 1 ? Math.Max(1, options.WorkerConcurrency - 1)
            : options.WorkerConcurrency;
    }

    /// <summary>Notes that cluster and team had their turn, within the claim's transaction.</summary>
    public static async Task TakenAsync(PortalDbContext db, Candidate candidate, CancellationToken cancellationToken)
    {
        // Always the smaller id first, so that two workers do not wait for each other's rows.
        foreach (var id in new[] { candidate.ClusterId, candidate.TeamId }.Order())
        {
            if (
                await db
                    .QueueTurns.Where(t => t.Id == id)
                    .ExecuteUpdateAsync(s => s.SetProperty(t => t.At, t => DateTime.UtcNow), cancellationToken) == 0
            )
            {
                db.QueueTurns.Add(new QueueTurn { Id = id, At = DateTime.UtcNow });
            }
        }
    }

    /// <summary>What may begin now: the first unfinished operation of an environment that nobody works on, whose time has come or which a
    /// removal makes needless.</summary>
    internal static IQueryable<Operation> Ready(PortalDbContext db)
    {
        var (unfinished, removals) = (Unfinished(db), Superseding(db));
        return unfinished.Where(o =>
            (o.Environment!.Lease.Until == null || o.Environment.Lease.Until < DateTime.UtcNow)
            && (o.NotBefore <= DateTime.UtcNow || removals.Any(d => d.EnvironmentId == o.EnvironmentId && d.Sequence > o.Sequence))
            && !unfinished.Any(p => p.EnvironmentId == o.EnvironmentId && p.Sequence < o.Sequence)
        );
    }

    // Of each cluster and team only the first, so that thousands of one cannot hide the others.
    internal static IQueryable<Candidate> First(PortalDbContext db)
    {
        var removals = Superseding(db);
        return Ready(db)
            .Select(o => new Candidate
            {
                Id = o.Id,
                EnvironmentId = o.EnvironmentId,
                ClusterId = o.Environment!.ClusterId,
                TeamId = o.Environment.TeamId,
                Sequence = o.Sequence,
                Rank =
                    o.CancelRequested || removals.Any(d => d.EnvironmentId == o.EnvironmentId && d.Sequence > o.Sequence) ? 0
                    : o.State == OperationState.Queued && o.ErrorCode != "" && o.ErrorCode != Stopped ? 2
                    : o.Kind == RequestKind.Delete ? 0
                    : 1,
            })
            .GroupBy(o => new { o.ClusterId, o.TeamId })
            .Select(g => g.OrderBy(o => o.Rank).ThenBy(o => o.Sequence).First());
    }

    private static IQueryable<Operation> Unfinished(PortalDbContext db) =>
        db.Operations.Where(o => o.State == OperationState.Queued || o.State == OperationState.Running);
}
