using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;

namespace Portkey.Portal.Provisioning.UseCases.Changes;

/// <summary>
/// A fresh install has one administrator, so one is enough: until a second one has signed in, with a session or a token. From then
/// on, two are always needed, whoever is disabled later.
/// </summary>
public sealed class Bootstrap(UnitOfWork work, AuditTrail audit, TimeProvider time)
{
    private const string Ended = "bootstrap.ended";

    private readonly ConcurrentDictionary<string, bool> seen = new(StringComparer.Ordinal);

    /// <summary>Somebody signed in. Costs nothing except the first time.</summary>
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

    /// <summary>Whether one administrator is still enough, for people to read.</summary>
    public Task<bool> LastsAsync(CancellationToken cancellationToken) =>
        work.ReadAsync(db => IsOpenNowAsync(db, cancellationToken), cancellationToken);

    /// <summary>Whether one administrator is still enough; ends it where two have signed in.</summary>
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

    // Two places say that it is over, so that removing one does not bring it back. While it lasts, the history is short.
    private static async Task<bool> IsOpenNowAsync(PortalDbContext db, CancellationToken cancellationToken) =>
        !await db.BootstrapEnds.AnyAsync(cancellationToken)
        && !await db.AuditEvents.AnyAsync(e => e.Chain == AuditTrail.PortalChain && e.Action == Ended, cancellationToken);
}
