using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Security;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Sessions;

/// <summary>An active session.</summary>
public sealed record SessionView(
    Guid Id,
    string PersonId,
    string PersonName,
    DateTime CreatedAt,
    DateTime LastSeenAt,
    DateTime ExpiresAt,
    string SourceAddress,
    string UserAgent
);

/// <summary>Who is signed in where. Everybody sees and ends their own; administrators see and end all, auditors see all.</summary>
public sealed class SessionService(UnitOfWork work, AuditTrail audit, SecurityLog log, IOptions<SessionLimits> options, TimeProvider time)
{
    /// <summary>Active sessions, newest first.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="person">Only of this person, by id, name or part of the name.</param>
    /// <param name="page">Page.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<Page<SessionView>> ListAsync(Caller caller, string? person, PageRequest page, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var query = SessionStore.Open(db.Sessions.AsNoTracking(), time.GetUtcNow().UtcDateTime, options.Value.IdleMinutes);
                if (!access.ReadsAll)
                {
                    query = query.Where(s => s.PersonId == caller.PersonId);
                }

                if (person?.Trim() is { Length: > 0 } called)
                {
                    var people = await PeopleService.MeantAsync(db, called, cancellationToken);
                    query = query.Where(s => people.Contains(s.PersonId));
                }

                if (Cursor.Decode(page.Cursor, 1) is [var last])
                {
                    var id = Cursor.AsGuid(last);
                    query = query.Where(s => s.Id.CompareTo(id) < 0);
                }

                var rows = await query
                    .OrderByDescending(s => s.Id)
                    .Take(page.Take + 1)
                    .Select(s => new SessionView(
                        s.Id,
                        s.PersonId,
                        db.People.Where(p => p.Id == s.PersonId).Select(p => p.DisplayName).FirstOrDefault() ?? s.PersonId,
                        s.CreatedAt,
                        s.LastSeenAt,
                        s.ExpiresAt,
                        s.SourceAddress,
                        s.UserAgent
                    ))
                    .ToListAsync(cancellationToken);
                return new Page<SessionView>(
                    [.. rows.Take(page.Take)],
                    rows.Count > page.Take ? Cursor.Encode(rows[page.Take - 1].Id) : null
                );
            },
            cancellationToken
        );

    /// <summary>Ends one: its cookie opens nothing from now on, and pages that are open with it close. One that is over already stays
    /// so.</summary>
    public async Task EndAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var ended = await work.WriteAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var row = await db.Sessions.AsTracking().FirstOrDefaultAsync(s => s.Id == id, cancellationToken);
                if (row is null || (row.PersonId != caller.PersonId && !access.ReadsAll))
                {
                    throw new NotFoundException("session of this id") { IsSomebodyElses = row is not null };
                }

                if (row.PersonId != caller.PersonId && !access.IsAdministrator)
                {
                    throw new ForbiddenException("Only administrators can end other people's sessions.");
                }

                if (row.EndedAt is not null)
                {
                    return false;
                }

                (row.EndedAt, row.EndedBy, row.Ticket) = (time.GetUtcNow().UtcDateTime, caller.PersonId, []);
                await audit.AppendAsync(
                    db,
                    caller,
                    new AuditEntry("session.ended", "session", row.Id.ToString(), row.PersonId)
                    {
                        Before = new
                        {
                            row.PersonId,
                            row.CreatedAt,
                            row.SourceAddress,
                            row.UserAgent,
                        },
                    },
                    cancellationToken
                );
                return true;
            },
            cancellationToken
        );
        if (ended)
        {
            log.Record(
                new SecurityNotice(
                    SecurityEventKind.SessionEnded,
                    caller.PersonId,
                    caller.SourceAddress,
                    "",
                    $"session {id}",
                    caller.CorrelationId,
                    ""
                )
            );
        }
    }
}
