using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Changes;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.UseCases.Changes;

/// <summary>Two persons for what rules everything, as an administrator would try to be both, and as somebody with the database alone would
/// help.</summary>
public sealed class ChangeTests(PostgreSqlServer server)
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Bootstrap_LastsForOneAdministrator_AndEndsForEverWithTheSecond(string provider)
    {
        using var world = await World.CreateAsync(database: await TestDatabase.CreateAsync(provider, server));
        await world.SeenAsync("ada", "lead", "auditor");
        Assert.True((await world.SubmitAsync("ada")).IsApplied);
        Assert.Equal(1, world.Effect.Applied);

        // Rows that nobody has used are nobody, and neither is who is switched off.
        await world.ChangeAsync(db => db.People.Where(p => p.Id == "ben").ExecuteUpdateAsync(s => s.SetProperty(p => p.IsEnabled, false)));
        await world.SeenAsync("ben");
        Assert.True(await world.Database.Bootstrap.LastsAsync(default));

        await world.ChangeAsync(db => db.People.Where(p => p.Id == "ben").ExecuteUpdateAsync(s => s.SetProperty(p => p.IsEnabled, true)));
        await world.SeenAsync("ben");
        Assert.False(await world.Database.Bootstrap.LastsAsync(default));
        Assert.False((await world.SubmitAsync("ada")).IsApplied);

        // Never again: whoever goes.
        await world.ChangeAsync(db =>
            db.People.Where(p => p.Id == "ben")
                .ExecuteUpdateAsync(s => s.SetProperty(p => p.IsEnabled, false).SetProperty(p => p.IsAdministrator, false))
        );
        await Assert.ThrowsAsync<ConflictException>(() => world.SubmitAsync("ada"));
        Assert.False((await world.SubmitAsync("ada", "another")).IsApplied);
        Assert.Equal(1, world.Effect.Applied);
        Assert.Single(await world.ActionsAsync(), a => a == "bootstrap.ended");
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task BootstrapEnd_CannotBeTakenAway_AndIsKnownFromTheHistoryToo(string provider)
    {
        using var world = await World.TwoAsync(await TestDatabase.CreateAsync(provider, server));
        await Assert.ThrowsAnyAsync<Exception>(() => world.ChangeAsync(db => db.BootstrapEnds.ExecuteDeleteAsync()));
        await Assert.ThrowsAnyAsync<Exception>(() =>
            world.ChangeAsync(db => db.BootstrapEnds.ExecuteUpdateAsync(s => s.SetProperty(b => b.Administrators, "")))
        );

        await world.ChangeAsync(db =>
            db.Database.ExecuteSqlRawAsync(
                provider == TestDatabase.Sqlite
                    ? "DROP TRIGGER bootstrap_ends_no_delete"
                    : "DROP TRIGGER bootstrap_ends_append_only ON bootstrap_ends"
            )
        );
        await world.ChangeAsync(db => db.BootstrapEnds.ExecuteDeleteAsync());
        Assert.False((await world.SubmitAsync("ada")).IsApplied);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Approve_ByASecondAdministrator_IsOneTransactionWithItsEffect(string provider)
    {
        using var world = await World.TwoAsync(await TestDatabase.CreateAsync(provider, server));
        var change = (await world.SubmitAsync("ada")).Id;
        var digest = (await world.Changes.GetAsync(World.As("ben"), change, default)).Digest;

        // Alone, with an old digest, as somebody else.
        await Assert.ThrowsAsync<ForbiddenException>(() => world.Changes.ApproveAsync(World.As("ada"), change, digest, "", default));
        await Assert.ThrowsAsync<ForbiddenException>(() => world.Changes.RejectAsync(World.As("ada"), change, digest, "no", default));
        await Assert.ThrowsAsync<ForbiddenException>(() => world.Changes.ApproveAsync(World.As("lead"), change, digest, "", default));
        await Assert.ThrowsAsync<ForbiddenException>(() => world.Changes.ApproveAsync(World.As("auditor"), change, digest, "", default));
        await Assert.ThrowsAsync<ForbiddenException>(() => world.Changes.CancelAsync(World.As("ben"), change, "", default));
        Assert.Equal(
            "stale-digest",
            (
                await Assert.ThrowsAsync<ConflictException>(() =>
                    world.Changes.ApproveAsync(World.As("ben"), change, "sha256:0", "", default)
                )
            ).Code
        );
        Assert.Equal(0, world.Effect.Applied);

        // What its effect refuses is not decided either.
        world.Effect.Refuses = true;
        await Assert.ThrowsAsync<ConflictException>(() => world.Changes.ApproveAsync(World.As("ben"), change, digest, "", default));
        Assert.Equal(GovernanceState.Pending, (await world.Changes.GetAsync(World.As("auditor"), change, default)).State);
        world.Effect.Refuses = false;

        await world.Changes.ApproveAsync(World.As("ben"), change, digest, "looked at", default);
        await world.Changes.ApproveAsync(World.As("ben"), change, digest, "looked at", default); // a double click
        Assert.Equal(
            "not-pending",
            (
                await Assert.ThrowsAsync<ConflictException>(() => world.Changes.RejectAsync(World.As("ben"), change, digest, "no", default))
            ).Code
        );
        var view = await world.Changes.GetAsync(World.As("ada"), change, default);
        Assert.Equal((GovernanceState.Approved, "ben", 1, 1), (view.State, view.DecidedBy, world.Effect.Applied, world.Effect.Followed));
        Assert.Equal(
            ["change.proposed", "bootstrap.ended", "change.approved"],
            (await world.ActionsAsync()).OrderBy(a =>
                a == "change.approved" ? 2
                : a == "bootstrap.ended" ? 1
                : 0
            )
        );
        Assert.Empty(world.Vault.Disabled);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Approve_OfARowThatWasChangedPastThePortal_IsStale(string provider)
    {
        using var world = await World.TwoAsync(await TestDatabase.CreateAsync(provider, server));
        var change = (await world.SubmitAsync("ada")).Id;
        var row = await world.RowAsync(change);

        // By somebody who proposed it and can write rows: another payload, with a digest that fits; another secret; another proposer.
        await StaleAsync(r => r.SetProperty(c => c.PayloadJson, "{\"server\":\"https://theirs\"}"));
        await StaleAsync(r => r.SetProperty(c => c.VaultVersion, "2"));
        await StaleAsync(r => r.SetProperty(c => c.PayloadJson, "{}").SetProperty(c => c.ContentDigest, Rehashed("{}")), Rehashed("{}"));
        await world.ChangeAsync(db => db.GovernanceChanges.ExecuteUpdateAsync(s => s.SetProperty(c => c.ProposedBy, "ben")));
        Assert.Equal(
            "stale-digest",
            (
                await Assert.ThrowsAsync<ConflictException>(() =>
                    world.Changes.ApproveAsync(World.As("ada"), change, row.ContentDigest, "", default)
                )
            ).Code
        );
        Assert.Equal(0, world.Effect.Applied);

        async Task StaleAsync(Action<Microsoft.EntityFrameworkCore.Query.UpdateSettersBuilder<GovernanceChange>> set, string? digest = null)
        {
            await world.ChangeAsync(db => db.GovernanceChanges.ExecuteUpdateAsync(set));
            Assert.Equal(
                "stale-digest",
                (
                    await Assert.ThrowsAsync<ConflictException>(() =>
                        world.Changes.ApproveAsync(World.As("ben"), change, digest ?? row.ContentDigest, "", default)
                    )
                ).Code
            );
            await world.ChangeAsync(db =>
                db.GovernanceChanges.ExecuteUpdateAsync(s =>
                    s.SetProperty(c => c.PayloadJson, row.PayloadJson)
                        .SetProperty(c => c.ContentDigest, row.ContentDigest)
                        .SetProperty(c => c.VaultVersion, row.VaultVersion)
                )
            );
        }

        string Rehashed(string payload) =>
            ChangeContent.DigestOf(
                new GovernanceChange
                {
                    Kind = row.Kind,
                    TargetId = row.TargetId,
                    TargetName = row.TargetName,
                    Summary = row.Summary,
                    BeforeJson = row.BeforeJson,
                    AfterJson = row.AfterJson,
                    PayloadJson = payload,
                    VaultName = row.VaultName,
                    VaultVersion = row.VaultVersion,
                    ContentDigest = "",
                    Seal = "",
                    ProposedBy = "",
                    ProposedAt = row.ProposedAt,
                    ExpiresAt = row.ExpiresAt,
                }
            );
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Dropped_RejectedTakenBackOrExpired_LeavesNothingUsableInTheVault(string provider)
    {
        using var world = await World.TwoAsync(await TestDatabase.CreateAsync(provider, server));
        var (rejected, cancelled, late) = (
            (await world.SubmitAsync("ada", "one")).Id,
            (await world.SubmitAsync("ada", "two")).Id,
            (await world.SubmitAsync("ada", "three")).Id
        );
        var digest = (await world.RowAsync(rejected)).ContentDigest;
        await Assert.ThrowsAsync<InvalidInputException>(() => world.Changes.RejectAsync(World.As("ben"), rejected, digest, " ", default));
        await world.Changes.RejectAsync(World.As("ben"), rejected, digest, "not ours", default);

        // The vault does not answer: the next tidying takes it out of use.
        world.Vault.IsDown = true;
        await world.Changes.CancelAsync(World.As("ada"), cancelled, "", default);
        world.Vault.IsDown = false;
        Assert.Equal(["one"], world.Vault.Disabled);
        Assert.Equal(0, await world.Changes.TidyAsync(default));
        Assert.Equal(["one", "two"], world.Vault.Disabled);

        world.Clock.Advance(TimeSpan.FromDays(ChangeProposals.DaysOpen + 1));
        Assert.Equal(
            "expired",
            (
                await Assert.ThrowsAsync<ConflictException>(async () =>
                    await world.Changes.ApproveAsync(World.As("ben"), late, (await world.RowAsync(late)).ContentDigest, "", default)
                )
            ).Code
        );
        Assert.Equal(1, await world.Changes.TidyAsync(default));
        Assert.Equal(["one", "two", "three"], world.Vault.Disabled);
        Assert.Equal(GovernanceState.Expired, (await world.RowAsync(late)).State);
        Assert.Equal(0, await world.Changes.TidyAsync(default));
        Assert.Equal(0, world.Effect.Applied);
    }

    private sealed class World : IDisposable
    {
        private World(TestDatabase database)
        {
            Database = database;
            Changes = new ChangeService(database.Work, database.Content, [Effect], Vault, database.Trail, new LiveUpdates(), Clock);
            Proposals = new ChangeProposals(database.Work, database.Bootstrap, database.Content, database.Trail, new LiveUpdates(), Clock);
        }

        public TestDatabase Database { get; }

        public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow);

        public CountingEffect Effect { get; } = new();

        public ListingVault Vault { get; } = new();

        public ChangeService Changes { get; }

        private ChangeProposals Proposals { get; }

        public static Caller As(string person) => new(person, "", "test");

        public static async Task<World> CreateAsync(TestDatabase database)
        {
            await database.Work.AddAsync(
                new Person
                {
                    Id = "ada",
                    DisplayName = "Ada",
                    IsAdministrator = true,
                },
                new Person
                {
                    Id = "ben",
                    DisplayName = "Ben",
                    IsAdministrator = true,
                },
                new Person { Id = "lead", DisplayName = "Lead" },
                new Person
                {
                    Id = "auditor",
                    DisplayName = "Aud",
                    IsAuditor = true,
                }
            );
            return new World(database);
        }

        public static async Task<World> TwoAsync(TestDatabase database)
        {
            var world = await CreateAsync(database);
            await world.SeenAsync("ada", "ben");
            return world;
        }

        public async Task SeenAsync(params string[] people)
        {
            foreach (var person in people)
            {
                await Database.Bootstrap.SeenAsync(As(person), default);
            }
        }

        public Task<ChangeOutcome> SubmitAsync(string person, string target = "target") =>
            Proposals.SubmitAsync(
                As(person),
                new ChangeDraft(
                    target,
                    target,
                    $"change {target}",
                    new Dictionary<string, string>(),
                    new Dictionary<string, string> { ["Server"] = "https://real" },
                    new { server = "https://real" }
                )
                {
                    VaultName = target,
                    VaultVersion = "1",
                },
                Effect,
                default
            );

        public Task ChangeAsync(Func<PortalDbContext, Task> change) => Database.Work.WriteAsync(change, default);

        public Task<GovernanceChange> RowAsync(Guid id) =>
            Database.Work.ReadAsync(db => db.GovernanceChanges.FirstAsync(c => c.Id == id), default);

        public Task<List<string>> ActionsAsync() =>
            Database.Work.ReadAsync(db => db.AuditEvents.OrderBy(e => e.Index).Select(e => e.Action).ToListAsync(), default);

        public void Dispose() => Database.Dispose();
    }

    private sealed class CountingEffect : IChangeEffect
    {
        public GovernanceKind Kind => GovernanceKind.Cluster;

        public int Applied { get; private set; }

        public int Followed { get; private set; }

        public bool Refuses { get; set; }

        public Task ApplyAsync(PortalDbContext db, Caller caller, GovernanceChange change, CancellationToken cancellationToken)
        {
            Applied += Refuses ? 0 : 1;
            return Refuses ? throw new ConflictException("not-right", "It is not right any more.") : Task.CompletedTask;
        }

        public Task AppliedAsync(GovernanceChange change, CancellationToken cancellationToken)
        {
            Followed++;
            return Task.CompletedTask;
        }
    }

    private sealed class ListingVault : ISecretWriter
    {
        public List<string> Disabled { get; } = [];

        public bool IsDown { get; set; }

        public string NameFor(string team, string name) => name;

        public Task<string> SetAsync(string name, SecretValue value, SecretAttributes attributes, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task DisableAsync(string name, string version, CancellationToken cancellationToken)
        {
            if (IsDown)
            {
                throw new VaultException(VaultFailure.Unavailable, "The vault does not answer.");
            }

            Disabled.Add(name);
            return Task.CompletedTask;
        }

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
