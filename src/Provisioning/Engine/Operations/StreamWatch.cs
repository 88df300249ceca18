namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>Callers of one gateway: so many streams are open at any time, until <see cref="EndAsync"/>. What it counts says what real
/// callers see.</summary>
internal sealed class StreamWatch : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource enough = new();
    private readonly CancellationTokenSource giveUp;
    private readonly TaskCompletionSource<string> begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private readonly Func<Action, CancellationToken, Task<StreamEnd>> call;
    private readonly Task callers;
    private StreamTally tally = new(0, 0, 0, 0);

    /// <param name="call">One stream; it says when it has begun.</param>
    /// <param name="concurrent">Streams at any time.</param>
    /// <param name="longest">After this they end by themselves, as where another process has taken over.</param>
    internal StreamWatch(Func<Action, CancellationToken, Task<StreamEnd>> call, int concurrent, TimeSpan longest)
    {
        this.call = call;
        giveUp = new CancellationTokenSource(longest);
        callers = Task.WhenAll(Enumerable.Range(0, concurrent).Select(_ => Task.Run(CallAsync)));
    }

    /// <summary>Why the first stream did not begin; empty when it did.</summary>
    public Task<string> Begun => begun.Task;

    /// <summary>Begins no more and lets open ones end; those that have not ended by then are not counted.</summary>
    public async Task<StreamTally> EndAsync(TimeSpan patience)
    {
        await enough.CancelAsync();
        giveUp.CancelAfter(patience);
        await callers;
        return tally;
    }

    public async ValueTask DisposeAsync()
    {
        await enough.CancelAsync();
        await giveUp.CancelAsync();
        await callers;
        enough.Dispose();
        giveUp.Dispose();
    }

    private async Task CallAsync()
    {
        while (!enough.IsCancellationRequested && !giveUp.IsCancellationRequested)
        {
            var end = await call(() => begun.TrySetResult(""), giveUp.Token);
            if (begun.TrySetResult(end.Why) && end.Why.Length > 0)
            {
                await enough.CancelAsync(); // no stream was ever open: there is nothing to cut
            }

            if (begun.Task.Result.Length > 0)
            {
                return;
            }

            Count(end);
            if (!end.Finished)
            {
                await Task.WhenAny(Task.Delay(Pause, enough.Token), Task.Delay(Pause, giveUp.Token)); // like a caller that retries
            }
        }
    }

    private void Count(StreamEnd end)
    {
        if (!end.Counts)
        {
            return;
        }

        var gap = (int)Math.Min(end.LongestGap.TotalMilliseconds, int.MaxValue);
        lock (gate)
        {
            tally = tally.And(
                new StreamTally(1, end.Finished ? 1 : 0, end.Finished ? 0 : 1, gap) { Note = end.Finished ? "" : $"Cut last: {end.Why}." }
            );
        }
    }
}
