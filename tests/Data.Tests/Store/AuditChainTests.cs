using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.Store;

/// <summary>The audit history only grows, never forks, and tells who touched it.</summary>
public sealed class AuditChainTests(PostgreSqlServer server)
{
    [Theory]
    [InlineData(TestDatabase.Sqlite, "UPDATE audit_events SET actor = 'nobody'")]
    [InlineData(TestDatabase.Sqlite, "DELETE FROM audit_events")]
    [InlineData(TestDatabase.Sqlite, "INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events")]
    [InlineData(TestDatabase.Sqlite, "UPDATE OR REPLACE audit_events SET id = id + 1")]
    [InlineData(TestDatabase.PostgreSql, "UPDATE audit_events SET actor = 'nobody'")]
    [InlineData(TestDatabase.PostgreSql, "DELETE FROM audit_events")]
    [InlineData(TestDatabase.PostgreSql, "TRUNCATE audit_events")]
    [InlineData(TestDatabase.PostgreSql, "TRUNCATE audit_events CASCADE")]
    public async Task Events_ChangedInPlace_AreRefusedByTheDatabase(string provider, string sql)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        await database.AppendAsync(null, "one");

        var refused = await Assert.ThrowsAnyAsync<DbException>(() => database.ExecuteAsync(sql));

        Assert.Contains("append-only", refused.Message, StringComparison.Ordinal);
        Assert.True((await database.Verifier.VerifyAsync(CancellationToken.None)).Intact);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Append_TwentyAtOnceOnOneChain_NeverForksIt(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var environment = Guid.NewGuid();

        await Task.WhenAll(Enumerable.Range(1, 20).Select(n => Task.Run(() => database.AppendAsync(environment, $"event-{n}"))));

        var events = await database.Work.ReadAsync(db => db.AuditEvents.OrderBy(e => e.Id).ToListAsync(), CancellationToken.None);
        Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), events.Select(e => e.Index));
        Assert.Equal(20, events.Select(e => e.TargetId).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(events.SkipLast(1).Select(e => e.Hash), events.Skip(1).Select(e => e.PreviousHash));
        var head = await database.Work.ReadAsync(db => db.AuditChainHeads.SingleAsync(), CancellationToken.None);
        Assert.Equal((20, events[^1].Hash), (head.Index, head.Hash));
        Assert.True((await database.Verifier.VerifyAsync(CancellationToken.None)).Intact);
    }

    [Theory]
    [InlineData(TestDatabase.Sqlite, "UPDATE audit_events SET actor = 'somebody-else' WHERE id = {0}", 0, "content")]
    [InlineData(TestDatabase.PostgreSql, "UPDATE audit_events SET actor = 'somebody-else' WHERE id = {0}", 0, "content")]
    [InlineData(TestDatabase.Sqlite, "UPDATE audit_events SET environment_id = NULL WHERE id = {0}", 0, "content")]
    [InlineData(TestDatabase.PostgreSql, "UPDATE audit_events SET environment_id = NULL WHERE id = {0}", 0, "content")]
    [InlineData(TestDatabase.Sqlite, "DELETE FROM audit_events WHERE id = {0}", 1, "removed")]
    [InlineData(TestDatabase.PostgreSql, "DELETE FROM audit_events WHERE id = {0}", 1, "removed")]
    public async Task Verify_AfterTampering_NamesTheFirstEventThatDoesNotFit(string provider, string sql, int offset, string why)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var environment = Guid.NewGuid();
        for (var n = 1; n <= 5; n++)
        {
            await database.AppendAsync(environment, $"event-{n}");
        }

        var ids = await database.Work.ReadAsync(
            db => db.AuditEvents.OrderBy(e => e.Id).Select(e => e.Id).ToListAsync(),
            CancellationToken.None
        );
        await database.DropGuardsAsync();
        await database.ExecuteAsync(string.Format(sql, ids[2]));

        var verdict = await database.Verifier.VerifyAsync(CancellationToken.None);

        Assert.False(verdict.Intact);
        Assert.Equal(ids[2 + offset], verdict.FirstBroken);
        Assert.Contains(why, verdict.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Verify_AfterTheEndWasCutOff_KnowsItFromTheSeal(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var environment = Guid.NewGuid();
        await database.AppendAsync(environment, "one");
        await database.AppendAsync(environment, "two");
        await database.Sealer.SealAsync(CancellationToken.None);

        await database.DropGuardsAsync();
        await database.ExecuteAsync("DELETE FROM audit_events WHERE target_id = 'two'");

        var verdict = await database.Verifier.VerifyAsync(CancellationToken.None);
        Assert.False(verdict.Intact);
        Assert.Contains("its end was removed", verdict.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Append_WhoseTransactionFails_LeavesNothing(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var team = TestRows.Team("payments");

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            database.Work.WriteAsync<bool>(
                async db =>
                {
                    db.Add(team);
                    await database.Trail.AppendAsync(db, new("a", "", ""), new("x", "x", "x", "x"), CancellationToken.None);
                    await db.SaveChangesAsync();
                    throw new InvalidOperationException("after the rows were written");
                },
                CancellationToken.None
            )
        );

        Assert.Equal(
            (0, 0),
            await database.Work.ReadAsync(
                async db => (await db.Teams.CountAsync(), await db.AuditEvents.CountAsync()),
                CancellationToken.None
            )
        );
    }
}
