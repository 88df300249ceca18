using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Sessions;

/// <summary>A session that begins.</summary>
public sealed record NewSession(Guid Id, string Key, string PersonId, ReadOnlyMemory<byte> Ticket, string SourceAddress, string UserAgent);

/// <summary>What a cookie's key opens.</summary>
/// <param name="Id">Id of the session.</param>
/// <param name="PersonId">Whose it is.</param>
/// <param name="Ticket">The ticket; null when the session is over.</param>
/// <param name="WasEnded">True when somebody ended it, rather than time.</param>
public sealed record FoundSession(Guid Id, string PersonId, ReadOnlyMemory<byte>? Ticket, bool WasEnded);

/// <summary>Sessions as sign-in handles them: begin, find, renew, end. It knows keys; people and pages know ids.</summary>
public sealed class SessionStore(UnitOfWork work, IOptions<SessionLimits> options, TimeProvider time)
{
    private const int LongestText = 200;

    /// <summary>How exact the time of last use is; a page load is no reason to write.</summary>
    private static readonly TimeSpan SeenStep = TimeSpan.FromMinutes(1);

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private TimeSpan Idle => TimeSpan.FromMinutes(options.Value.IdleMinutes);

    /// <summary>Begins.</summary>
    public Task OpenAsync(NewSession session, CancellationToken cancellationToken) =>
        work.WriteAsync(
            db =>
            {
                db.Sessions.Add(
                    new Session
                    {
                        Id = session.Id,
                        KeyHash = HashOf(session.Key),
                        PersonId = session.PersonId,
                        Ticket = session.Ticket.ToArray(),
                        CreatedAt = Now,
                        LastSeenAt = Now,
                        ExpiresAt = Now.AddHours(options.Value.AbsoluteHours),
                        SourceAddress = StoredText.Fit(session.SourceAddress, LongestText),
                        UserAgent = StoredText.Fit(session.UserAgent, LongestText),
                    }
                );
                return Task.CompletedTask;
            },
            cancellationToken
        );

    /// <summary>Finds what the key opens and notes that it was used; null for a key that no longer opens anything.</summary>
    public async Task<FoundSession?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var hash = HashOf(key);
        var row = await work.ReadAsync(db => db.Sessions.FirstOrDefaultAsync(s => s.KeyHash == hash, cancellationToken), cancellationToken);
        if (row is null)
        {
            return null;
        }

        if (!IsOpen(row))
        {
            return new FoundSession(row.Id, row.PersonId, null, row.EndedAt is not null);
        }

        await SeenAsync(row.Id, row.LastSeenAt, cancellationToken);
        return new FoundSession(row.Id, row.PersonId, row.Ticket, false);
    }

    /// <summary>Replaces what the key opens; only for the same person.</summary>
    public async Task ReplaceAsync(string key, string personId, ReadOnlyMemory<byte> ticket, CancellationToken cancellationToken)
    {
        var (hash, bytes) = (HashOf(key), ticket.ToArray());
        var replaced = await work.WriteAsync(
            db =>
                db.Sessions.Where(s => s.KeyHash == hash && s.PersonId == personId && s.EndedAt == null)
                    .ExecuteUpdateAsync(set => set.SetProperty(s => s.Ticket, bytes), cancellationToken),
            cancellationToken
        );
        if (replaced == 0)
        {
            throw new InvalidOperationException("This session is over, or another person's.");
        }
    }

    /// <summary>Ends what the key opens, for everybody who has it; answers with whose it was, null when there was nothing to end.</summary>
    public Task<string?> EndAsync(string key, CancellationToken cancellationToken)
    {
        var hash = HashOf(key);
        return work.WriteAsync(
            async db =>
            {
                var row = await db
                    .Sessions.AsTracking()
                    .FirstOrDefaultAsync(s => s.KeyHash == hash && s.EndedAt == null, cancellationToken);
                if (row is not null)
                {
                    (row.EndedAt, row.EndedBy, row.Ticket) = (Now, row.PersonId, []);
                }

                return row?.PersonId;
            },
            cancellationToken
        );
    }

    /// <summary>Whether an open page may stay: its session goes on, and its person was not switched off.</summary>
    /// <param name="id">Session; null for a page of somebody with a bearer token.</param>
    /// <param name="personId">Who the page acts for.</param>
    /// <param name="used">True when the person did something since the last look.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<bool> GoesOnAsync(Guid? id, string personId, bool used, CancellationToken cancellationToken)
    {
        var (known, row) = await work.ReadAsync(
            async db =>
                (
                    await db.People.AnyAsync(p => p.Id == personId && p.IsEnabled, cancellationToken),
                    await db.Sessions.FirstOrDefaultAsync(s => s.Id == id && s.PersonId == personId, cancellationToken)
                ),
            cancellationToken
        );
        if (!known || id is null)
        {
            return known;
        }

        if (row is null || !IsOpen(row))
        {
            return false;
        }

        if (used)
        {
            await SeenAsync(row.Id, row.LastSeenAt, cancellationToken);
        }

        return true;
    }

    /// <summary>Removes sessions whose time is over. One that was ended early stays until its cookie would have expired anyway.</summary>
    public Task RemoveExpiredAsync(CancellationToken cancellationToken)
    {
        var (now, idle) = (Now, Now - Idle);
        return work.WriteAsync(
            db =>
                db.Sessions.Where(s => s.ExpiresAt <= now || (s.EndedAt == null && s.LastSeenAt <= idle))
                    .ExecuteDeleteAsync(cancellationToken),
            cancellationToken
        );
    }

    internal static IQueryable<Session> Open(IQueryable<Session> sessions, DateTime now, int idleMinutes)
    {
        var idle = now.AddMinutes(-idleMinutes);
        return sessions.Where(s => s.EndedAt == null && s.ExpiresAt > now && s.LastSeenAt > idle);
    }

    private bool IsOpen(Session row) => row.EndedAt is null && row.ExpiresAt > Now && row.LastSeenAt > Now - Idle;

    private async Task SeenAsync(Guid id, DateTime last, CancellationToken cancellationToken)
    {
        var now = Now;
        if (now - last >= SeenStep)
        {
            await work.WriteAsync(
                db =>
                    db.Sessions.Where(s => s.Id == id && s.LastSeenAt < now)
                        .ExecuteUpdateAsync(set => set.SetProperty(s => s.LastSeenAt, now), cancellationToken),
                cancellationToken
            );
        }
    }

    private static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
