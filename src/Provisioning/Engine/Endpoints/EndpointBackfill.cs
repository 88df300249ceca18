using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Endpoints;

/// <summary>
/// Records the entry points of environments from before these were kept, once per cluster. Where two have the same, the older one keeps
/// it, and the other gets a finding; nothing that runs is touched.
/// </summary>
internal static class EndpointBackfill
{
    /// <summary>Kind of the finding that tells an environment of it.</summary>
    public const string FindingKind = "endpoint-taken";

    public static async Task RunAsync(UnitOfWork work, DateTime now, CancellationToken cancellationToken)
    {
        foreach (
            var cluster in await work.ReadAsync(
                db => db.Clusters.Where(c => c.EndpointsClaimedAt == null).Select(c => c.Id).ToListAsync(cancellationToken),
                cancellationToken
            )
        )
        {
            foreach (var environment in await work.ReadAsync(db => EnvironmentsAsync(db, cluster, cancellationToken), cancellationToken))
            {
                await work.WriteAsync(db => TakeAsync(db, cluster, environment, now, cancellationToken), cancellationToken);
            }

            await work.WriteAsync(
                db =>
                    db.Clusters.Where(c => c.Id == cluster)
                        .ExecuteUpdateAsync(s => s.SetProperty(c => c.EndpointsClaimedAt, now), cancellationToken),
                cancellationToken
            );
        }
    }

    // Ids are version 7 UUIDs, so they sort by time of request.
    private static async Task<List<Guid>> EnvironmentsAsync(PortalDbContext db, Guid cluster, CancellationToken cancellationToken)
    {
        var there = await db
            .Environments.Where(e => e.ClusterId == cluster && e.State != EnvironmentState.Deleted)
            .OrderBy(e => e.CreatedAt)
            .ThenBy(e => e.Id)
            .Select(e => e.Id)
            .ToListAsync(cancellationToken);
        var asked = await db
            .ChangeRequests.Where(r => r.ClusterId == cluster && r.State == RequestState.Pending)
            .OrderBy(r => r.Id)
            .Select(r => r.EnvironmentId)
            .ToListAsync(cancellationToken);
        return [.. there.Concat(asked).Distinct()];
    }

    private static async Task TakeAsync(PortalDbContext db, Guid cluster, Guid id, DateTime now, CancellationToken cancellationToken)
    {
        var environment = await db.Environments.AsNoTracking().FirstOrDefaultAsync(e => e.Id == id, cancellationToken);
        var applied = environment?.AppliedRevision ?? 0;
        var revisions = await db
            .Revisions.Where(r => r.EnvironmentId == id && r.Number >= applied)
            .OrderBy(r => r.Number)
            .Select(r => new { Request = r.ChangeRequestId, r.Content.ManifestYaml })
            .ToListAsync(cancellationToken);
        var asked = await db
            .ChangeRequests.Where(r => r.EnvironmentId == id && r.State == RequestState.Pending && r.Kind != RequestKind.Delete)
            .Select(r => new { Request = r.Id, r.Content.ManifestYaml })
            .ToListAsync(cancellationToken);
        foreach (
            var (request, endpoint) in revisions
                .Concat(asked)
                .SelectMany(r => ManifestEndpoints.Of(r.ManifestYaml).Select(e => (r.Request, e)))
                .DistinctBy(e => e.e)
        )
        {
            if (
                (await EndpointClaims.TakeAsync(db, new Claimant(cluster, id, request), [endpoint], now, cancellationToken)).Count > 0
                && environment is not null
            )
            {
                db.Findings.Add(
                    new Finding
                    {
                        EnvironmentId = id,
                        Kind = FindingKind,
                        Subject = FindingSubject.Endpoint,
                        SubjectName = endpoint.ToString(),
                        Severity = Severity.Error,
                        Since = now,
                        Message =
                            $"{endpoint} also belongs to another environment, which had it first. Propose a change that gives {environment.Name} another; until then nothing else is applied to it.",
                    }
                );
            }

            await db.SaveChangesAsync(cancellationToken); // so that the next one sees it
        }
    }
}
