using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;

namespace Portkey.Portal.Provisioning.UseCases.Changes;

/// <summary>
/// A fresh install has one administrator, so one is enough: until a second one has come in by himself, with a session or a token. From then
/// on, for ever, two are needed, whoever is disabled later.
/// </summary>
public sealed class Bootstrap(UnitOfWork work, AuditTrail audit, TimeProvider time)
{
    private const string Ended = "bootstrap.ended";

    private readonly ConcurrentDictionary<string, bool> seen = new(StringComparer.Ordinal);

    /// <summary>Somebody came in. Costs nothing but the first time.</summary>
    public async Task SeenAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (seen.ContainsKey(caller.PersonId))
        {
            return;
        }

        var person = await work.ReadAsync(
            db => db.People.FirstOrDefaultAsync(p => p.Id == caller.PersonId && p.IsEnabled, cancellationToken),
            cancellationToken
        );
        if (person is { FirstSeenAt: null })
        {
            await work.WriteAsync(
                async db =>
                {
                    await db
                        .People.Where(p => p.Id == person.Id && p.FirstSeenAt == null)
                        .ExecuteUpdateAsync(s => s.SetProperty(p => p.FirstSeenAt, time.GetUtcNow().UtcDateTime), cancellationToken);
                    await IsOpenAsync(db, caller, cancellationToken);
                },
                cancellationToken
            );
        }

        if (person is not null)
        {
            seen[person.Id] = true;
        }
    }

    /// <summary>Whether one administrator is enough still, for people to read.</summary>
    public Task<bool> LastsAsync(CancellationToken cancellationToken) =>
        work.ReadAsync(db => IsOpenNowAsync(db, cancellationToken), cancellationToken);

    /// <summary>Whether one administrator is enough still; ends it where two have come.</summary>
    internal async Task<bool> IsOpenAsync(PortalDbContext db, Caller caller, CancellationToken cancellationToken)
    {
        if (!await IsOpenNowAsync(db, cancellationToken))
        {
            return false;
        }

        var come = await db
            .People.Where(p => p.IsEnabled && p.IsAdministrator && p.FirstSeenAt != null)
            .OrderBy(p => p.FirstSeenAt)
            .Select(p => p.Id)
            .ToListAsync(cancellationToken);
        if (come.Count < 2)
        {
            return true;
        }

        db.BootstrapEnds.Add(
            new BootstrapEnd { EndedAt = time.GetUtcNow().UtcDateTime, Administrators = StoredText.Fit(string.Join(", ", come), 2000) }
        );
        await audit.AppendAsync(
            db,
            caller,
            new AuditEntry(Ended, "portal", "bootstrap", "Bootstrap") { After = new { administrators = come } },
            cancellationToken
        );
        return false;
    }

    // Two places say that it is over, so that taking one away does not bring it back. While it lasts, the history is short.
    private static async Task<bool> IsOpenNowAsync(PortalDbContext db, CancellationToken cancellationToken) =>
        !await db.BootstrapEnds.AnyAsync(cancellationToken)
        && !await db.AuditEvents.AnyAsync(e => e.Chain == AuditTrail.PortalChain && e.Action == Ended, cancellationToken);
}
