using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Hosting;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.Store;

/// <summary>Migrations, keys and times, the same on both providers.</summary>
public sealed class SchemaTests(PostgreSqlServer server)
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Migrate_EmptyDatabase_LeavesNothingPendingAndModelUnchanged(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        await using var db = database.CreateDbContext();

        Assert.NotEmpty(await db.Database.GetAppliedMigrationsAsync());
        Assert.Empty(await db.Database.GetPendingMigrationsAsync());
        Assert.False(db.Database.HasPendingModelChanges());

        await db.Database.MigrateAsync(); // a second start
        Assert.Empty(await db.Environments.ToListAsync());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Update_DatabaseOfAnotherVersion_IsRefusedByTheNameOfItsMigration(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        await using var db = database.CreateDbContext();
        await db.Database.ExecuteSqlRawAsync("UPDATE \"__EFMigrationsHistory\" SET migration_id = '20991231000000_Later'");

        var refusal = await Assert.ThrowsAsync<StartRefusedException>(() => DatabaseUpdate.RunAsync(db, CancellationToken.None));
        Assert.Contains("20991231000000_Later", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Environments_SharingANamespace_AreRefusedUntilTheFirstIsDeleted(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var (team, cluster, other) = (TestRows.Team("payments"), TestRows.Cluster(), TestRows.Cluster("other"));
        var first = TestRows.Environment(team, cluster, "one", "same");
        await database.Work.AddAsync(team, cluster, other, first, TestRows.Environment(team, other, "elsewhere", "same"));

        await using (var db = database.CreateDbContext())
        {
            db.Add(TestRows.Environment(team, cluster, "two", "same"));
            await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());
        }

        await database.Work.WriteAsync(
            async db => (await db.Environments.FirstAsync(e => e.Id == first.Id)).MoveTo(EnvironmentState.Deleted),
            CancellationToken.None
        );
        await database.Work.AddAsync(TestRows.Environment(team, cluster, "three", "same"));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Environment_ChangedByTwoAtOnce_LetsOnlyTheFirstThrough(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var (team, cluster) = (TestRows.Team("payments"), TestRows.Cluster());
        await database.Work.AddAsync(team, cluster, TestRows.Environment(team, cluster, "one"));

        await using var first = database.CreateDbContext();
        await using var second = database.CreateDbContext();
        (await first.Environments.SingleAsync()).MoveTo(EnvironmentState.Ready);
        (await second.Environments.SingleAsync()).MoveTo(EnvironmentState.Failed);
        await first.SaveChangesAsync();

        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => second.SaveChangesAsync());
        Assert.Equal(
            EnvironmentState.Ready,
            await database.Work.ReadAsync(db => db.Environments.Select(e => e.State).SingleAsync(), CancellationToken.None)
        );
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Times_WrittenAsLocal_ComeBackAsUtcAndCompareInSql(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var (team, cluster) = (TestRows.Team("payments"), TestRows.Cluster());
        var moment = new DateTime(2026, 3, 4, 5, 6, 7, 891, DateTimeKind.Utc);
        cluster.LastSeenAt = moment.ToLocalTime();
        await database.Work.AddAsync(team, cluster);

        var before = moment.AddMilliseconds(-1);
        var seen = await database.Work.ReadAsync(
            db => db.Clusters.Where(c => c.LastSeenAt > before).Select(c => c.LastSeenAt).SingleAsync(),
            CancellationToken.None
        );

        Assert.Equal(moment, seen);
        Assert.Equal(DateTimeKind.Utc, seen!.Value.Kind);
    }
}
