using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.UseCases.Credentials;

/// <summary>The list of credentials: pages, filters, and who sees what.</summary>
public sealed class CredentialListTests(PostgreSqlServer server)
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task List_OverManyPages_GivesEachOnceInOrder(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await CredentialWorld.CreateAsync(database);
        var made = new List<Guid>();
        for (var i = 0; i < 7; i++)
        {
            var (own, foreign) = (await world.EnvironmentAsync($"pay-{i}"), await world.EnvironmentAsync($"find-{i}", world.Search));
            made.Add((await world.CredentialAsync(own, "REDIS_URL", CredentialWorld.Now.AddDays(i / 2))).Id);
            made.Add((await world.CredentialAsync(own, "AZURE_STORAGE_KEY")).Id);
            made.Add((await world.CredentialAsync(foreign, "REDIS_URL")).Id);
        }

        var all = await PagesAsync(database, "admin", new CredentialFilter());
        var own1 = await PagesAsync(database, "lead", new CredentialFilter());
        var expiring = await PagesAsync(database, "admin", new CredentialFilter(State: CredentialState.Expiring));

        Assert.Equal(made.Order(), all.Select(r => r.Id).Order());
        Assert.Equal(all.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => r.Key), all.Select(r => r.Key));
        Assert.Equal(14, own1.Count);
        Assert.All(own1, row => Assert.Equal("payments", row.Team));
        Assert.Equal(5, expiring.Count); // of seven, two expire this very moment
        Assert.Equal(expiring.Select(r => r.ExpiresAt).Order(), expiring.Select(r => r.ExpiresAt));
        await Assert.ThrowsAsync<InvalidInputException>(() =>
            Service(database)
                .ListAsync(
                    CredentialWorld.As("admin"),
                    new CredentialFilter(State: CredentialState.Due),
                    new PageRequest("WyJSRURJU19VUkwiLCJ4Il0"),
                    CancellationToken.None
                )
        );
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task List_EachFilter_FindsItsOwn(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await CredentialWorld.CreateAsync(database);
        var (a, b) = (await world.EnvironmentAsync("checkout"), await world.EnvironmentAsync("browse", world.Search));
        var redis = await world.CredentialAsync(a, "REDIS_URL", CredentialWorld.Now.AddDays(20));
        var key = await world.CredentialAsync(a, "PORTKEY_CLIENT_AUTH", CredentialWorld.Now.AddDays(-1));
        var storage = await world.CredentialAsync(b, "AZURE_STORAGE_KEY", state: SecretVersionState.Pending);
        var mongo = await world.CredentialAsync(b, "MONGO_DB_CONNECTION_URL");
        var odd = await world.CredentialAsync(b, "NOT_IN_THE_TABLE");
        var shared = await world.SharedAsync("cache-eu", "REDIS_URL", a, b);
        await database.Work.AddAsync(
            new SecretAnomaly
            {
                Kind = SecretAnomalyKind.Missing,
                VaultName = mongo.VaultName,
                VaultVersion = "x",
                SecretReferenceId = mongo.Id,
                Detail = "gone",
                Since = CredentialWorld.Now,
            }
        );

        await HasAsync(new CredentialFilter(Search: "redis"), redis, shared);
        await HasAsync(new CredentialFilter(Search: "CHECK"), redis, key);
        await HasAsync(new CredentialFilter(Search: "cache-"), shared);
        await HasAsync(new CredentialFilter(Team: "search"), storage, mongo, odd);
        await HasAsync(new CredentialFilter(Team: "none-such"));
        await HasAsync(new CredentialFilter(Kind: CredentialKind.Mongo), mongo);
        await HasAsync(new CredentialFilter(Kind: CredentialKind.Other), odd);
        await HasAsync(new CredentialFilter(State: CredentialState.Expiring), redis);
        await HasAsync(new CredentialFilter(State: CredentialState.Expired), key);
        await HasAsync(new CredentialFilter(State: CredentialState.NotInUse), storage);
        await HasAsync(new CredentialFilter(State: CredentialState.Orphan), mongo);
        await HasAsync(new CredentialFilter(State: CredentialState.Fine), odd, shared);

        async Task HasAsync(CredentialFilter filter, params SecretReference[] expected) =>
            Assert.Equal(expected.Select(r => r.Id).Order(), (await PagesAsync(database, "auditor", filter)).Select(r => r.Id).Order());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Get_SharedOne_IsForThoseWhoseEnvironmentsUseIt(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await CredentialWorld.CreateAsync(database);
        var (a, b) = (await world.EnvironmentAsync("checkout"), await world.EnvironmentAsync("browse", world.Search));
        var both = await world.SharedAsync("cache-eu", "REDIS_URL", a, b);
        var theirs = await world.SharedAsync("store-us", "AZURE_STORAGE_KEY", b);

        var asLead = await Service(database).GetAsync(CredentialWorld.As("lead"), both.Id, CancellationToken.None);
        var asAdmin = await Service(database).GetAsync(CredentialWorld.As("admin"), both.Id, CancellationToken.None);

        // the count of all, the names of one's own
        Assert.Equal((2, "checkout"), (asLead.Credential.Environments, Assert.Single(asLead.UsedBy).Environment));
        Assert.False(asLead.May.Manage);
        Assert.Equal(["browse", "checkout"], asAdmin.UsedBy.Select(u => u.Environment));
        Assert.True(asAdmin.May.Manage);
        await Assert.ThrowsAsync<NotFoundException>(() =>
            Service(database).GetAsync(CredentialWorld.As("lead"), theirs.Id, CancellationToken.None)
        );
        Assert.Equal([both.Id], (await PagesAsync(database, "lead", new CredentialFilter())).Select(r => r.Id));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Waiting_ByPolicyOrExpiry_IsForThoseWhoMayRotateSoonestFirst(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await CredentialWorld.CreateAsync(database);
        var environment = await world.EnvironmentAsync("checkout");
        var expires = await world.CredentialAsync(environment, "REDIS_URL", CredentialWorld.Now.AddDays(5));
        var due = await world.CredentialAsync(environment, "AZURE_STORAGE_KEY", CredentialWorld.Now.AddDays(60));
        await world.CredentialAsync(environment, "PORTKEY_CLIENT_AUTH", CredentialWorld.Now.AddDays(15));
        await database.Work.WriteAsync(
            db =>
                db.SecretReferences.Where(r => r.Id == due.Id)
                    .ExecuteUpdateAsync(s => s.SetProperty(r => r.DueAt, CredentialWorld.Now.AddDays(3))),
            CancellationToken.None
        );

        Assert.Equal([due.Id, expires.Id], await WaitingAsync("lead"));
        Assert.Equal([due.Id, expires.Id], await WaitingAsync("admin"));
        Assert.Empty(await WaitingAsync("other"));
        Assert.Empty(await WaitingAsync("auditor"));

        async Task<List<Guid>> WaitingAsync(string person) =>
            [.. (await Service(database).WaitingAsync(CredentialWorld.As(person), CancellationToken.None)).Select(r => r.Id)];
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Calendar_Days_CountsWhatExpiresOnEach(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await CredentialWorld.CreateAsync(database);
        var (a, b) = (await world.EnvironmentAsync("checkout"), await world.EnvironmentAsync("browse", world.Search));
        await world.CredentialAsync(a, "REDIS_URL", CredentialWorld.Now.AddDays(3));
        await world.CredentialAsync(a, "AZURE_STORAGE_KEY", CredentialWorld.Now.AddDays(3).AddHours(2));
        await world.CredentialAsync(a, "PORTKEY_CLIENT_AUTH", CredentialWorld.Now.AddDays(-3));
        await world.CredentialAsync(a, "MONGO_DB_CONNECTION_URL", CredentialWorld.Now.AddDays(91));
        await world.CredentialAsync(b, "REDIS_URL", CredentialWorld.Now.AddDays(3));

        var calendar = await new CredentialCalendars(database.Work, Clock).GetAsync(CredentialWorld.As("lead"), 90, CancellationToken.None);

        var day = Assert.Single(calendar.Items);
        Assert.Equal((new DateOnly(2026, 11, 29), 2, 1), (day.Date, day.Count, calendar.Expired));
        Assert.Equal(["REDIS_URL", "AZURE_STORAGE_KEY"], day.Credentials.Select(c => c.Key));
        Assert.All(day.Credentials, c => Assert.Equal("checkout", c.Where));
    }

    private static FakeTimeProvider Clock => new(new DateTimeOffset(CredentialWorld.Now));

    private static CredentialService Service(TestDatabase database) => new(database.Work, Clock);

    private static async Task<List<CredentialRow>> PagesAsync(TestDatabase database, string person, CredentialFilter filter)
    {
        var rows = new List<CredentialRow>();
        string? cursor = null;
        do
        {
            var page = await Service(database)
                .ListAsync(CredentialWorld.As(person), filter, new PageRequest(cursor, 2), CancellationToken.None);
            rows.AddRange(page.Items);
            cursor = page.Next;
        } while (cursor is not null);

        return rows;
    }
}
