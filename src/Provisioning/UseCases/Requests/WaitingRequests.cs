using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>A request that waits for the caller's decision, with what an approver weighs first.</summary>
/// <param name="Request">As in every list.</param>
/// <param name="MonthlyCostUsd">What it costs a month, US dollars; nothing after a removal, null where that is unknown.</param>
/// <param name="CostChangeUsd">By how much that is more or less than now; null for a new environment, or where that is unknown.</param>
/// <param name="Warnings">Warnings of its validation and of its newest preflight.</param>
public sealed record WaitingRequest(RequestRow Request, int? MonthlyCostUsd, int? CostChangeUsd, int Warnings);

/// <summary>What waits for somebody's decision.</summary>
public sealed class WaitingRequests(UnitOfWork work, RequestService requests, CostEstimate costs, TimeProvider time)
{
    private const int MostKept = 2000;

    // A request's cost is as fixed as its digest, and computing it means reading all that it renders.
    private readonly ConcurrentDictionary<string, (int? After, int? Change)> known = new(StringComparer.Ordinal);

    /// <summary>Requests that the caller may decide on, oldest first.</summary>
    public async Task<Page<WaitingRequest>> ListAsync(Caller caller, PageRequest page, CancellationToken cancellationToken)
    {
        var filter = new RequestFilter(RequestState.Pending, WaitingForMe: true, OldestFirst: true);
        var found = await requests.ListAsync(caller, filter, page, cancellationToken);
        var (ids, unknown) = (
            found.Items.Select(r => r.Id).ToList(),
            found.Items.Where(r => !known.ContainsKey(r.Digest)).Select(r => r.Id).ToList()
        );
        var findings = await work.ReadAsync(
            async db =>
            {
                await ReckonAsync(db, unknown, cancellationToken);
                return await db
                    .ChangeRequests.Where(r => ids.Contains(r.Id))
                    .ToDictionaryAsync(r => r.Id, r => r.FindingsJson, cancellationToken);
            },
            cancellationToken
        );
        return new Page<WaitingRequest>(
            [
                .. found.Items.Select(r =>
                {
                    var (after, change) = known.GetValueOrDefault(r.Digest);
                    return new WaitingRequest(r, after, change, (r.Preflight?.Warnings ?? 0) + Warnings(findings.GetValueOrDefault(r.Id)));
                }),
            ],
            found.Next
        );
    }

    /// <summary>How many requests, rotations and changes the caller may decide on now.</summary>
    public Task<int> CountAsync(Caller caller, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                if (!access.IsAdministrator)
                {
                    return 0;
                }

                var (me, now) = (access.PersonId, time.GetUtcNow().UtcDateTime);
                return await RequestService
                        .Filter(db, access, new RequestFilter(RequestState.Pending, WaitingForMe: true))
                        .CountAsync(cancellationToken)
                    + await db.Rotations.CountAsync(r => r.State == RotationState.Pending && r.RequestedBy != me, cancellationToken)
                    + await db.GovernanceChanges.CountAsync(
                        c => c.State == GovernanceState.Pending && c.ProposedBy != me && c.ExpiresAt > now,
                        cancellationToken
                    );
            },
            cancellationToken
        );

    private static int Warnings(string? findings) =>
        findings is null ? 0 : PortalJson.Read<List<FindingView>>(findings).Count(f => f.Severity is Severity.Warning or Severity.Error);

    private async Task ReckonAsync(PortalDbContext db, List<Guid> ids, CancellationToken cancellationToken)
    {
        if (ids.Count == 0)
        {
            return;
        }

        var rows = await db
            .ChangeRequests.Where(r => ids.Contains(r.Id))
            .Select(r => new
            {
                r.Kind,
                r.Content.Digest,
                After = new Side(r.Content.Profile, r.Content.SpecJson, r.Content.ManifestYaml),
                Before = db
                    .Revisions.Where(b => b.EnvironmentId == r.EnvironmentId && b.Number == r.BaseRevision)
                    .Select(b => new Side(b.Content.Profile, b.Content.SpecJson, b.Content.ManifestYaml))
                    .FirstOrDefault(),
            })
            .ToListAsync(cancellationToken);
        var profiles = await db.Profiles.AsNoTracking().ToDictionaryAsync(p => p.Name, cancellationToken);
        if (known.Count > MostKept)
        {
            known.Clear();
        }

        foreach (var row in rows)
        {
            var (before, after) = (Cost(row.Before, profiles), row.Kind == RequestKind.Delete ? 0 : Cost(row.After, profiles));
            known[row.Digest] = (after, after - before);
        }
    }

    private int? Cost(Side? side, Dictionary<string, Profile> profiles) =>
        side is null
            ? null
            : costs
                .OfManifest(
                    side.Manifest,
                    profiles.GetValueOrDefault(side.Profile),
                    PortalJson.Read<EnvironmentSpec>(side.Spec).Scheduling?.Zones
                )
                ?.Usd;

    private sealed record Side(string Profile, string Spec, string Manifest);
}
