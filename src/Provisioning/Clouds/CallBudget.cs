namespace Portkey.Portal.Provisioning.Clouds;

/// <summary>
/// Paces what this process sends to one vault, whoever sends it. Calls leave at even intervals, because a burst is what a
/// vault throttles; and when it asks for a pause, everybody pauses, because each call in between would prolong it.
/// </summary>
internal sealed class CallBudget(int callsPerSecond, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly TimeSpan gap = TimeSpan.FromSeconds(1.0 / callsPerSecond);
    private readonly long origin = time.GetTimestamp();
    private TimeSpan next;
    private TimeSpan closedUntil;

    /// <summary>Waits for this call's turn.</summary>
    /// <exception cref="VaultException">It would not come in the time allowed.</exception>
    public async Task EnterAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var deadline = time.GetElapsedTime(origin) + patience;
        while (true)
        {
            TimeSpan slot,
                wait;
            lock (gate)
            {
                var now = time.GetElapsedTime(origin);
                slot = Later(now, Later(next, closedUntil));
                if (slot > deadline)
                {
                    throw closedUntil > now
                        ? Throttled(closedUntil - now)
                        : new VaultException(
                            VaultFailure.Throttled,
                            "More calls to the vault are waiting than it takes in the time allowed. Try again in a minute."
                        );
                }

                next = slot + gap;
                wait = slot - now;
            }

            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, cancellationToken);
            }

            lock (gate)
            {
                // The vault may have asked for a pause meanwhile; then the slot no longer holds.
                if (slot >= closedUntil)
                {
                    return;
                }
            }
        }
    }

    /// <summary>Nobody may call for this long.</summary>
    public void Close(TimeSpan pause)
    {
        lock (gate)
        {
            closedUntil = Later(closedUntil, time.GetElapsedTime(origin) + pause);
        }
    }

    /// <summary>What callers are told that will not wait that long.</summary>
    public static VaultException Throttled(TimeSpan pause) =>
        new(
            VaultFailure.Throttled,
            $"The vault takes no more calls for now and asks to wait {Math.Ceiling(pause.TotalSeconds):0} s. Try again after that; if this persists, something else uses up the vault's limit."
        );

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
