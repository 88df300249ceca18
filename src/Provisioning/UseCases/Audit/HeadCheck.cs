using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.UseCases.Audit;

/// <summary>Compares the database with what was sealed: a head continues from there or it is not sealed.</summary>
internal static class HeadCheck
{
    /// <summary>Heads that may be sealed because they continue, and what is wrong with the others.</summary>
    public static async Task<(List<SealedHead> Changed, List<string> Problems)> RunAsync(
        PortalDbContext db,
        IReadOnlyDictionary<string, SealedHead> known,
        CancellationToken cancellationToken
    )
    {
        var heads = await db
            .AuditChainHeads.AsNoTracking()
            .LeftJoin(
                db.AuditEvents,
                h => new { h.Chain, h.Index },
                e => new { e.Chain, e.Index },
                (h, e) =>
                    new
                    {
                        h.Chain,
                        h.Index,
                        h.Hash,
                        Event = e == null ? null : e.Hash,
                    }
            )
            .OrderBy(h => h.Chain)
            .ToListAsync(cancellationToken);
        var (changed, problems) = (new List<SealedHead>(), new List<string>());
        foreach (var head in heads)
        {
            var seal = known.GetValueOrDefault(head.Chain);
            if (head.Index < (seal?.Index ?? 0))
            {
                problems.Add(
                    $"Chain {head.Chain} goes back: event {seal!.Index} was sealed, the database ends at {head.Index}. Its end was removed, or the database is an older copy."
                );
            }
            else if (head.Event != head.Hash)
            {
                problems.Add(
                    $"Chain {head.Chain} should end with event {head.Index}, which is {(head.Event is null ? "not there: its end was removed" : "another one")}."
                );
            }
            else if (seal is null || head.Index > seal.Index)
            {
                var then = seal is null
                    ? ""
                    : await db
                        .AuditEvents.AsNoTracking()
                        .Where(e => e.Chain == seal.Chain && e.Index == seal.Index)
                        .Select(e => e.Hash)
                        .FirstOrDefaultAsync(cancellationToken);
                if (seal is not null && then != seal.Hash)
                {
                    problems.Add(Replaced(seal));
                    continue;
                }

                changed.Add(new SealedHead(head.Chain, head.Index, head.Hash));
            }
            else if (head.Hash != seal.Hash)
            {
                problems.Add(Replaced(seal));
            }
        }

        problems.AddRange(
            known
                .Keys.Except(heads.Select(h => h.Chain), StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
                .Select(c => $"Chain {c} is gone: it was sealed up to event {known[c].Index}.")
        );
        return (changed, problems);
    }

    private static string Replaced(SealedHead seal) =>
        $"Chain {seal.Chain} is not the one that was sealed: event {seal.Index} was replaced.";
}
