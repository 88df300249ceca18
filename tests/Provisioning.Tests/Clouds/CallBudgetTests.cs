using Microsoft.Extensions.Time.Testing;
using Portkey.Portal.Provisioning.Clouds;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clouds;

public sealed class CallBudgetTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task Enter_OfManyAtOnce_LetsThemGoAtEvenDistances()
    {
        var budget = new CallBudget(10, time);
        var calls = Enumerable.Range(0, 25).Select(_ => budget.EnterAsync(Patience, default)).ToList();
        Assert.Equal(1, Gone(calls));
        for (var second = 1; second <= 2; second++)
        {
            for (var tenth = 0; tenth < 10; tenth++)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
            }

            await Task.Delay(50);
            Assert.Equal(1 + (second * 10), Gone(calls));
        }
    }

    [Fact]
    public async Task Close_WhileOthersWait_HoldsThemAll_AndLetsThemGoAtEvenDistancesAgain()
    {
        var budget = new CallBudget(10, time);
        var calls = Enumerable.Range(0, 5).Select(_ => budget.EnterAsync(Patience, default)).ToList();
        budget.Close(TimeSpan.FromSeconds(5));
        time.Advance(TimeSpan.FromSeconds(4.9));
        await Task.Delay(50);
        Assert.Equal(1, Gone(calls));
        time.Advance(TimeSpan.FromSeconds(0.1));
        await Task.Delay(50);
        Assert.Equal(2, Gone(calls));
        time.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(calls).WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Enter_WithLessPatienceThanThePause_FailsAtOnce_AndTakesNobodysTurn()
    {
        var budget = new CallBudget(10, time);
        budget.Close(TimeSpan.FromSeconds(60));
        var problem = await Assert.ThrowsAsync<VaultException>(() => budget.EnterAsync(Patience, default));
        Assert.Equal((VaultFailure.Throttled, true), (problem.Failure, problem.IsTransient));
        Assert.Contains("60 s", problem.Message, StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.True(budget.EnterAsync(Patience, default).IsCompletedSuccessfully);
    }

    private static int Gone(IEnumerable<Task> calls) => calls.Count(c => c.IsCompletedSuccessfully);
}
