namespace Portkey.Portal.Provisioning.UseCases.Audit;

/// <summary>
/// The seals of a folder as this process knows them. It reads what others appended since, and rereads a whole file only when it
/// verifies;
/// a new file begins with a line that holds every chain, so that the newest one is enough to go on from. Call it while holding the lock.
/// </summary>
internal sealed class SealFolder(SealFiles files, AuditKey key, long limit, int kept)
{
    private string path = "";
    private long snapshot;
    private long last;
    private long end;

    public SealState State { get; private set; } = new();

    /// <summary>Reads what is new; returns why it is not valid.</summary>
    public string? Refresh()
    {
        var newest = files.List().LastOrDefault(HasLines);
        if (newest is null)
        {
            return State.Number == 0 ? null : $"its files are gone, which held {State.Number} seals";
        }

        if (newest == path)
        {
            // The last line that was read must still be where it was.
            return SealFiles.Read(path, last).FirstOrDefault() is { Seal: { } same } line && line.End == end && same.Mac == State.Mac
                ? ReadOn(State)
                : $"{path} is shorter than it was, or was changed: seal {State.Number} is not where it was written";
        }

        (var seen, path, snapshot, last, end) = (State, newest, 0, 0, 0);
        State = new SealState();
        var why =
            ReadOn(State)
            ?? (
                seen.Number > 0 && State.IsBehind(seen) ? $"{newest} ends at seal {State.Number}, but seal {seen.Number} was written" : null
            );
        if (why is not null)
        {
            (State, path) = (seen, ""); // so that it is found again the next time
        }

        return why;
    }

    /// <summary>Reads every file from its beginning.</summary>
    /// <returns>What they say, and why that does not hold.</returns>
    public (SealState State, string? Problem) Walk()
    {
        var (walk, first) = (new SealState(), 0L);
        foreach (var file in files.List())
        {
            foreach (var (seal, _) in SealFiles.Read(file))
            {
                if ((seal is null ? "a line is not a seal" : walk.Take(seal, key)) is { } why)
                {
                    return (walk, $"{file}: {why}");
                }

                first = first == 0 ? walk.Number : first;
            }
        }

        return (
            walk,
            first > walk.Oldest ? $"the oldest file begins with seal {first}, but those from {walk.Oldest} on should be here"
            : State.Number > 0 && walk.IsBehind(State) ? $"they end at seal {walk.Number}, but seal {State.Number} was written"
            : null
        );
    }

    /// <summary>Writes the next seal; the first one of all begins the stream.</summary>
    public void Append(string stream, IReadOnlyList<SealedHead> heads, DateTime at)
    {
        var number = State.Number + 1;
        var begins = path.Length == 0 || end - snapshot > limit;
        long? oldest = null;
        if (begins)
        {
            oldest = files.List().Select(SealFiles.NumberOf).Where(n => n > 0 && n < number).Append(number).TakeLast(kept).First();
            heads =
            [
                .. State
                    .Heads.Values.Concat(heads)
                    .GroupBy(h => h.Chain, StringComparer.Ordinal)
                    .Select(g => g.Last())
                    .OrderBy(h => h.Chain, StringComparer.Ordinal),
            ];
        }

        var seal = new Seal(stream, number, at, State.Mac, oldest, heads).SignedBy(key);
        var line = seal.Line();
        var target = begins ? files.PathOf(number) : path;
        SealFiles.Append(target, begins ? 0 : end, line);
        if (State.Take(seal, key) is { } why)
        {
            throw new InvalidOperationException($"An invalid seal was written: {why}.");
        }

        (path, last) = (target, begins ? 0 : end);
        end = last + line.Length;
        if (begins)
        {
            snapshot = end;
            files.Prune(oldest!.Value);
        }
    }

    /// <summary>Forgets what it read, because the files were put aside.</summary>
    public void BeginAnew() => (State, path, snapshot, last, end) = (new SealState(), "", 0, 0, 0);

    private static bool HasLines(string file) => SealFiles.Read(file).Any();

    private string? ReadOn(SealState state)
    {
        foreach (var (seal, at) in SealFiles.Read(path, end))
        {
            if ((seal is null ? "a line is not a seal" : state.Take(seal, key)) is { } why)
            {
                return $"{path}: {why}";
            }

            snapshot = snapshot == 0 ? at : snapshot;
            (last, end) = (end, at);
        }

        return null;
    }
}
