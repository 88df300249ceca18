using Portkey.Portal.Provisioning.Engine.Operations;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations;

public sealed class StreamWatchTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task EndAsync_WithStreamsOpen_LetsThemFinishAndBeginsNoMore()
    {
        var release = new TaskCompletionSource();
        var calls = 0;
        await using var watch = new StreamWatch(
            async (began, _) =>
            {
                Interlocked.Increment(ref calls);
                began();
                await release.Task;
                return new StreamEnd(Finished: true, Counts: true, Gap, "");
            },
            3,
            Long
        );
        Assert.Equal("", await watch.Begun);

        var ending = watch.EndAsync(Long);
        release.SetResult();
        var tally = await ending;

        Assert.Equal(new StreamTally(calls, calls, 0, 300), tally);
        Assert.InRange(calls, 1, 3);
    }

    [Fact]
    public async Task EndAsync_WithStreamsThatBrokeOff_CountsAndNamesThem_AndNotThoseThatTheClusterDidNotPassOn()
    {
        var calls = 0;
        var enough = new TaskCompletionSource();
        await using var watch = new StreamWatch(
            async (began, stop) =>
            {
                began();
                var end = Interlocked.Increment(ref calls) switch
                {
                    1 => new StreamEnd(Finished: true, Counts: true, Gap, ""),
                    2 => new StreamEnd(Finished: false, Counts: true, Gap * 2, "a stream was cut"),
                    3 => new StreamEnd(Finished: false, Counts: false, Gap * 9, "the cluster cannot be reached"),
                    _ => null,
                };
                if (end is null)
                {
                    enough.TrySetResult();
                    await Task.Delay(Timeout.Infinite, stop).ContinueWith(_ => { }, TaskScheduler.Default);
                }

                return end ?? new StreamEnd(Finished: false, Counts: false, Gap, "given up");
            },
            1,
            Long
        );
        await enough.Task;

        var tally = await watch.EndAsync(TimeSpan.Zero);

        Assert.Equal(new StreamTally(2, 1, 1, 600) { Note = "Cut last: a stream was cut." }, tally);
        Assert.Equal("Synthetic streams: 2 opened, 1 finished, 1 cut; longest gap 0.6 s. Cut last: a stream was cut.", tally.Sentence);
    }

    // An enterprise gateway wants a key that the portal has not: nothing was open, so nothing was cut.
    [Fact]
    public async Task Begun_WithAGatewayThatRefusesTheFirst_SaysWhy_CallsNoMore_AndCountsNothing()
    {
        var calls = 0;
        await using var watch = new StreamWatch(
            (_, _) =>
            {
                Interlocked.Increment(ref calls);
                return Task.FromResult(new StreamEnd(Finished: false, Counts: true, Gap, "the gateway answered HTTP 401"));
            },
            1,
            Long
        );

        Assert.Equal("the gateway answered HTTP 401", await watch.Begun);
        Assert.Equal(new StreamTally(0, 0, 0, 0), await watch.EndAsync(Long));
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Watch_ThatNobodyEnds_EndsByItself()
    {
        var ended = new TaskCompletionSource();
        await using var watch = new StreamWatch(
            async (began, stop) =>
            {
                began();
                await Task.Delay(Timeout.Infinite, stop).ContinueWith(_ => { }, TaskScheduler.Default);
                ended.TrySetResult();
                return new StreamEnd(Finished: false, Counts: false, Gap, "");
            },
            1,
            TimeSpan.FromMilliseconds(50)
        );

        await ended.Task.WaitAsync(Long, TestContext.Current.CancellationToken);
    }
}
