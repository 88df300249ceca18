using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clouds;

/// <summary>The vault's limits are the whole process's affair: one budget, and one pause for all.</summary>
public sealed class KeyVaultThrottlingTests : IAsyncLifetime
{
    private static readonly SecretAttributes Attributes = new("e", "p");
    private KeyVaultWorld world = null!;

    public async ValueTask InitializeAsync() => world = await KeyVaultWorld.StartAsync();

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public async Task Throttled_OneOfMany_AllPauseAsLongAsTheVaultAsks_AndAllSucceed()
    {
        var vault = world.Open(o => o.CallsPerSecond = 10);
        await vault.SetAsync("a", new SecretValue("one"), Attributes, default);
        world.Server.Log.Clear();
        world.Server.Faults.Throttle(retryAfter: 3);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => vault.SetAsync($"b-{i}", new SecretValue("x"), Attributes, default)));
        var calls = world.Calls();
        var throttled = calls.Single(c => c.Status == 429);

        // Some that were on their way before the answer came may have arrived after it; nobody set out in the pause.
        Assert.Equal(13, calls.Count);
        Assert.DoesNotContain(
            calls,
            c => c.At > throttled.At + TimeSpan.FromSeconds(1.5) && c.At < throttled.At + TimeSpan.FromSeconds(2.9)
        );
        Assert.Contains(calls, c => c.At >= throttled.At + TimeSpan.FromSeconds(2.9));
    }

    [Fact]
    public async Task Throttled_ForLongerThanACallMayTake_FailsAtOnce_AndSparesTheVaultFurtherCalls()
    {
        var vault = world.Open(o => o.TimeoutSeconds = 10);
        await vault.SetAsync("a", new SecretValue("one"), Attributes, default);
        world.Server.Log.Clear();
        world.Server.Faults.Throttle(retryAfter: 120);
        for (var i = 0; i < 3; i++)
        {
            var problem = await Assert.ThrowsAsync<VaultException>(() => vault.SetAsync("b", new SecretValue("x"), Attributes, default));
            Assert.Equal((VaultFailure.Throttled, true), (problem.Failure, problem.IsTransient));
            Assert.Contains("120 s", problem.Message, StringComparison.Ordinal);
        }

        Assert.Single(world.Calls());
    }

    [Fact]
    public async Task Throttled_EveryTime_SaysSo()
    {
        world.Server.Faults.Throttle(9);
        var problem = await Assert.ThrowsAsync<VaultException>(() => world.Open().SetAsync("b", new SecretValue("x"), Attributes, default));
        Assert.Equal((VaultFailure.Throttled, true), (problem.Failure, problem.IsTransient));
        Assert.Equal(4, world.Calls().Count);
    }

    [Fact]
    public async Task Calls_OfManyCallers_KeepTheBudgetOfTheVaultTogether()
    {
        var vault = world.Open(o => (o.CallsPerSecond, o.Teams["search"]) = (20, world.Server.Address.ToString()));
        await vault.SetAsync("a", new SecretValue("one"), Attributes, default);
        world.Server.Log.Clear();
        await Task.WhenAll(
            Enumerable.Range(0, 40).Select(i => vault.SetAsync(i % 2 == 0 ? "a" : "search/a", new SecretValue("x"), Attributes, default))
        );
        var calls = world.Calls();
        Assert.Equal(40, calls.Count);
        Assert.InRange(calls.Max(c => c.At) - calls.Min(c => c.At), TimeSpan.FromSeconds(39 / 20.0 * 0.8), TimeSpan.MaxValue);
    }

    [Fact]
    public async Task Calls_ToAnotherVault_HaveABudgetOfTheirOwn()
    {
        var vault = world.Open(o => (o.TimeoutSeconds, o.Teams["search"]) = (10, KeyVaultServer.AddressOf("search-tests").ToString()));
        await vault.SetAsync("a", new SecretValue("one"), Attributes, default);
        world.Server.Faults.Throttle(retryAfter: 120);
        await Assert.ThrowsAsync<VaultException>(() => vault.SetAsync("a", new SecretValue("two"), Attributes, default));
        Assert.NotEmpty(await vault.SetAsync("search/a", new SecretValue("three"), Attributes, default));
    }
}
