using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Portkey.Portal.Provisioning.UseCases.Security;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.UseCases.Security;

/// <summary>The security log under a flood: few rows, bounded, nothing lost without a word.</summary>
public sealed class SecurityLogWriterTests(PostgreSqlServer server)
{
    private static readonly CancellationToken Token = CancellationToken.None;
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 26, 8, 0, 0, TimeSpan.Zero));

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Write_SameSourceWithinAMinute_IsOneRowWithACount(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var (log, writer) = Make(database);
        for (var second = 0; second < 90; second++)
        {
            log.Record(Notice("10.0.0.1"));
            log.Record(Notice($"2001:db8::{second:x}")); // one host owns them all
            await writer.WriteAsync(Token);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        var rows = await RowsAsync(database);
        Assert.Equal([60, 60, 30, 30], rows.OrderBy(r => r.Id).Select(r => r.Count));
        Assert.Equal(TimeSpan.FromSeconds(59), rows.MinBy(r => r.Id)!.LastAt - rows.MinBy(r => r.Id)!.At);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Write_FromEverywhereAtOnce_IsBoundedAndSaysWhatItDropped(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var (log, writer) = Make(database);
        const int sent = 20_000; // more than the queue holds, from more sources than may be written in a second
        for (var i = 0; i < sent; i++)
        {
            log.Record(Notice($"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}"));
        }

        await writer.WriteAsync(Token);
        var rows = await RowsAsync(database);
        Assert.Equal(51, rows.Count);
        Assert.Equal(sent, rows.Sum(r => r.Count));
        Assert.Equal(sent - 50, Assert.Single(rows, r => r.Kind == SecurityEventKind.Dropped).Count);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Write_MoreThanIsKept_TheOldestGo(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var (log, writer) = Make(database, new SecurityLogOptions { MaxRows = 1000, RowsPerSecond = 1000 });
        for (var i = 0; i < 2500; i++)
        {
            log.Record(Notice($"10.0.{i >> 8}.{i & 255}"));
            if (i % 500 == 499)
            {
                await writer.WriteAsync(Token);
            }
        }

        var rows = await RowsAsync(database);
        Assert.Equal(1000, rows.Count);
        Assert.Equal("10.0.9.195", rows.MaxBy(r => r.Id)!.SourceAddress);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Write_HostileTexts_AreBoundedAndHarmless(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var (log, writer) = Make(database);
        log.Record(
            new SecurityNotice(
                SecurityEventKind.Forbidden,
                "",
                "10.0.0.1",
                "GET",
                "/\0\r\nforged line" + new string('x', 5000),
                "c",
                new string('ü', 5000)
            )
        );
        await writer.WriteAsync(Token);
        var row = Assert.Single(await RowsAsync(database));
        Assert.Equal(200, row.Path.Length);
        Assert.DoesNotContain(row.Path, char.IsControl);
        Assert.Equal(200, row.UserAgent.Length);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Write_DatabaseThatRefuses_LosesNothingWithoutAWord(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var (log, writer) = Make(database);
        await database.ExecuteAsync("ALTER TABLE security_events RENAME TO away");
        log.Record(Notice("10.0.0.1"));
        await writer.WriteAsync(Token); // does not throw: whoever was turned away is answered long since
        await database.AppendAsync(null, "the audit goes on");
        await database.ExecuteAsync("ALTER TABLE away RENAME TO security_events");
        log.Record(Notice("10.0.0.2"));
        await writer.WriteAsync(Token);
        Assert.Equal(
            [SecurityEventKind.Dropped, SecurityEventKind.Forbidden],
            (await RowsAsync(database)).Select(r => r.Kind).Order().Reverse()
        );
        Assert.True((await database.Verifier.VerifyAsync(Token)).Intact);
    }

    private static SecurityNotice Notice(string address) => new(SecurityEventKind.Forbidden, "", address, "GET", "/api/v1/me", "c", "test");

    private static async Task<List<SecurityEvent>> RowsAsync(TestDatabase database)
    {
        await using var db = database.CreateDbContext();
        return await db.SecurityEvents.AsNoTracking().ToListAsync();
    }

    private (SecurityLog Log, SecurityLogWriter Writer) Make(TestDatabase database, SecurityLogOptions? options = null)
    {
        var log = new SecurityLog(clock);
        return (
            log,
            new SecurityLogWriter(
                log,
                new SecurityLogRows(database.Work),
                Options.Create(options ?? new SecurityLogOptions()),
                NullLogger<SecurityLogWriter>.Instance
            )
        );
    }
}
