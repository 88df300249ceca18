using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data.Tests.UseCases.Credentials;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.Store;

/// <summary>One kind of lease for all that is leased: one holder at a time, by the database's clock and nobody else's.</summary>
public sealed class LeaseTests(PostgreSqlServer server)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Take_EachKindOfRow_IsOnesUntilItIsGivenBackOrOver(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        await LeaseAsync(database, await EnvironmentAsync(database));
        await LeaseAsync(database, await CredentialAsync(database));
        await LeaseAsync(database, await PreflightAsync(database));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Take_ManyAtOnce_OneGetsIt(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var rows = await CredentialAsync(database);

        var got = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(i =>
                    Task.Run(() =>
                        database.Work.WriteAsync(db => rows(db).TakeAsync($"w{i}", Long, CancellationToken.None), CancellationToken.None)
                    )
                )
        );

        Assert.Equal(1, got.Sum());
        Assert.Equal(1, (await LookAsync(database, rows)).Epoch);
    }

    // The clock of a process is in no statement, so one that is a day off takes nothing that is held, and keeps nothing that is over.
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Statements_HaveTheDatabasesClock_AndNoOther(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var rows = await EnvironmentAsync(database);
        var (written, now) = (new List<string>(), provider == TestDatabase.PostgreSql ? "now()" : "'now'");
        await using var db = database.CreateDbContext();
        foreach (var query in new[] { rows(db).Free(), rows(db).Held() })
        {
            await using var command = query.CreateDbCommand();
            written.Add(command.CommandText);
            Assert.DoesNotContain(command.Parameters.Cast<System.Data.Common.DbParameter>(), p => p.Value is DateTime);
        }

        Assert.All(written, sql => Assert.Contains(now, sql, StringComparison.Ordinal));

        // What is written is within seconds of the database's own time, as the database reckons it.
        Assert.Equal(1, await database.Work.WriteAsync(d => rows(d).TakeAsync("a", Long, CancellationToken.None), CancellationToken.None));
        Assert.True(
            await rows(db)
                .AnyAsync(e => e.Lease.Until > DateTime.UtcNow.AddSeconds(240) && e.Lease.Until <= DateTime.UtcNow.AddSeconds(300))
        );
    }

    private static async Task LeaseAsync<T>(TestDatabase database, Func<PortalDbContext, IQueryable<T>> rows)
        where T : class, ILeased
    {
        Assert.Equal(1, await TakeAsync("a"));
        Assert.Equal(0, await TakeAsync("b"));
        Assert.Equal(0, await TakeAsync("a")); // not even by who has it: that is extending
        Assert.Equal(
            (0, 1),
            (
                await WriteAsync(r => r.ExtendAsync("b", Long, CancellationToken.None)),
                await WriteAsync(r => r.ExtendAsync("a", Long, CancellationToken.None))
            )
        );
        Assert.Equal(
            (0, 1),
            (
                await WriteAsync(r => r.GiveBackAsync("b", CancellationToken.None)),
                await WriteAsync(r => r.GiveBackAsync("a", CancellationToken.None))
            )
        );
        var free = await LookAsync(database, rows);
        Assert.Equal(("", null, 1L), (free.Owner, free.Until, free.Epoch));

        // One that died holds it until its time is over, and what it writes then is not its own any more.
        Assert.Equal(1, await TakeAsync("dead"));
        await WriteAsync(r => r.ExecuteUpdateAsync(s => s.SetProperty(x => x.Lease.Until, x => DateTime.UtcNow.AddSeconds(-1))));
        Assert.Equal(1, await TakeAsync("b"));
        Assert.Equal(
            (0, 0),
            (
                await WriteAsync(r => r.ExtendAsync("dead", Long, CancellationToken.None)),
                await WriteAsync(r => r.GiveBackAsync("dead", CancellationToken.None))
            )
        );
        Assert.Equal(("b", 3L), ((await LookAsync(database, rows)).Owner, (await LookAsync(database, rows)).Epoch));

        Task<int> TakeAsync(string owner) => WriteAsync(r => r.TakeAsync(owner, Long, CancellationToken.None));

        Task<int> WriteAsync(Func<IQueryable<T>, Task<int>> write) =>
            database.Work.WriteAsync(db => write(rows(db)), CancellationToken.None);
    }

    private static Task<Lease> LookAsync<T>(TestDatabase database, Func<PortalDbContext, IQueryable<T>> rows)
        where T : class, ILeased => database.Work.ReadAsync(async db => (await rows(db).FirstAsync()).Lease, CancellationToken.None);

    private static async Task<Func<PortalDbContext, IQueryable<GatewayEnvironment>>> EnvironmentAsync(TestDatabase database)
    {
        var (team, cluster) = (TestRows.Team("leases"), TestRows.Cluster("leases"));
        var environment = TestRows.Environment(team, cluster, "a");
        await database.Work.AddAsync(team, cluster, environment);
        return db => db.Environments.Where(e => e.Id == environment.Id);
    }

    private static async Task<Func<PortalDbContext, IQueryable<SecretReference>>> CredentialAsync(TestDatabase database)
    {
        var world = await CredentialWorld.CreateAsync(database);
        var reference = await world.CredentialAsync(await world.EnvironmentAsync("checkout"), "REDIS_URL");
        return db => db.SecretReferences.Where(r => r.Id == reference.Id);
    }

    private static async Task<Func<PortalDbContext, IQueryable<PreflightRun>>> PreflightAsync(TestDatabase database)
    {
        var (team, cluster) = (TestRows.Team("looks"), TestRows.Cluster("looks"));
        var environment = TestRows.Environment(team, cluster, "b");
        var chart = new ChartVersion
        {
            Name = "gateway",
            Version = "9",
            AppVersion = "1",
            Digest = "sha256:c",
            Source = ChartSource.Directory,
            Location = "/",
            Edition = Edition.Oss,
            ImageTag = "1",
            RegisteredBy = "admin",
            RegisteredAt = TestRows.Now,
        };
        var request = new ChangeRequest
        {
            Kind = RequestKind.Create,
            TeamId = team.Id,
            EnvironmentId = environment.Id,
            EnvironmentName = "b",
            ClusterId = cluster.Id,
            Namespace = environment.Namespace,
            BaseRevision = 0,
            Content = TestRows.Content(chart, "sha256:0"),
            Secrets = [],
            FindingsJson = "[]",
            PolicyJson = "{}",
            Reason = "",
            RequestedBy = "lead",
            RequestedAt = TestRows.Now,
        };
        var run = new PreflightRun
        {
            ChangeRequestId = request.Id,
            RequestedBy = "lead",
            RequestedAt = TestRows.Now,
        };
        await database.Work.AddAsync(team, cluster, chart, request, run);
        return db => db.PreflightRuns.Where(p => p.Id == run.Id);
    }
}
