using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Portkey.Portal.Data.Tests.UseCases.Credentials;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.Engine.KeyIssuing;

/// <summary>A new value is made once, written down before, and stored or taken back, whatever happens in between.</summary>
public sealed class KeyIssuanceTests(PostgreSqlServer server)
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Issue_Twice_StoresAVersionAndTakesBackTheOneThatWasNeverUsed(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await KeyIssuingWorld.CreateAsync(database);

        Assert.Equal(2, await world.IssueAsync());
        Assert.Equal(["first", "made-1"], world.Provider.Valid.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(3, await world.IssueAsync());

        Assert.Equal("v1 Current, v2 Disabled, v3 Pending", await world.VersionsAsync());
        Assert.Equal(["first", "made-2"], world.Provider.Valid.Keys.Order(StringComparer.Ordinal));
        var state = await world.StateAsync();
        Assert.Empty(state.Open);
        Assert.Null(state.Lease);
        Assert.Equal("made-2", state.Issued[3]);
        var events = await world.Credentials.EventsAsync("secret.issued");
        Assert.Equal(2, events.Count);
        Assert.All(events, e => Assert.Equal(("lead", world.Environment.Id), (e.Actor, e.EnvironmentId)));
        Assert.All(events, e => Assert.DoesNotContain("made-", e.AfterJson, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Issue_VaultThatRefuses_TakesBackAtOnce(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await KeyIssuingWorld.CreateAsync(database);
        world.Vault.Refuses = true;

        Assert.Equal("vault-forbidden", (await Assert.ThrowsAsync<IssueException>(world.IssueAsync)).Code);

        Assert.Equal(["first"], world.Provider.Valid.Keys);
        Assert.Equal("v1 Current", await world.VersionsAsync());
        var state = await world.StateAsync();
        Assert.Empty(state.Open);
        Assert.Null(state.Lease);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Issue_WorkerThatDies_LeavesAMark_AndTheNextTakesBackFirst(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await KeyIssuingWorld.CreateAsync(database);
        world.Provider.FailsAfter = new NotSupportedException();
        await Assert.ThrowsAsync<NotSupportedException>(world.IssueAsync);
        Assert.Equal(["made-1"], (await world.StateAsync()).Open);
        Assert.True(world.Provider.Valid.ContainsKey("made-1"));

        // One that died holds its right until it runs out.
        await world.TakeAsync("dead", TimeSpan.FromMinutes(3));
        world.Provider.FailsAfter = null;
        Assert.Equal("issuing", (await Assert.ThrowsAsync<IssueException>(world.IssueAsync)).Code);
        world.Clock.Advance(TimeSpan.FromDays(1)); // the process's clock says nothing of it
        Assert.Equal("issuing", (await Assert.ThrowsAsync<IssueException>(world.IssueAsync)).Code);
        await world.EndLeaseAsync();
        Assert.Equal(2, await world.IssueAsync());

        Assert.Equal(["first", "made-2"], world.Provider.Valid.Keys.Order(StringComparer.Ordinal));
        Assert.Empty((await world.StateAsync()).Open);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Issue_ManyAtOnce_OneIsAtItAtATime(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await KeyIssuingWorld.CreateAsync(database);

        var numbers = await Task.WhenAll(
            Enumerable
                .Range(0, 6)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        try
                        {
                            return await world.IssueAsync();
                        }
                        catch (IssueException problem) when (problem.Code == "issuing")
                        {
                            return 0;
                        }
                    })
                )
        );

        var made = numbers.Where(n => n > 0).ToList();
        Assert.NotEmpty(made);
        Assert.Equal(made.Count, made.Distinct().Count());
        Assert.Equal(2, world.Provider.Valid.Count); // the one in use and the last
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Issue_RotationThatWaits_IsRefused_AndNothingIsTakenBack(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await KeyIssuingWorld.CreateAsync(database);
        await world.IssueAsync();
        var made = (await world.ReadAsync()).Versions.Single(v => v.Number == 2);
        await database.Work.AddAsync(ChartRow, Request(world, TestRows.Asked(world.Reference, 2, made.VaultVersion)));

        Assert.Equal("rotation-open", (await Assert.ThrowsAsync<IssueException>(world.IssueAsync)).Code);
        Assert.True(world.Provider.Valid.ContainsKey("made-1"));
        Assert.Equal("v1 Current, v2 Pending", await world.VersionsAsync());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Revocations_Proven_TakesTheOldOneBack_AndAFailureIsAFindingThatTheNextIssueMends(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await KeyIssuingWorld.CreateAsync(database);
        await world.IssueAsync();
        var reference = await world.ReadAsync();
        var (old, made) = (reference.Versions.Single(v => v.Number == 1), reference.Versions.Single(v => v.Number == 2));
        var revocations = new Revocations(database.Work, world.Vault, [world.Provider], world.Clock, NullLogger<Revocations>.Instance);

        world.Provider.KeepsWith = new IssueException("redis-unreachable", "Redis cannot be reached.");
        var (_, severity) = await revocations.TakeBackAsync(reference, made, CancellationToken.None);
        Assert.Equal(Severity.Warning, severity);
        Assert.Equal(["made-1"], (await world.StateAsync()).Open);
        Assert.StartsWith(
            "REDIS_PASSWORD v2 is not used any more, but still valid",
            Assert.Single(await world.Credentials.FindingsAsync(world.Environment)).Message,
            StringComparison.Ordinal
        );

        world.Provider.KeepsWith = null;
        Assert.Equal(3, await world.IssueAsync());
        Assert.Equal(["first", "made-2"], world.Provider.Valid.Keys.Order(StringComparer.Ordinal));
        Assert.All(await world.Credentials.FindingsAsync(world.Environment), f => Assert.NotNull(f.ResolvedAt));

        reference = await world.ReadAsync();
        made = reference.Versions.Single(v => v.Number == 3);
        Assert.Equal(
            ("It is removed.", Severity.Info),
            await revocations.RetireAsync(reference, old, made.VaultVersion, CancellationToken.None)
        );
        Assert.Equal(["made-2"], world.Provider.Valid.Keys);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Desk_Wish_IsARowThatAWorkerFulfils_AndAPolicyOfThatMomentKeepsIt(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await KeyIssuingWorld.CreateAsync(database);
        var issuing = new IssueRequests(database.Work, new IssueSignal(), new LiveUpdates(), TimeProvider.System)
        {
            Patience = TimeSpan.Zero,
        };
        var dispatcher = new IssueDispatcher(
            database.Work,
            world.KeyIssuance,
            new IssueSignal(),
            new LiveUpdates(),
            TimeProvider.System,
            NullLogger<IssueDispatcher>.Instance
        );

        await Assert.ThrowsAsync<ForbiddenException>(() =>
            issuing.IssueAsync(CredentialWorld.As("auditor"), world.Reference.Id, CancellationToken.None)
        );
        await Assert.ThrowsAsync<NotFoundException>(() =>
            issuing.IssueAsync(CredentialWorld.As("other"), world.Reference.Id, CancellationToken.None)
        );
        Assert.True((await issuing.IssueAsync(CredentialWorld.As("lead"), world.Reference.Id, CancellationToken.None)).UnderWay);
        // waits for the same one
        Assert.True((await issuing.IssueAsync(CredentialWorld.As("lead"), world.Reference.Id, CancellationToken.None)).UnderWay);
        await new CredentialPolicies(database.Work, database.Proposals, database.Trail, new LiveUpdates(), world.Clock).SetAsync(
            CredentialWorld.As("lead"),
            world.Reference.Id,
            new CredentialPolicy(null, 90, null, "", false),
            CancellationToken.None
        );
        Assert.NotNull((await world.StateAsync()).Wanted);

        Assert.Equal(1, await dispatcher.RunAsync(CancellationToken.None));
        Assert.Equal(0, await dispatcher.RunAsync(CancellationToken.None));
        var (state, reference) = (await world.StateAsync(), await world.ReadAsync());
        Assert.Equal((2, ""), (state.Last!.Number, state.Last.Code));
        Assert.Equal(reference.LastRotatedAt!.Value.AddDays(90), reference.DueAt);

        world.Provider.PlansNot = new IssueException("redis-admin-refused", "Redis does not let the portal in.");
        Assert.True((await issuing.IssueAsync(CredentialWorld.As("lead"), world.Reference.Id, CancellationToken.None)).UnderWay);
        await dispatcher.RunAsync(CancellationToken.None);
        Assert.Equal("redis-admin-refused", (await world.StateAsync()).Last!.Code);
        Assert.Null((await world.StateAsync()).Wanted);
    }

    private static ChartVersion ChartRow { get; } =
        new()
        {
            Source = ChartSource.Directory,
            Location = "gateway",
            Name = "gateway",
            Version = "1.0.0",
            Edition = Edition.Oss,
            AppVersion = "1",
            ImageTag = "1",
            Digest = "sha256:0",
            RegisteredBy = "admin",
            RegisteredAt = CredentialWorld.Now,
        };

    private static ChangeRequest Request(KeyIssuingWorld world, RequestSecret pin) =>
        new()
        {
            Kind = RequestKind.Rotate,
            TeamId = world.Environment.TeamId,
            EnvironmentId = world.Environment.Id,
            EnvironmentName = world.Environment.Name,
            ClusterId = world.Environment.ClusterId,
            Namespace = world.Environment.Namespace,
            BaseRevision = 1,
            Content = TestRows.Content(ChartRow, "sha256:0"),
            Secrets = [pin],
            FindingsJson = "[]",
            PolicyJson = "{}",
            Reason = "",
            RequestedBy = "lead",
            RequestedAt = CredentialWorld.Now,
        };
}
