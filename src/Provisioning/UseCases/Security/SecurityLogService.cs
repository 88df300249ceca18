using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Security;

/// <summary>Which rows are asked for; times are UTC.</summary>
/// <param name="Person">Id, name or part of the name.</param>
/// <param name="Kind">Kind.</param>
/// <param name="Address">Address.</param>
/// <param name="From">First time.</param>
/// <param name="To">End of the time, exclusive.</param>
public sealed record SecurityLogFilter(
    string? Person = null,
    SecurityEventKind? Kind = null,
    string? Address = null,
    DateTime? From = null,
    DateTime? To = null
);

/// <summary>One row, see <see cref="SecurityEvent"/>.</summary>
public sealed record SecurityEventView(
    long Id,
    DateTime At,
    DateTime LastAt,
    int Count,
    SecurityEventKind Kind,
    string PersonId,
    string PersonName,
    string SourceAddress,
    string Method,
    string Path,
    string CorrelationId,
    string UserAgent
);

/// <summary>Reads the security log; for administrators and auditors.</summary>
public sealed class SecurityLogService(UnitOfWork work)
{
    /// <summary>Newest first.</summary>
    public Task<Page<SecurityEventView>> SearchAsync(
        Caller caller,
        SecurityLogFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        work.ReadAsync(
            async db =>
            {
                if (await PeopleService.RequireAsync(db, caller, cancellationToken) is { ReadsAll: false })
                {
                    throw new ForbiddenException("Only administrators and auditors read the security log.");
                }

                var people = filter.Person?.Trim() is { Length: > 0 } called
                    ? await PeopleService.MeantAsync(db, called, cancellationToken)
                    : null;
                var query = Query(db, filter, people);
                if (Cursor.Decode(page.Cursor, 1) is [var last])
                {
                    var id = Cursor.AsLong(last);
                    query = query.Where(e => e.Id < id);
                }

                var rows = await query.OrderByDescending(e => e.Id).Take(page.Take + 1).ToListAsync(cancellationToken);
                var shown = rows.Take(page.Take).ToList();
                var shownPeople = shown.Select(r => r.PersonId).Distinct().ToList();
                var names = await db
                    .People.Where(p => shownPeople.Contains(p.Id))
                    .ToDictionaryAsync(p => p.Id, p => p.DisplayName, cancellationToken);
                return new Page<SecurityEventView>(
                    [.. shown.Select(e => ViewOf(e, names))],
                    rows.Count > page.Take ? Cursor.Encode(shown[^1].Id) : null
                );
            },
            cancellationToken
        );

    private static IQueryable<SecurityEvent> Query(PortalDbContext db, SecurityLogFilter filter, List<string>? people)
    {
        var query = db.SecurityEvents.AsNoTracking();
        if (people is not null)
        {
            query = query.Where(e => people.Contains(e.PersonId));
        }

        if (filter.Kind is { } kind)
        {
            query = query.Where(e => e.Kind == kind);
        }

        if (filter.Address is { Length: > 0 } address)
        {
            query = query.Where(e => e.SourceAddress == address);
        }

        if (filter.From is { } from)
        {
            query = query.Where(e => e.LastAt >= from);
        }

        return filter.To is { } to ? query.Where(e => e.At < to) : query;
    }

    private static SecurityEventView ViewOf(SecurityEvent e, Dictionary<string, string> names) =>
        new(
            e.Id,
            e.At,
            e.LastAt,
            e.Count,
            e.Kind,
            e.PersonId,
            names.GetValueOrDefault(e.PersonId, e.PersonId),
            e.SourceAddress,
            e.Method,
            e.Path,
            e.CorrelationId,
            e.UserAgent
        );
}
