using Portkey.Portal.Provisioning.Common;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Common;

/// <summary>Places shared in turn.</summary>
public sealed class FairTurnsTests
{
    [Fact]
    public async Task Take_SixtyByOne_LeavesAPlaceForAnother()
    {
        var turns = new FairTurns(places: 2, perKey: 1);
        var many = Enumerable.Range(0, 60).Select(_ => turns.TakeAsync("one", default)).ToList();

        var other = turns.TakeAsync("other", default);

        Assert.Equal(1, many.Count(t => t.IsCompletedSuccessfully));
        Assert.True(other.IsCompletedSuccessfully);
        (await other).Dispose();
        (await other).Dispose(); // twice gives back once
        Assert.False(turns.TakeAsync("one", default).IsCompleted);
    }

    [Fact]
    public async Task Take_SeveralWait_AreServedInTurnAndEachInOrder()
    {
        var turns = new FairTurns(places: 1, perKey: 1);
        var held = await turns.TakeAsync("a", default);
        var order = new List<string>();
        var waiting = new[] { ("a", "a1"), ("a", "a2"), ("b", "b1"), ("b", "b2"), ("c", "c1") }
            .Select(w => ServedAsync(w.Item1, w.Item2))
            .ToList();

        held.Dispose();
        await Task.WhenAll(waiting);

        Assert.Equal(["b1", "c1", "a1", "b2", "a2"], order);

        async Task ServedAsync(string key, string name)
        {
            using var place = await turns.TakeAsync(key, default);
            order.Add(name);
        }
    }

    [Fact]
    public async Task Take_NewcomersAgainAndAgain_DoNotStarveWhoWaits()
    {
        var turns = new FairTurns(places: 1, perKey: 1);
        var held = await turns.TakeAsync("a", default);
        var patient = turns.TakeAsync("a", default);
        for (var n = 0; !patient.IsCompleted; n++)
        {
            Assert.True(n < 3, "newcomers were served before");
            var next = turns.TakeAsync($"newcomer-{n}", default);
            held.Dispose();
            held = await await Task.WhenAny(patient, next);
        }
    }

    [Fact]
    public async Task Take_PastTheBound_IsRefusedForThatKeyAlone()
    {
        var turns = new FairTurns(places: 2, perKey: 1, mostWaiting: 3);
        _ = Enumerable.Range(0, 4).Select(_ => turns.TakeAsync("one", default)).ToList();

        var refusal = await Assert.ThrowsAsync<TooManyRequestsException>(() => turns.TakeAsync("one", default));

        Assert.InRange(refusal.RetryAfterSeconds, 1, 60);
        (await turns.TakeAsync("other", default)).Dispose();
    }

    [Fact]
    public async Task Take_GivenUp_FreesItsPlaceInTheLine()
    {
        var turns = new FairTurns(places: 1, perKey: 1, mostWaiting: 1);
        var held = await turns.TakeAsync("a", default);
        using var gone = new CancellationTokenSource();
        var waiting = turns.TakeAsync("a", gone.Token);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        var next = turns.TakeAsync("a", default);
        held.Dispose();
        (await next).Dispose();
    }
}
