using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.UseCases.Credentials;

/// <summary>Reminders of what expires: each once, and the finding that goes with it.</summary>
public sealed class ReminderTests(PostgreSqlServer server)
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(CredentialWorld.Now));

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Run_HourByHourUntilAfterExpiry_RemindsFourTimesAndKeepsOneFinding(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await CredentialWorld.CreateAsync(database);
        var environment = await world.EnvironmentAsync("checkout");
        await world.CredentialAsync(environment, "REDIS_URL", CredentialWorld.Now.AddDays(32));
        await world.CredentialAsync(environment, "AZURE_STORAGE_KEY");

        Assert.Equal(0, await RunAsync(database));
        var severities = new List<Severity>();
        for (var hour = 0; hour < 34 * 24; hour += 6)
        {
            clock.Advance(TimeSpan.FromHours(6));
            if (await RunAsync(database) > 0)
            {
                severities.Add(Assert.Single(await world.FindingsAsync(environment), f => f.ResolvedAt is null).Severity);
                Assert.Equal(0, await RunAsync(database));
            }
        }

        Assert.Equal([Severity.Info, Severity.Warning, Severity.Warning, Severity.Error], severities);
        Assert.Equal(
            ["30", "7", "1", "0"],
            (await world.EventsAsync("credential.reminder")).Select(e =>
                System.Text.Json.JsonDocument.Parse(e.AfterJson).RootElement.GetProperty("days").ToString()
            )
        );
        Assert.StartsWith(
            "REDIS_URL expired on 28 Dec 2026",
            (await world.FindingsAsync(environment)).Single(f => f.ResolvedAt is null).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Run_TwoWorkersAtOnce_TellItOnce(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await CredentialWorld.CreateAsync(database);
        var environment = await world.EnvironmentAsync("checkout");
        for (var i = 0; i < 5; i++)
        {
            await world.CredentialAsync(environment, $"KEY_{i}", CredentialWorld.Now.AddDays(3));
        }

        var told = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => RunAsync(database))));

        Assert.Equal(5, told.Sum());
        Assert.Equal(5, (await world.EventsAsync("credential.reminder")).Count);
        Assert.Equal(5, (await world.FindingsAsync(environment)).Count(f => f.ResolvedAt is null));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Run_AuditThatCannotBeWritten_TellsNothingAndComesAgain(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await CredentialWorld.CreateAsync(database);
        var environment = await world.EnvironmentAsync("checkout");
        var reference = await world.CredentialAsync(environment, "REDIS_URL", CredentialWorld.Now.AddDays(3));

        await Assert.ThrowsAnyAsync<NullReferenceException>(() =>
            new Reminders(database.Work, null!, new LiveUpdates(), clock, NullLogger<Reminders>.Instance).RunAsync(CancellationToken.None)
        );

        Assert.Null((await world.ReadAsync(reference)).RemindedDays);
        Assert.Empty(await world.FindingsAsync(environment));
        Assert.Equal(1, await RunAsync(database));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Run_SharedCredential_PutsAFindingOnEachEnvironment(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await CredentialWorld.CreateAsync(database);
        var (a, b, gone) = (
            await world.EnvironmentAsync("checkout"),
            await world.EnvironmentAsync("browse", world.Search),
            await world.EnvironmentAsync("gone")
        );
        await database.Work.WriteAsync(
            async db => (await db.Environments.AsTracking().FirstAsync(e => e.Id == gone.Id)).MoveTo(EnvironmentState.Deleted),
            CancellationToken.None
        );
        var shared = await world.SharedAsync("cache-eu", "REDIS_URL", a, b, gone);
        var own = await world.CredentialAsync(gone, "AZURE_STORAGE_KEY", CredentialWorld.Now);
        await ExpireAsync(database, shared, CredentialWorld.Now.AddDays(3));

        Assert.Equal(1, await RunAsync(database));

        Assert.Contains("cache-eu", Assert.Single(await world.FindingsAsync(a)).Message, StringComparison.Ordinal);
        Assert.Single(await world.FindingsAsync(b));
        Assert.Empty(await world.FindingsAsync(gone));
        Assert.Null((await world.ReadAsync(own)).RemindedDays);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Policy_LaterExpiry_ResolvesTheFindingAndRemindsAnew(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await CredentialWorld.CreateAsync(database);
        var environment = await world.EnvironmentAsync("checkout");
        var reference = await world.CredentialAsync(environment, "REDIS_URL", CredentialWorld.Now.AddDays(3));
        await world.CredentialAsync(environment, "REDIS_PASSWORD", CredentialWorld.Now.AddDays(3));
        await RunAsync(database);

        await PoliciesOf(database)
            .SetAsync(
                CredentialWorld.As("lead"),
                reference.Id,
                new CredentialPolicy(CredentialWorld.Now.AddDays(60), null, 14, "Sat 02:00-05:00", false),
                CancellationToken.None
            );

        var stored = await world.ReadAsync(reference);
        Assert.Equal((null, CredentialWorld.Now.AddDays(46)), (stored.RemindedDays, stored.DueAt));
        Assert.StartsWith(
            "REDIS_PASSWORD ",
            Assert.Single(await world.FindingsAsync(environment), f => f.ResolvedAt is null).Message,
            StringComparison.Ordinal
        );
        Assert.Single(await world.EventsAsync("credential.policy"));
        clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal(2, await RunAsync(database)); // the other one has expired meanwhile
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task BecameCurrent_NewVersion_TakesItsExpiryAndForgetsWhatWasTold(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await CredentialWorld.CreateAsync(database);
        var environment = await world.EnvironmentAsync("checkout");
        var reference = await world.CredentialAsync(environment, "REDIS_URL", CredentialWorld.Now.AddDays(3));
        await database.Work.WriteAsync(
            db => db.SecretReferences.Where(r => r.Id == reference.Id).ExecuteUpdateAsync(s => s.SetProperty(r => r.RotateEveryDays, 30)),
            CancellationToken.None
        );
        await RunAsync(database);

        await database.Work.WriteAsync(
            async db =>
                await CredentialExpiry.BecameCurrentAsync(
                    db,
                    await db.SecretReferences.AsTracking().FirstAsync(r => r.Id == reference.Id),
                    new SecretVersion
                    {
                        SecretReferenceId = reference.Id,
                        Number = 2,
                        VaultVersion = "b",
                        CreatedBy = "lead",
                        CreatedAt = CredentialWorld.Now,
                        ExpiresAt = CredentialWorld.Now.AddDays(90),
                    },
                    CredentialWorld.Now,
                    CancellationToken.None
                ),
            CancellationToken.None
        );

        var stored = await world.ReadAsync(reference);
        Assert.Equal(
            (CredentialWorld.Now, CredentialWorld.Now.AddDays(90), CredentialWorld.Now.AddDays(30), null),
            (stored.LastRotatedAt, stored.ExpiresAt, stored.DueAt, stored.RemindedDays)
        );
        Assert.All(await world.FindingsAsync(environment), f => Assert.NotNull(f.ResolvedAt));
    }

    private Task<int> RunAsync(TestDatabase database) =>
        new Reminders(database.Work, database.Trail, new LiveUpdates(), clock, NullLogger<Reminders>.Instance).RunAsync(
            CancellationToken.None
        );

    private CredentialPolicies PoliciesOf(TestDatabase database) =>
        new(database.Work, database.Proposals, database.Trail, new LiveUpdates(), clock);

    private static Task<int> ExpireAsync(TestDatabase database, SecretReference reference, DateTime at) =>
        database.Work.WriteAsync(
            db => db.SecretReferences.Where(r => r.Id == reference.Id).ExecuteUpdateAsync(s => s.SetProperty(r => r.ExpiresAt, at)),
            CancellationToken.None
        );
}
