namespace Portkey.Portal.Provisioning.UseCases.Audit;

/// <summary>What a stream of seals says up to some seal: the highest index of every chain. It takes only seals that continue from
/// there.</summary>
internal sealed class SealState
{
    private readonly Dictionary<string, SealedHead> heads = new(StringComparer.Ordinal);

    public string Stream { get; private set; } = "";

    public long Number { get; private set; }

    public string Mac { get; private set; } = "";

    public DateTime? At { get; private set; }

    /// <summary>Number that the oldest file begins with, by the newest file's word.</summary>
    public long Oldest { get; private set; }

    public IReadOnlyDictionary<string, SealedHead> Heads => heads;

    /// <summary>Takes the seal, or says why it cannot be the next one.</summary>
    public string? Take(Seal seal, AuditKey key)
    {
        if (!seal.IsSignedBy(key))
        {
            return $"seal {seal.Number} is not signed by this portal's audit key: it was edited, or is from another database";
        }

        var why =
            Number == 0
                ? seal.Oldest is null
                    ? $"seal {seal.Number} does not begin a file: what was before it is missing"
                    : seal.Number == 1 && seal.Previous.Length > 0
                        ? "seal 1 names one before it"
                        : null
                : seal.Stream != Stream || seal.Number != Number + 1 || seal.Previous != Mac
                    ? $"seal {seal.Number} does not follow seal {Number}: a seal was removed or replaced"
                    : seal.Oldest is not null
                    && heads.Keys.Except(seal.Heads.Select(h => h.Chain), StringComparer.Ordinal).FirstOrDefault() is { } missing
                        ? $"seal {seal.Number} leaves out chain {missing}"
                        : null;
        why ??= seal
            .Heads.Select(h => GoesBack(h) ? $"seal {seal.Number} goes back in chain {h.Chain}" : null)
            .FirstOrDefault(w => w is not null);
        if (why is not null)
        {
            return why;
        }

        foreach (var head in seal.Heads)
        {
            heads[head.Chain] = head;
        }

        (Stream, Number, Mac, At, Oldest) = (seal.Stream, seal.Number, seal.Mac, seal.At, seal.Oldest ?? Oldest);
        return null;
    }

    /// <summary>Whether this state is behind another one that was seen of the same folder.</summary>
    public bool IsBehind(SealState seen) => Stream != seen.Stream || Number < seen.Number || (Number == seen.Number && Mac != seen.Mac);

    private bool GoesBack(SealedHead head) =>
        heads.TryGetValue(head.Chain, out var known)
        && (head.Index < known.Index || (head.Index == known.Index && head.Hash != known.Hash));
}
