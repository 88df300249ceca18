using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Audit;

/// <summary>History. Administrators and auditors read all of it, others what concerns their teams.</summary>
public sealed class AuditService(UnitOfWork work, AuditVerifier verifier, AuditSealer sealer, TimeProvider time)
{
    private const int ExportBatch = 500;

    /// <summary>Newest first.</summary>
    public Task<Page<AuditEventView>> SearchAsync(
        Caller caller,
        AuditFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        work.ReadAsync(
            async db =>
            {
                var query = await QueryAsync(db, caller, filter, cancellationToken);
                if (Cursor.Decode(page.Cursor, 1) is [var last])
                {
                    var id = Cursor.AsLong(last);
                    query = query.Where(e => e.Id < id);
                }

                var rows = await query.OrderByDescending(e => e.Id).Take(page.Take + 1).ToListAsync(cancellationToken);
                var views = await AuditQueries.ToViewsAsync(db, rows.Take(page.Take).ToList(), cancellationToken);
                return new Page<AuditEventView>(views, rows.Count > page.Take ? Cursor.Encode(views[^1].Id) : null);
            },
            cancellationToken
        );

    /// <summary>One event; <see cref="NotFoundException"/> also where the caller may not read it.</summary>
    public Task<AuditEventView> GetAsync(Caller caller, long id, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var query = await QueryAsync(db, caller, new AuditFilter(), cancellationToken);
                var rows = await query.Where(e => e.Id == id).ToListAsync(cancellationToken);
                return rows.Count == 1
                    ? (await AuditQueries.ToViewsAsync(db, rows, cancellationToken))[0]
                    : throw new NotFoundException("such event");
            },
            cancellationToken
        );

    /// <summary>Oldest first, all that match, streamed.</summary>
    public async IAsyncEnumerable<AuditEventView> ExportAsync(
        Caller caller,
        AuditFilter filter,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
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
                    return await AuditQueries.ToViewsAsync(db, rows, cancellationToken);
                },
                cancellationToken
            );
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

    /// <summary>Events per day over the last 30 days.</summary>
    public Task<IReadOnlyList<AuditDay>> HistogramAsync(Caller caller, AuditFilter filter, CancellationToken cancellationToken) =>
        work.ReadAsync<IReadOnlyList<AuditDay>>(
            async db =>
            {
                var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
                var first = today.AddDays(-29).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
                var query = await QueryAsync(db, caller, filter, cancellationToken);
                var counts = await query
                    .Where(e => e.At >= first)
                    .GroupBy(e => e.At.Date)
                    .Select(g => new { Day = g.Key, Count = g.Count() })
                    .ToDictionaryAsync(g => DateOnly.FromDateTime(g.Day), g => g.Count, cancellationToken);
                return
                [
                    .. Enumerable.Range(0, 30).Select(i => today.AddDays(i - 29)).Select(d => new AuditDay(d, counts.GetValueOrDefault(d))),
                ];
            },
            cancellationToken
        );

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

    /// <summary>State of this process's seals; null for those who may not read all of the history.</summary>
    public async Task<SealStatus?> SealsAsync(Caller caller, CancellationToken cancellationToken)
    {
        var access = await work.ReadAsync(db => PeopleService.RequireAsync(db, caller, cancellationToken), cancellationToken);
        return access.ReadsAll ? sealer.Status : null;
    }

    private static async Task<IQueryable<AuditEvent>> QueryAsync(
        PortalDbContext db,
        Caller caller,
        AuditFilter filter,
        CancellationToken cancellationToken
    ) => await AuditQueries.FilterAsync(db, await PeopleService.RequireAsync(db, caller, cancellationToken), filter, cancellationToken);
}
