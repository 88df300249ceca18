using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Audit;

/// <summary>Walks every chain from its first event and names the first row that does not fit.</summary>
public sealed class AuditVerifier(UnitOfWork work, AuditTrail trail, AuditSealer sealer, TimeProvider time)
{
    /// <summary>Walks all chains, then compares their heads with what was sealed outside the database.</summary>
    public Task<AuditVerdict> VerifyAsync(CancellationToken cancellationToken) => work.ReadAsync(
        async db =>
        {
            // One pass in the order of writing: memory grows with the number of chains, not of events.
            var heads = new Dictionary<string, (long Index, string Hash)>(StringComparer.Ordinal);
            var sealedHeads = sealer.LastSeal();
            long events = 0;
            await foreach (var e in db.AuditEvents.AsNoTracking().OrderBy(e => e.Id).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                events++;
                var (index, hash) = heads.GetValueOrDefault(e.Chain, (0, ""));
                var why = e.Index != index + 1 ? $"its number is {e.Index} where {index + 1} should follow: an event was removed"
                    : e.PreviousHash != hash ? "it does not name the event before it"
                    : e.Hash != trail.HashOf(e) ? "its content is not what was signed"
                    : sealedHeads.TryGetValue(e.Chain, out var seal) && seal.Index == e.Index && seal.Hash != e.Hash ? "it is not the event that was sealed outside the database"
                    : "";
                if (why.Length > 0)
                {
                    return Verdict(false, events, heads.Count, e.Id, $"Event {e.Id} of chain {e.Chain} does not fit: {why}.");
                }

                heads[e.Chain] = (e.Index, e.Hash);
            }

            foreach (var (chain, seal) in sealedHeads)
            {
                if (heads.GetValueOrDefault(chain).Index < seal.Index)
                {
                    return Verdict(false, events, heads.Count, null, $"Chain {chain} ends at {heads.GetValueOrDefault(chain).Index}, but event {seal.Index} was sealed: its end was removed.");
                }
            }

            return Verdict(true, events, heads.Count, null, $"{events} events in {heads.Count} chains fit.");
        },
        cancellationToken);

    private AuditVerdict Verdict(bool intact, long events, int chains, long? broken, string message) =>
        new(intact, events, chains, broken, message, time.GetUtcNow().UtcDateTime);
}
