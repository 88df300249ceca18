using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.Store;

/// <summary>The operations table as a queue: in order within an environment, one worker at a time.</summary>
public sealed class QueueTests(PostgreSqlServer server)
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Claim_TwoEnvironments_KeepsEachOnesOrder(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var (a, b) = (await EnvironmentAsync(database, "a"), await EnvironmentAsync(database, "b"));
        var (a1, a2, b1) = (TestRows.Operation(a), TestRows.Operation(a), TestRows.Operation(b));
        await database.Work.AddAsync(a1, a2, b1);
        var (one, two) = (database.Queue(), database.Queue());

        var first = await one.TryClaimAsync(CancellationToken.None);
        var second = await two.TryClaimAsync(CancellationToken.None);
        var none = await one.TryClaimAsync(CancellationToken.None);

        Assert.Equal((a1.Id, b1.Id), (first?.OperationId, second?.OperationId));
        Assert.False(first!.Resumed);
        Assert.Null(none);

        await FinishAsync(database, first);
        var third = await two.TryClaimAsync(CancellationToken.None);
        Assert.Equal(a2.Id, third?.OperationId);
        Assert.True(third!.Fence.Epoch > first.Fence.Epoch);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Claim_ManyWorkersAtOnce_NeverGivesAnEnvironmentToTwo(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var first = new List<Guid>();
        foreach (var name in new[] { "a", "b", "c" })
        {
            var environment = await EnvironmentAsync(database, name);
            var operations = new[] { TestRows.Operation(environment), TestRows.Operation(environment) };
            await database.Work.AddAsync([.. operations]);
            first.Add(operations[0].Id);
        }

        var claims = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => database.Queue().TryClaimAsync(CancellationToken.None)))
        );

        Assert.Equal(first.Order(), claims.OfType<Claim>().Select(c => c.OperationId).Order());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Claim_BeforeItsTime_WaitsAndKeepsTheNextBehindIt(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var environment = await EnvironmentAsync(database, "a");
        await database.Work.AddAsync(TestRows.Operation(environment, TestRows.Now.AddMinutes(5)), TestRows.Operation(environment));

        Assert.Null(await database.Queue().TryClaimAsync(CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Fence_AfterItsLeaseRanOut_IsLostToTheNextWorker(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var environment = await EnvironmentAsync(database, "a");
        var operation = TestRows.Operation(environment);
        await database.Work.AddAsync(operation);

        var dead = await database.Queue(leaseSeconds: 2).TryClaimAsync(CancellationToken.None);
        await dead!.Fence.EnsureAsync(CancellationToken.None);
        Assert.Null(await database.Queue().TryClaimAsync(CancellationToken.None));
        var next = await Eventually.GetAsync(() => database.Queue().TryClaimAsync(CancellationToken.None), "the lease runs out");

        Assert.Equal(operation.Id, next.OperationId);
        Assert.True(next.Resumed);
        Assert.Equal(dead.Fence.Epoch + 1, next.Fence.Epoch);
        await Assert.ThrowsAsync<FenceLostException>(() => dead.Fence.EnsureAsync(CancellationToken.None));
        Assert.False(await dead.Fence.RenewAsync(CancellationToken.None));
        await dead.Fence.ReleaseAsync(CancellationToken.None); // releases nothing that is no longer its own
        await next.Fence.EnsureAsync(CancellationToken.None);
        Assert.True(await next.Fence.RenewAsync(CancellationToken.None));
    }

    private static async Task<GatewayEnvironment> EnvironmentAsync(TestDatabase database, string name)
    {
        var (team, cluster) = (TestRows.Team("team-" + name), TestRows.Cluster("cluster-" + name));
        var environment = TestRows.Environment(team, cluster, name);
        await database.Work.AddAsync(team, cluster, environment);
        return environment;
    }

    private static async Task FinishAsync(TestDatabase database, Claim claim)
    {
        await database.Work.WriteAsync(
            async db => (await db.Operations.FirstAsync(o => o.Id == claim.OperationId)).State = OperationState.Succeeded,
            CancellationToken.None
        );
        await claim.Fence.ReleaseAsync(CancellationToken.None);
    }
}
