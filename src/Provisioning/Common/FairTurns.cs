namespace Portkey.Portal.Provisioning.Common;

/// <summary>
/// Slots shared fairly by key: the key that holds the fewest comes next, and among equals the one that has waited longest since it was
/// served. One key never holds more than its limit, so that a slot is left for another; those of one key are served in the order in which
/// they came.
/// </summary>
/// <param name="places">Places in all.</param>
/// <param name="perKey">Places that one key may hold at once.</param>
/// <param name="mostWaiting">How many of one key may wait.</param>
internal sealed class FairTurns(int places, int perKey, int mostWaiting = int.MaxValue)
{
    private readonly Lock sync = new();
    private readonly Dictionary<string, Line> lines = new(StringComparer.Ordinal);
    private int free = places;
    private long clock;

    /// <summary>Waits for a place; disposing the result gives it back.</summary>
    /// <param name="key">Who asks.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="TooManyRequestsException">As many of this key are waiting as is allowed.</exception>
    public async Task<IDisposable> TakeAsync(string key, CancellationToken cancellationToken)
    {
        var place = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (sync)
        {
            var line = lines.TryGetValue(key, out var known) ? known : lines[key] = new Line { Since = ++clock };
            if (line.Waiting.Count >= mostWaiting)
            {
                throw new TooManyRequestsException(1 + (line.Waiting.Count / (2 * perKey)));
            }

            line.Waiting.AddLast(place);
            Serve();
        }

        await using (cancellationToken.Register(() => GiveUp(key, place, cancellationToken)))
        {
            await place.Task;
        }

        return new Place(this, key);
    }

    private void Serve()
    {
        while (free > 0 && lines.Values.Where(l => l.Waiting.Count > 0 && l.Held < perKey).MinBy(l => (l.Held, l.Since)) is { } next)
        {
            var first = next.Waiting.First!.Value;
            next.Waiting.RemoveFirst();
            (next.Held, next.Since, free) = (next.Held + 1, ++clock, free - 1);
            first.SetResult();
        }
    }

    private void GiveUp(string key, TaskCompletionSource place, CancellationToken cancellationToken)
    {
        lock (sync)
        {
            if (lines.TryGetValue(key, out var line) && line.Waiting.Remove(place))
            {
                place.SetCanceled(cancellationToken);
                Forget(key, line);
            }
        }
    }

    private void GiveBack(string key)
    {
        lock (sync)
        {
            var line = lines[key];
            (line.Held, line.Since, free) = (line.Held - 1, ++clock, free + 1);
            Serve();
            Forget(key, line);
        }
    }

    private void Forget(string key, Line line)
    {
        if (line is { Held: 0, Waiting.Count: 0 })
        {
            lines.Remove(key);
        }
    }

    private sealed class Line
    {
        public LinkedList<TaskCompletionSource> Waiting { get; } = new();

        public int Held { get; set; }

        // When it came, was served or gave back, whichever was last.
        public long Since { get; set; }
    }

    private sealed class Place(FairTurns turns, string key) : IDisposable
    {
        private int given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref given, 1) == 0)
            {
                turns.GiveBack(key);
            }
        }
    }
}
