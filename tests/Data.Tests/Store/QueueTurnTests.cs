using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.Store;

/// <summary>Whose turn it is, and that nobody has all of them.</summary>
public sealed class QueueTurnTests(PostgreSqlServer server)
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Claim_ThirtyOnOneCluster_LeavesAPlaceForAnother(string provider)
    {
        using var world = await World.CreateAsync(provider, server);
        await world.Database.Work.AddAsync(TestRows.Cluster("there-is-another"));
        for (var n = 0; n < 30; n++)
        {
            await world.QueueAsync("full", "payments");
        }

        var queue = world.Database.Queue();
        Assert.Equal(3, (await ClaimAllAsync(queue)).Count); // of four places
        var other = await world.QueueAsync("healthy", "payments-of-another-team");
        Assert.Equal(other.Id, (await queue.TryClaimAsync(default))?.OperationId);

        // Another process has places of its own, and leaves one, too.
        Assert.Equal(3, (await ClaimAllAsync(world.Database.Queue())).Count);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Claim_ManyOfOneTeam_TakesTeamsInTurn(string provider)
    {
        using var world = await World.CreateAsync(provider, server);
        for (var n = 0; n < 6; n++)
        {
            await world.QueueAsync("shared", "busy");
        }

        var (first, second) = (await world.QueueAsync("shared", "quiet"), await world.QueueAsync("shared", "quiet"));
        var queue = world.Database.Queue();
        await queue.TryClaimAsync(default);

        // Those of the team that has fewest under way come next, and then those whose turn was longest ago.
        Assert.Equal(first.Id, (await queue.TryClaimAsync(default))?.OperationId);
        Assert.NotEqual(second.Id, (await queue.TryClaimAsync(default))?.OperationId);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Claim_OneClusterAndOneTeamAlone_UsesEveryPlace(string provider)
    {
        using var world = await World.CreateAsync(provider, server);
        for (var n = 0; n < 6; n++)
        {
            await world.QueueAsync("only", "only");
        }

        // Nothing bounds them but the dispatcher's own places, of which there are four.
        Assert.Equal(4, (await ClaimAllAsync(world.Database.Queue())).Count);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Claim_RemovalsFirst_AndWhatFailedBeforeLast(string provider)
    {
        using var world = await World.CreateAsync(provider, server);
        var failed = await world.QueueAsync("dead", "payments", o => (o.Attempts, o.ErrorCode) = (3, "cluster-unreachable"));
        var failedRemoval = await world.QueueAsync(
            "dead",
            "payments",
            o => (o.Attempts, o.ErrorCode) = (3, "cluster-unreachable"),
            RequestKind.Delete
        );
        var plain = await world.QueueAsync("healthy", "search");
        var removal = await world.QueueAsync("healthy", "search", kind: RequestKind.Delete);
        var cancelled = await world.QueueAsync(
            "third",
            "search",
            o => (o.Attempts, o.ErrorCode, o.CancelRequested) = (3, "cluster-unreachable", true)
        );
        var queue = world.Database.Queue();

        var order = new List<Guid>();
        while (order.Count < 5 && await queue.TryClaimAsync(default) is { } claim)
        {
            order.Add(claim.OperationId);
            await claim.Fence.ReleaseAsync(default);
            await world.ChangeAsync(claim.OperationId, o => o.State = OperationState.Succeeded);
        }

        Assert.Equal(new[] { removal.Id, cancelled.Id }.Order(), order[..2].Order());
        Assert.Equal(plain.Id, order[2]);
        Assert.Equal([failed.Id, failedRemoval.Id], order[3..]);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Claim_OfOneThatWaits_WalksOnWithoutCountingAnAttempt(string provider)
    {
        using var world = await World.CreateAsync(provider, server);
        var waiting = await world.QueueAsync("a", "a", o => (o.Attempts, o.WaitingFor) = (1, "pods: pod x is pending"));

        var claim = await world.Database.Queue().TryClaimAsync(default);

        Assert.True(claim is { WalksOn: true, Resumed: false, Superseded: false });
        var row = await world.Database.Work.ReadAsync(db => db.Operations.FirstAsync(o => o.Id == waiting.Id), default);
        Assert.Equal((1, "", OperationState.Running), (row.Attempts, row.WaitingFor, row.State));

        // A crash in the middle of that look: what was proven before it is looked at again.
        await claim.Fence.ReleaseAsync(default);
        Assert.True(await world.Database.Queue().TryClaimAsync(default) is { WalksOn: false, Resumed: true });
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Claim_ARemovalBehindOneThatWaits_DoesNotWaitForItsTime(string provider)
    {
        using var world = await World.CreateAsync(provider, server);
        var waiting = await world.QueueAsync(
            "full",
            "a",
            o => (o.Attempts, o.WaitingFor, o.NotBefore) = (1, "pods: no room", DateTime.UtcNow.AddHours(1))
        );
        var queue = world.Database.Queue();
        Assert.Null(await queue.TryClaimAsync(default));
        var removal = await world.AddAsync(waiting.EnvironmentId, RequestKind.Delete);

        var first = await queue.TryClaimAsync(default);
        Assert.True(first is { Superseded: true } && first.OperationId == waiting.Id);
        await world.ChangeAsync(waiting.Id, o => o.State = OperationState.Cancelled);
        await first.Fence.ReleaseAsync(default);
        Assert.True(await queue.TryClaimAsync(default) is { Superseded: false } second && second.OperationId == removal.Id);
    }

    [Fact]
    public async Task Candidates_OnSqlite_AreFoundByIndex()
    {
        using var world = await World.CreateAsync(TestDatabase.Sqlite, server);
        await using var db = world.Database.CreateDbContext();
        var plan = new List<string>();
        await db.Database.OpenConnectionAsync();
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + QueueTurns.First(db).ToQueryString();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            plan.Add(reader.GetString(3));
        }

        Assert.Contains(plan, line => line.Contains("USING INDEX ix_operations_state_not_before", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(
            plan,
            line =>
                line.StartsWith("SCAN ", StringComparison.Ordinal)
                && (line.Contains("operations", StringComparison.Ordinal) || line.Contains("environments", StringComparison.Ordinal))
        );
    }

    private static async Task<List<Claim>> ClaimAllAsync(OperationQueue queue)
    {
        var claims = new List<Claim>();
        while (await queue.TryClaimAsync(default) is { } claim)
        {
            claims.Add(claim);
        }

        return claims;
    }

    private sealed class World(TestDatabase database) : IDisposable
    {
        private readonly Dictionary<string, Team> teams = new(StringComparer.Ordinal);
        private readonly Dictionary<string, Cluster> clusters = new(StringComparer.Ordinal);
        private int numbers;

        public TestDatabase Database { get; } = database;

        public static async Task<World> CreateAsync(string provider, PostgreSqlServer server) =>
            new(await TestDatabase.CreateAsync(provider, server));

        /// <summary>An operation of an environment of its own.</summary>
        public async Task<Operation> QueueAsync(
            string clusterName,
            string teamName,
            Action<Operation>? shape = null,
            RequestKind kind = RequestKind.Create
        )
        {
            if (!teams.TryGetValue(teamName, out var team))
            {
                await Database.Work.AddAsync(team = teams[teamName] = TestRows.Team(teamName));
            }

            if (!clusters.TryGetValue(clusterName, out var cluster))
            {
                await Database.Work.AddAsync(cluster = clusters[clusterName] = TestRows.Cluster(clusterName));
            }

            var environment = TestRows.Environment(team, cluster, $"e{++numbers}");
            await Database.Work.AddAsync(environment);
            return await AddAsync(environment.Id, kind, shape);
        }

        public async Task<Operation> AddAsync(Guid environment, RequestKind kind, Action<Operation>? shape = null)
        {
            var operation = new Operation
            {
                EnvironmentId = environment,
                ChangeRequestId = Guid.NewGuid(),
                Kind = kind,
                Revision = 1,
                NotBefore = DateTime.UnixEpoch,
                CreatedAt = TestRows.Now,
                RequestedBy = "lead",
            };
            shape?.Invoke(operation);
            await Database.Work.AddAsync(operation);
            return operation;
        }

        public Task ChangeAsync(Guid operation, Action<Operation> change) =>
            Database.Work.WriteAsync(async db => change(await db.Operations.AsTracking().FirstAsync(o => o.Id == operation)), default);

        public void Dispose() => Database.Dispose();
    }
}
