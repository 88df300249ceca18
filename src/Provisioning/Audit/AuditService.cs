using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Teams;

namespace Portkey.Portal.Provisioning.Audit;

/// <summary>History. Administrators and auditors read all of it, others what concerns their teams.</summary>
public sealed class AuditService(UnitOfWork work, AuditVerifier verifier, AuditSealer sealer, TimeProvider time)
{
    private const int ExportBatch = 500;

    /// <summary>Newest first.</summary>
    public Task<Page<AuditEventView>> SearchAsync(Caller caller, AuditFilter filter, PageRequest page, CancellationToken cancellationToken) => work.ReadAsync(
        async db =>
        {
            var query = await QueryAsync(db, caller, filter, cancellationToken);
            if (Cursor.Decode(page.Cursor, 1) is [var last])
            {
                var id = Cursor.AsLong(last);
                query = query.Where(e => e.Id < id);
            }

            var rows = await query.OrderByDescending(e => e.Id).Take(page.Take + 1).ToListAsync(cancellationToken);
            var views = await ToViewsAsync(db, rows.Take(page.Take).ToList(), cancellationToken);
            return new Page<AuditEventView>(views, rows.Count > page.Take ? Cursor.Encode(views[^1].Id) : null);
        },
        cancellationToken);

    /// <summary>Oldest first, all that match, streamed.</summary>
    public async IAsyncEnumerable<AuditEventView> ExportAsync(Caller caller, AuditFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = 0L;
        while (true)
        {
            var from = after;
            var batch = await work.ReadAsync(
                async db =>
                {
                    var query = await QueryAsync(db, caller, filter, cancellationToken);
                    var rows = await query.Where(e => e.Id > from).OrderBy(e => e.Id).Take(ExportBatch).ToListAsync(cancellationToken);
                    return await ToViewsAsync(db, rows, cancellationToken);
                },
                cancellationToken);
            foreach (var view in batch)
            {
                yield return view;
            }

            if (batch.Count < ExportBatch)
            {
                yield break;
            }

            after = batch[^1].Id;
        }
    }

    /// <summary>Events a day over the last 30 days.</summary>
    public Task<IReadOnlyList<AuditDay>> HistogramAsync(Caller caller, AuditFilter filter, CancellationToken cancellationToken) => work.ReadAsync<IReadOnlyList<AuditDay>>(
        async db =>
        {
            var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
            var first = today.AddDays(-29).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
            var query = await QueryAsync(db, caller, filter, cancellationToken);
            var counts = await query.Where(e => e.At >= first)
                .GroupBy(e => e.At.Date)
                .Select(g => new { Day = g.Key, Count = g.Count() })
                .ToDictionaryAsync(g => DateOnly.FromDateTime(g.Day), g => g.Count, cancellationToken);
            return [.. Enumerable.Range(0, 30).Select(i => today.AddDays(i - 29)).Select(d => new AuditDay(d, counts.GetValueOrDefault(d)))];
        },
        cancellationToken);

    /// <summary>Walks every chain; administrators and auditors only.</summary>
    public async Task<AuditVerdict> VerifyAsync(Caller caller, CancellationToken cancellationToken)
    {
        var access = await work.ReadAsync(db => PeopleService.RequireAsync(db, caller, cancellationToken), cancellationToken);
        if (!access.ReadsAll)
        {
            throw new ForbiddenException("Only administrators and auditors verify the history.");
        }

        return await verifier.VerifyAsync(cancellationToken);
    }

    /// <summary>How it stands with the seals of this process; null for those who do not read all of the history.</summary>
    public async Task<SealStatus?> SealsAsync(Caller caller, CancellationToken cancellationToken)
    {
        var access = await work.ReadAsync(db => PeopleService.RequireAsync(db, caller, cancellationToken), cancellationToken);
        return access.ReadsAll ? sealer.Status : null;
    }

    private static async Task<IQueryable<AuditEvent>> QueryAsync(PortalDbContext db, Caller caller, AuditFilter filter, CancellationToken cancellationToken)
    {
        var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
        var query = db.AuditEvents.AsNoTracking();
        if (!access.ReadsAll)
        {
            var teams = access.TeamIds;
            query = query.Where(e => e.TeamId != null && teams.Contains(e.TeamId.Value));
        }

        if (!string.IsNullOrEmpty(filter.Actor))
        {
            query = query.Where(e => e.Actor == filter.Actor);
        }

        if (!string.IsNullOrEmpty(filter.Action))
        {
            query = query.Where(e => e.Action == filter.Action);
        }

        if (filter.EnvironmentId is { } environment)
        {
            query = query.Where(e => e.EnvironmentId == environment);
        }

        if (filter.From is { } from)
        {
            query = query.Where(e => e.At >= from);
        }

        return filter.To is { } to ? query.Where(e => e.At < to) : query;
    }

    private static async Task<IReadOnlyList<AuditEventView>> ToViewsAsync(PortalDbContext db, List<AuditEvent> rows, CancellationToken cancellationToken)
    {
        var actors = rows.Select(r => r.Actor).Distinct().ToList();
        var names = await db.People.AsNoTracking().Where(p => actors.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.DisplayName, cancellationToken);
        return [.. rows.Select(e => new AuditEventView(
            e.Id, e.Chain, e.Index, e.At, e.Actor, names.GetValueOrDefault(e.Actor, e.Actor), e.Action, e.TargetKind, e.TargetId, e.TargetName, e.EnvironmentId,
            e.BeforeJson, e.AfterJson, e.Reason, e.RequestDigest, e.CorrelationId, e.SourceAddress, e.PreviousHash, e.Hash))];
    }
}
