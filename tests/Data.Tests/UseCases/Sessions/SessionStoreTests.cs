using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Portkey.Portal.Provisioning.UseCases.Sessions;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.UseCases.Sessions;

/// <summary>Limits of sessions by the clock, and how little they write.</summary>
public sealed class SessionStoreTests(PostgreSqlServer server)
{
    private static readonly CancellationToken Token = CancellationToken.None;
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 26, 8, 0, 0, TimeSpan.Zero));

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Find_UsedNowAndThen_LastsToTheAbsoluteLimitAndNoLonger(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var store = await StoreAsync(database);
        await OpenAsync(store, "key");
        for (var minutes = 0; minutes < 12 * 60; minutes += 60)
        {
            Assert.NotNull((await store.FindAsync("key", Token))!.Ticket);
            clock.Advance(TimeSpan.FromMinutes(60));
        }

        Assert.Null((await store.FindAsync("key", Token))!.Ticket);
        await store.RemoveExpiredAsync(Token);
        Assert.Null(await store.FindAsync("key", Token));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Find_LeftAlone_EndsAtTheIdleLimit_AndAnOpenPageCountsOnlyWhenUsed(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var store = await StoreAsync(database);
        var (idle, used) = (await OpenAsync(store, "idle"), await OpenAsync(store, "used"));
        for (var minutes = 0; minutes < 130; minutes += 10)
        {
            await store.GoesOnAsync(idle, "ann", used: false, Token);
            await store.GoesOnAsync(used, "ann", used: true, Token);
            clock.Advance(TimeSpan.FromMinutes(10));
        }

        Assert.False(await store.GoesOnAsync(idle, "ann", used: true, Token));
        Assert.Null((await store.FindAsync("idle", Token))!.Ticket);
        Assert.True(await store.GoesOnAsync(used, "ann", used: false, Token));
        await store.RemoveExpiredAsync(Token);
        Assert.Null(await store.FindAsync("idle", Token));
        Assert.NotNull(await store.FindAsync("used", Token));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task End_OrPersonSwitchedOff_OpenPagesMayNotStay(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var store = await StoreAsync(database);
        var (ended, stays) = (await OpenAsync(store, "ended"), await OpenAsync(store, "stays"));
        Assert.Equal("ann", await store.EndAsync("ended", Token));
        Assert.Null(await store.EndAsync("ended", Token));
        Assert.True((await store.FindAsync("ended", Token))!.WasEnded);
        Assert.False(await store.GoesOnAsync(ended, "ann", used: true, Token));
        Assert.True(await store.GoesOnAsync(stays, "ann", used: true, Token));
        Assert.False(await store.GoesOnAsync(stays, "somebody-else", used: true, Token));
        await database.ExecuteAsync("UPDATE people SET is_enabled = false WHERE id = 'ann'");
        Assert.False(await store.GoesOnAsync(stays, "ann", used: true, Token));
        Assert.False(await store.GoesOnAsync(null, "ann", used: true, Token));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Find_ManyTimesWithinAMinute_WritesNothing(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var store = await StoreAsync(database);
        var id = await OpenAsync(store, "key");
        var before = clock.GetUtcNow().UtcDateTime;
        for (var i = 0; i < 5; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            await store.FindAsync("key", Token);
        }

        await using var db = database.CreateDbContext();
        Assert.Equal(before, (await db.Sessions.AsNoTracking().SingleAsync(s => s.Id == id)).LastSeenAt);
        clock.Advance(TimeSpan.FromSeconds(10));
        await store.FindAsync("key", Token);
        Assert.Equal(clock.GetUtcNow().UtcDateTime, (await db.Sessions.AsNoTracking().SingleAsync(s => s.Id == id)).LastSeenAt);
    }

    private async Task<SessionStore> StoreAsync(TestDatabase database)
    {
        await using var db = database.CreateDbContext();
        db.People.Add(new Person { Id = "ann", DisplayName = "Ann" });
        await db.SaveChangesAsync();
        return new SessionStore(database.Work, Options.Create(new SessionLimits()), clock);
    }

    private static async Task<Guid> OpenAsync(SessionStore store, string key)
    {
        var id = Guid.CreateVersion7();
        await store.OpenAsync(new NewSession(id, key, "ann", new byte[] { 1, 2, 3 }, "10.0.0.1", "test"), Token);
        return id;
    }
}
