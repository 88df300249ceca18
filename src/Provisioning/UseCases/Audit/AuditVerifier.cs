using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Audit;

/// <summary>Walks every chain from its first event and names the first row that does not fit; then compares with the heads and every
/// seal.</summary>
public sealed class AuditVerifier(UnitOfWork work, AuditTrail trail, AuditSealer sealer, TimeProvider time)
{
    /// <summary>Walks all chains, then compares their ends with what was sealed outside the database.</summary>
    public async Task<AuditVerdict> VerifyAsync(CancellationToken cancellationToken)
    {
        // In this order: events are added while they are read, so earlier seals and heads must be reached, and later heads not passed.
        var seals = await sealer.WalkAsync(cancellationToken);
        return await work.ReadAsync(
            async db =>
            {
                var before = await HeadsAsync(db, cancellationToken);
                var walk = await WalkAsync(db, seals.Heads, before, cancellationToken);
                var why =
                    walk.Why
                    ?? Heads(walk.Ends, before, await HeadsAsync(db, cancellationToken))
                    ?? seals.Problem
                    ?? seals
                        .Heads.Values.Select(s => Missing(s, walk.Ends.GetValueOrDefault(s.Chain).Index))
                        .FirstOrDefault(w => w is not null);
                var sealedSoFar =
                    seals.Seals > 0
                        ? $"{seals.Seals} seals until {seals.At:yyyy-MM-dd HH:mm:ss} UTC agree."
                        : "No seal was written here yet.";
                var failure = sealer.Status.Failure.Length > 0 ? " " + sealer.Status.Failure : "";
                return new AuditVerdict(
                    why is null,
                    walk.Events,
                    walk.Ends.Count,
                    walk.Broken,
                    why ?? $"{walk.Events} events in {walk.Ends.Count} chains fit. {sealedSoFar}{failure}",
                    time.GetUtcNow().UtcDateTime,
                    seals.Seals,
                    seals.At
                );
            },
            cancellationToken
        );
    }

    // One pass in the order of writing: memory grows with the number of chains, not of events.
    private async Task<Walk> WalkAsync(
        PortalDbContext db,
        IReadOnlyDictionary<string, SealedHead> seals,
        Dictionary<string, (long Index, string Hash)> heads,
        CancellationToken cancellationToken
    )
    {
        var ends = new Dictionary<string, (long Index, string Hash)>(StringComparer.Ordinal);
        long events = 0;
        await foreach (var e in db.AuditEvents.AsNoTracking().OrderBy(e => e.Id).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            events++;
            var (index, hash) = ends.GetValueOrDefault(e.Chain, (0, ""));
            var why =
                e.Index != index + 1 ? $"its number is {e.Index} where {index + 1} should follow: an event was removed"
                : e.PreviousHash != hash ? "it does not name the event before it"
                : e.Hash != trail.HashOf(e) ? "its content is not what was signed"
                : seals.TryGetValue(e.Chain, out var seal) && seal.Index == e.Index && seal.Hash != e.Hash
                    ? "it is not the event that was sealed outside the database"
                : heads.TryGetValue(e.Chain, out var head) && head.Index == e.Index && head.Hash != e.Hash
                    ? "it is not the one that the chain's head names"
                : null;
            if (why is not null)
            {
                return new Walk(ends, events, e.Id, $"Event {e.Id} of chain {e.Chain} does not fit: {why}.");
            }

            ends[e.Chain] = (e.Index, e.Hash);
        }

        return new Walk(ends, events, null, null);
    }

    private static async Task<Dictionary<string, (long Index, string Hash)>> HeadsAsync(
        PortalDbContext db,
        CancellationToken cancellationToken
    ) =>
        (await db.AuditChainHeads.AsNoTracking().ToListAsync(cancellationToken)).ToDictionary(
            h => h.Chain,
            h => (h.Index, h.Hash),
            StringComparer.Ordinal
        );

    private static string? Heads(
        Dictionary<string, (long Index, string Hash)> ends,
        Dictionary<string, (long Index, string Hash)> before,
        Dictionary<string, (long Index, string Hash)> after
    ) =>
        before
            .Where(h => ends.GetValueOrDefault(h.Key).Index < h.Value.Index)
            .Select(h =>
                $"Chain {h.Key} ends at {ends.GetValueOrDefault(h.Key).Index}, but its head says {h.Value.Index}: its end was removed."
            )
            .FirstOrDefault()
        ?? ends.Where(e => e.Value.Index > after.GetValueOrDefault(e.Key).Index)
            .Select(e =>
                $"Chain {e.Key} ends at {e.Value.Index}, but its head says {after.GetValueOrDefault(e.Key).Index}: the head was set back."
            )
            .FirstOrDefault();

    private static string? Missing(SealedHead seal, long end) =>
        end >= seal.Index ? null
        : end == 0 ? $"Chain {seal.Chain} is gone: it was sealed up to event {seal.Index}."
        : $"Chain {seal.Chain} ends at {end}, but event {seal.Index} was sealed: its end was removed.";

    private sealed record Walk(Dictionary<string, (long Index, string Hash)> Ends, long Events, long? Broken, string? Why);
}
