using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.UseCases.Approvals;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>Proposals and decisions. Every call authorises against the roles as they are now.</summary>
public sealed class RequestService(
    UnitOfWork work,
    Proposals proposals,
    Decisions decisions,
    AuditTrail audit,
    Catalog.CostEstimate costs,
    PreflightSignal preflights,
    LiveUpdates live,
    TimeProvider time
)
{
    /// <summary>Makes a proposal: validates, stores new secrets in the vault, renders, digests.</summary>
    public async Task<RequestView> ProposeAsync(Caller caller, ProposeCommand command, CancellationToken cancellationToken) =>
        await GetAsync(caller, await proposals.ProposeAsync(caller, command, cancellationToken), cancellationToken);

    /// <summary>Whether the same was asked for before under the same idempotency key, so that asking again makes nothing.</summary>
    public Task<bool> IsRepeatedAsync(Caller caller, ProposeCommand command, CancellationToken cancellationToken) =>
        proposals.IsRepeatedAsync(caller, command, cancellationToken);

    /// <summary>Everything that is wrong with a proposal and what it would cost, without making it; secrets are only looked at.</summary>
    public Task<CheckView> CheckAsync(Caller caller, ProposeCommand command, CancellationToken cancellationToken) =>
        proposals.CheckAsync(caller, command, cancellationToken);

    /// <summary>Newest first, or oldest first where the filter says so.</summary>
    public Task<Page<RequestRow>> ListAsync(Caller caller, RequestFilter filter, PageRequest page, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var query = Filter(db, access, filter);
                if (Cursor.Decode(page.Cursor, 1) is [var last])
                {
                    var id = Cursor.AsGuid(last);
                    query = filter.OldestFirst ? query.Where(r => r.Id.CompareTo(id) > 0) : query.Where(r => r.Id.CompareTo(id) < 0);
                }

                // Ids are UUIDs of version 7: their order is that of making.
                var rows = await (filter.OldestFirst ? query.OrderBy(r => r.Id) : query.OrderByDescending(r => r.Id))
                    .Take(page.Take + 1)
                    .Select(r => new RequestRow(
                        r.Id,
                        r.Kind,
                        r.State,
                        r.EnvironmentId,
                        r.EnvironmentName,
                        r.Team!.Name,
                        r.Cluster!.Name,
                        r.Content.Profile,
                        r.RequestedBy,
                        db.People.Where(p => p.Id == r.RequestedBy).Select(p => p.DisplayName).FirstOrDefault() ?? r.RequestedBy,
                        r.RequestedAt,
                        r.Content.Digest,
                        r.OperationId,
                        db.PreflightRuns.Where(p => p.ChangeRequestId == r.Id)
                            .OrderByDescending(p => p.Id)
                            .Select(p => new PreflightSummary(p.State, p.Failures, p.Warnings))
                            .FirstOrDefault()
                    ))
                    .ToListAsync(cancellationToken);
                return new Page<RequestRow>(
                    [.. rows.Take(page.Take)],
                    rows.Count > page.Take ? Cursor.Encode(rows[page.Take - 1].Id) : null
                );
            },
            cancellationToken
        );

    /// <summary>One request.</summary>
    public Task<RequestView> GetAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var request = await FindAsync(db, access, id, cancellationToken);
                var people = request.Approvals.Select(a => a.DecidedBy).Append(request.RequestedBy).Distinct().ToList();
                var names = await db
                    .People.Where(p => people.Contains(p.Id))
                    .ToDictionaryAsync(p => p.Id, p => p.DisplayName, cancellationToken);
                return RequestViews.Of(
                    request,
                    access,
                    names,
                    await PreflightRuns.LatestAsync(db, id, cancellationToken) is { } run ? PreflightRuns.View(run) : null,
                    await db
                        .RotationMembers.Where(m => m.ChangeRequestId == id)
                        .Select(m => (Guid?)m.RotationId)
                        .FirstOrDefaultAsync(cancellationToken)
                );
            },
            cancellationToken
        );

    /// <summary>What it would change.</summary>
    public Task<PreviewView> PreviewAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var request = await FindAsync(db, access, id, cancellationToken);
                var running = await db
                    .Revisions.WithSecrets()
                    .Include(r => r.Content.ChartVersion)
                    .FirstOrDefaultAsync(
                        r => r.EnvironmentId == request.EnvironmentId && r.Number == request.BaseRevision,
                        cancellationToken
                    );
                var environment = running is null
                    ? null
                    : await db.Environments.AsNoTracking().FirstAsync(e => e.Id == request.EnvironmentId, cancellationToken);

                // A difference from what was changed outside the portal would hide that change: then all of it is shown as new.
                var isAsApproved = running is null || await ApprovalAnchor.FitsAsync(audit, db, environment!, running, cancellationToken);
                return RequestViews.Preview(
                    request,
                    isAsApproved || request.Kind == RequestKind.Delete ? running : null,
                    await db.Profiles.AsNoTracking().ToDictionaryAsync(p => p.Name, cancellationToken),
                    costs
                ) with
                {
                    IsBaseAsApproved = isAsApproved,
                    ToRevision = await RolledBackToAsync(db, request, cancellationToken),
                };
            },
            cancellationToken
        );

    /// <summary>The proposal as a text to download: values, or everything that Flux or Argo CD needs, with references in place of
    /// secrets.</summary>
    public Task<string> ExportAsync(
        Caller caller,
        Guid id,
        ExportFormat format,
        SecretsBy secretsBy,
        CancellationToken cancellationToken
    ) =>
        work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var request = await FindAsync(db, access, id, cancellationToken);
                return request.Kind == RequestKind.Delete
                    ? throw new ConflictException("nothing-to-export", "This request removes the environment; there is nothing to apply.")
                    : GitOpsExport.Text(request, HealthInspector.Release, format, secretsBy);
            },
            cancellationToken
        );

    /// <summary>Approves exactly the content with this digest; decision, state, audit and operation are one transaction.</summary>
    public async Task<RequestView> ApproveAsync(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken)
    {
        await decisions.ApproveAsync(caller, id, digest, reason, cancellationToken);
        return await GetAsync(caller, id, cancellationToken);
    }

    /// <summary>Rejects it; a reason is required.</summary>
    public async Task<RequestView> RejectAsync(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken)
    {
        await decisions.RejectAsync(caller, id, digest, reason, cancellationToken);
        return await GetAsync(caller, id, cancellationToken);
    }

    /// <summary>Takes it back before it is decided, by its team or an administrator.</summary>
    public async Task<RequestView> CancelAsync(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken)
    {
        await decisions.CancelAsync(caller, id, digest, reason, cancellationToken);
        return await GetAsync(caller, id, cancellationToken);
    }

    /// <summary>Checks again whether what it asks for can work; returns at once, the result follows. While one is under way, that one
    /// counts.</summary>
    public async Task<RequestView> PreflightAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        await work.WriteAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var request = await FindAsync(db, access, id, cancellationToken);
                if (!access.CanPropose(request.TeamId))
                {
                    throw new ForbiddenException("Only the team that made the request, and administrators, can have it checked again.");
                }

                if (request.State != RequestState.Pending || request.Kind == RequestKind.Delete)
                {
                    throw new ConflictException(
                        "not-pending",
                        request.Kind == RequestKind.Delete
                            ? "A removal needs no preflight."
                            : $"The request is {request.State.ToString().ToLowerInvariant()} already; only one that waits for a decision can be checked again."
                    );
                }

                if (await PreflightRuns.LatestAsync(db, id, cancellationToken) is { State: not PreflightState.Finished })
                {
                    return;
                }

                PreflightRuns.Queue(db, id, caller.PersonId, time.GetUtcNow().UtcDateTime);
                await audit.AppendAsync(
                    db,
                    caller,
                    new AuditEntry(
                        "preflight.requested",
                        "request",
                        id.ToString(),
                        $"{request.Kind.ToString().ToLowerInvariant()} {request.EnvironmentName}"
                    )
                    {
                        EnvironmentId = request.EnvironmentId,
                        TeamId = request.TeamId,
                        RequestDigest = request.Content.Digest,
                    },
                    cancellationToken
                );
            },
            cancellationToken
        );
        preflights.Ring();
        live.Publish(id);
        return await GetAsync(caller, id, cancellationToken);
    }

    internal static async Task<ChangeRequest> FindAsync(PortalDbContext db, Access access, Guid id, CancellationToken cancellationToken)
    {
        var request = await db
            .ChangeRequests.WithSecrets()
            .Include(r => r.Team)
            .Include(r => r.Cluster)
            .Include(r => r.Content.ChartVersion)
            .Include(r => r.Approvals)
            .FirstOrDefaultAsync(r => r.Id == id, cancellationToken);
        return request is not null && access.CanRead(request.TeamId)
            ? request
            : throw new NotFoundException("request of this id") { IsSomebodyElses = request is not null };
    }

    /// <summary>Revision whose spec a rollback takes, by what it asks for; null for other requests and where there is none such.</summary>
    internal static async Task<int?> RolledBackToAsync(PortalDbContext db, ChangeRequest request, CancellationToken cancellationToken) =>
        request.Kind != RequestKind.Rollback
            ? null
            : await db
                .Revisions.Where(r =>
                    r.EnvironmentId == request.EnvironmentId
                    && r.Number < request.BaseRevision
                    && r.AppliedAt != null
                    && r.Content.Profile == request.Content.Profile
                    && r.Content.ChartVersionId == request.Content.ChartVersionId
                    && r.Content.SpecJson == request.Content.SpecJson
                )
                .OrderByDescending(r => r.Number)
                .Select(r => (int?)r.Number)
                .FirstOrDefaultAsync(cancellationToken);

    internal static IQueryable<ChangeRequest> Filter(PortalDbContext db, Access access, RequestFilter filter)
    {
        var query = db.ChangeRequests.AsQueryable();
        if (!access.ReadsAll)
        {
            var teams = access.TeamIds;
            query = query.Where(r => teams.Contains(r.TeamId));
        }

        if (filter.State is { } state)
        {
            query = query.Where(r => r.State == state);
        }

        if (!string.IsNullOrEmpty(filter.Team))
        {
            query = query.Where(r => r.Team!.Name == filter.Team);
        }

        if (filter.EnvironmentId is { } environment)
        {
            query = query.Where(r => r.EnvironmentId == environment);
        }

        if (filter.Mine)
        {
            query = query.Where(r => r.RequestedBy == access.PersonId);
        }

        // Nothing waits for someone who may not decide.
        return !filter.WaitingForMe ? query
            : access.IsAdministrator
                ? query.Where(r =>
                    r.State == RequestState.Pending
                    && r.RequestedBy != access.PersonId
                    && !db.RotationMembers.Any(m => m.ChangeRequestId == r.Id)
                ) // decided on with their rotation
            : query.Where(r => false);
    }
}
