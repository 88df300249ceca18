using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Engine.Endpoints;

/// <summary>Who asks for entry points.</summary>
internal sealed record Claimant(Guid ClusterId, Guid EnvironmentId, Guid ChangeRequestId);

/// <summary>An entry point that another environment has.</summary>
internal sealed record TakenEndpoint(Endpoint Wanted, EndpointClaim By);

/// <summary>
/// Makes sure that no two environments of a cluster share an entry point. A request's claims are recorded with it and released when no
/// waiting, approved or running revision needs it any more; everything happens in the caller's transaction.
/// </summary>
internal static class EndpointClaims
{
    /// <summary>Those of the wanted that another environment has.</summary>
    public static async Task<IReadOnlyList<TakenEndpoint>> TakenAsync(
        PortalDbContext db,
        Guid cluster,
        Guid environment,
        IReadOnlyCollection<Endpoint> wanted,
        CancellationToken cancellationToken
    )
    {
        var taken = new List<TakenEndpoint>();
        foreach (var one in wanted)
        {
            var (kind, below, same) = (one.Kind, one.Below, one.Above().Append(one.Value).ToList());
            var held = await db
                .EndpointClaims.AsNoTracking()
                .Where(c =>
                    c.ClusterId == cluster
                    && c.Kind == kind
                    && c.EnvironmentId != environment
                    && (same.Contains(c.Value) || (below != "" && c.Value.EndsWith(below)))
                )
                .OrderBy(c => c.Value)
                .FirstOrDefaultAsync(cancellationToken);
            if (held is not null)
            {
                taken.Add(new(one, held));
            }
        }

        return taken;
    }

    /// <summary>Takes all that are wanted, or none and returns those that another environment has.</summary>
    public static async Task<IReadOnlyList<TakenEndpoint>> TakeAsync(
        PortalDbContext db,
        Claimant by,
        IReadOnlyCollection<Endpoint> wanted,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var own = (
            await db
                .EndpointClaims.AsNoTracking()
                .Where(c => c.ClusterId == by.ClusterId && c.EnvironmentId == by.EnvironmentId)
                .ToListAsync(cancellationToken)
        )
            .Select(c => new Endpoint(c.Kind, c.Value))
            .ToHashSet();
        var more = wanted.Where(w => !own.Contains(w)).Distinct().ToList();
        if (more.Count == 0)
        {
            return [];
        }

        await TurnAsync(db, by.ClusterId, cancellationToken);
        var taken = await TakenAsync(db, by.ClusterId, by.EnvironmentId, more, cancellationToken);
        if (taken.Count == 0)
        {
            db.EndpointClaims.AddRange(
                more.Select(w => new EndpointClaim
                {
                    ClusterId = by.ClusterId,
                    Kind = w.Kind,
                    Value = w.Value,
                    EnvironmentId = by.EnvironmentId,
                    ChangeRequestId = by.ChangeRequestId,
                    At = now,
                })
            );
        }

        return taken;
    }

    /// <summary>Releases what neither a waiting request nor a revision from this one on needs.</summary>
    /// <param name="db">Database.</param>
    /// <param name="environment">Environment.</param>
    /// <param name="without">Request that no longer waits, whatever its row says yet.</param>
    /// <param name="from">Number of the revision that runs; null where nothing runs and nothing will.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task ReleaseAsync(
        PortalDbContext db,
        Guid environment,
        Guid without,
        int? from,
        CancellationToken cancellationToken
    )
    {
        if (
            await db
                .EndpointClaims.Where(c => c.EnvironmentId == environment)
                .Select(c => (Guid?)c.ClusterId)
                .FirstOrDefaultAsync(cancellationToken)
            is not { } cluster
        )
        {
            return;
        }

        await TurnAsync(db, cluster, cancellationToken);
        var kept = new HashSet<Endpoint>();
        if (from is { } oldest)
        {
            var manifests = await db
                .ChangeRequests.Where(r =>
                    r.EnvironmentId == environment && r.Id != without && r.State == RequestState.Pending && r.Kind != RequestKind.Delete
                )
                .Select(r => r.Content.ManifestYaml)
                .Concat(db.Revisions.Where(r => r.EnvironmentId == environment && r.Number >= oldest).Select(r => r.Content.ManifestYaml))
                .ToListAsync(cancellationToken);
            kept.UnionWith(manifests.SelectMany(ManifestEndpoints.Of));
        }

        foreach (
            var claim in (
                await db.EndpointClaims.AsNoTracking().Where(c => c.EnvironmentId == environment).ToListAsync(cancellationToken)
            ).Where(c => !kept.Contains(new(c.Kind, c.Value)))
        )
        {
            await db
                .EndpointClaims.Where(c => c.ClusterId == claim.ClusterId && c.Kind == claim.Kind && c.Value == claim.Value)
                .ExecuteDeleteAsync(cancellationToken);
        }
    }

    // Two claims that are the same cannot both be written. A wildcard and a name under it could, and one could be let go while it is taken
    // anew, so all changes take turns at the cluster's row.
    private static Task<int> TurnAsync(PortalDbContext db, Guid cluster, CancellationToken cancellationToken) =>
        db
            .Clusters.Where(c => c.Id == cluster)
            .ExecuteUpdateAsync(s => s.SetProperty(c => c.IsEnabled, c => c.IsEnabled), cancellationToken);

    /// <summary>Which environment has it, for people: named only where they may see it.</summary>
    public static async Task<string> HolderAsync(
        PortalDbContext db,
        EndpointClaim claim,
        Func<Guid, bool> canRead,
        CancellationToken cancellationToken
    )
    {
        var holder =
            await db
                .Environments.Where(e => e.Id == claim.EnvironmentId)
                .Select(e => new { e.Name, e.TeamId })
                .FirstOrDefaultAsync(cancellationToken)
            ?? await db
                .ChangeRequests.Where(r => r.Id == claim.ChangeRequestId)
                .Select(r => new { Name = r.EnvironmentName, r.TeamId })
                .FirstOrDefaultAsync(cancellationToken);
        return holder is not null && canRead(holder.TeamId) ? $"environment {holder.Name}" : "another environment";
    }
}
