using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Portkey.Portal.Data.Tests.UseCases.Credentials;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Portkey.Portal.Provisioning.Engine.Schedules;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.Engine.KeyIssuing;

/// <summary>What is due by policy: begun in its window, put off when it fails, told of where nothing can make it; and whose decision lets
/// it go ahead.</summary>
public sealed class ScheduleTests(PostgreSqlServer server)
{
    // Thursday noon is the world's now.
    [Theory]
    [InlineData("", "2026-11-26T12:00", "2026-11-27T12:00")]
    [InlineData("Thu 11:00-13:00", "2026-11-26T12:00", "2026-12-03T11:00")]
    [InlineData("11:00-13:00", "2026-11-26T12:00", "2026-11-27T11:00")]
    [InlineData("Thu 11:00-13:00;Fri 02:00-03:00", "2026-11-26T12:00", "2026-11-27T02:00")]
    public void AgainAfter_AFailure_IsTheNextWindowOrDay(string window, string failed, string again) =>
        Assert.Equal(Utc(again), ScheduledRotations.AgainAfter(Utc(failed), window));

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Run_ProviderThatFails_IsAFinding_AndRestsUntilTheNextDay(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await DueAsync(database);
        world.Provider.PlansNot = new IssueException("redis-admin-refused", "Redis does not let the portal in.");
        var schedule = Schedule(world);

        Assert.Equal(0, await schedule.RunAsync(CancellationToken.None));
        var finding = Assert.Single(await world.Credentials.FindingsAsync(world.Environment));
        Assert.Equal((RotationFindings.Due, Severity.Warning), (finding.Kind, finding.Severity));
        Assert.Contains(
            "Redis does not let the portal in. It will be tried again from 2026-11-27 12:00 UTC.",
            finding.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(CredentialWorld.Now.AddDays(1), (await world.StateAsync()).NotBefore);

        // Not before; and what would have worked meanwhile is not tried.
        world.Provider.PlansNot = null;
        await schedule.RunAsync(CancellationToken.None);
        Assert.Equal("v1 Current", await world.VersionsAsync());
        await PoliciesOf(world)
            .SetAsync(
                CredentialWorld.As("lead"),
                world.Reference.Id,
                new CredentialPolicy(null, 400, null, "", false),
                CancellationToken.None
            );
        Assert.All(await world.Credentials.FindingsAsync(world.Environment), f => Assert.NotNull(f.ResolvedAt));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Run_SharedAndDueWithoutProvider_IsToldOnceOnEveryEnvironmentThatUsesIt(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await KeyIssuingWorld.CreateAsync(database);
        var other = await world.Credentials.EnvironmentAsync("refunds");
        var shared = await world.Credentials.SharedAsync("redis", "REDIS_URL", world.Environment, other);
        await database.Work.WriteAsync(
            async db => (await db.SecretReferences.AsTracking().FirstAsync(r => r.Id == shared.Id)).DueAt = CredentialWorld.Now.AddDays(-1),
            CancellationToken.None
        );

        await Schedule(world).RunAsync(CancellationToken.None);
        await Schedule(world).RunAsync(CancellationToken.None);

        foreach (var environment in new[] { world.Environment, other })
        {
            Assert.StartsWith(
                "REDIS_URL has been due by its policy",
                Assert.Single(await world.Credentials.FindingsAsync(environment)).Message,
                StringComparison.Ordinal
            );
        }
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Run_ClosedWindow_OrEnvironmentAtWork_BeginsNothing(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await DueAsync(database);
        world.Provider.PlansNot = new IssueException("never", "It must not be asked.");
        await world.SetAsync(r => r.Window = "Fri 02:00-03:00");
        await Schedule(world).RunAsync(CancellationToken.None);
        await world.SetAsync(r => r.Window = "");
        await database.Work.WriteAsync(
            async db =>
                (await db.Environments.AsTracking().FirstAsync(e => e.Id == world.Environment.Id)).MoveTo(EnvironmentState.Changing),
            CancellationToken.None
        );
        await Schedule(world).RunAsync(CancellationToken.None);
        Assert.Empty(await world.Credentials.FindingsAsync(world.Environment));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Run_DueWithoutProvider_IsToldOnceAndTakenAwayByTheNewVersion(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await DueAsync(database);
        await world.SetAsync(r => r.Provider = "");
        for (var i = 0; i < 3; i++)
        {
            await Schedule(world).RunAsync(CancellationToken.None);
        }

        var finding = Assert.Single(await world.Credentials.FindingsAsync(world.Environment));
        Assert.StartsWith("REDIS_PASSWORD has been due by its policy since 2026-11-21", finding.Message, StringComparison.Ordinal);
        await database.Work.WriteAsync(
            async db =>
                await CredentialExpiry.BecameCurrentAsync(
                    db,
                    await db.SecretReferences.AsTracking().FirstAsync(r => r.Id == world.Reference.Id),
                    CredentialWorld.Version(world.Reference, 2),
                    CredentialWorld.Now,
                    CancellationToken.None
                ),
            CancellationToken.None
        );
        Assert.NotNull(Assert.Single(await world.Credentials.FindingsAsync(world.Environment)).ResolvedAt);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Policy_Unattended_IsForAdministrators_AndWritesDownWho(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await DueAsync(database);
        var policy = new CredentialPolicy(null, 5, null, "", true);

        var problem = await Assert.ThrowsAsync<InvalidInputException>(() =>
            PoliciesOf(world).SetAsync(CredentialWorld.As("lead"), world.Reference.Id, policy, CancellationToken.None)
        );
        Assert.Equal("unattended", Assert.Single(problem.Problems).Field);
        await PoliciesOf(world).SetAsync(CredentialWorld.As("admin"), world.Reference.Id, policy, CancellationToken.None);
        Assert.Equal(
            ("admin", CredentialWorld.Now),
            ((await world.StateAsync()).UnattendedBy, (await world.StateAsync()).UnattendedAt!.Value)
        );

        // Another administrator answers for it by saying the same again; whoever may not have it so may end it.
        await database.Work.AddAsync(
            new Person
            {
                Id = "admin-2",
                DisplayName = "Second",
                IsAdministrator = true,
            }
        );
        await PoliciesOf(world).SetAsync(CredentialWorld.As("admin-2"), world.Reference.Id, policy, CancellationToken.None);
        Assert.Equal("admin-2", (await world.StateAsync()).UnattendedBy);
        await PoliciesOf(world)
            .SetAsync(CredentialWorld.As("lead"), world.Reference.Id, policy with { Unattended = false }, CancellationToken.None);
        Assert.Null((await world.StateAsync()).UnattendedBy);
        await world.SetAsync(r => r.Provider = ProviderNames.Random);
        await Assert.ThrowsAsync<InvalidInputException>(() =>
            PoliciesOf(world).SetAsync(CredentialWorld.As("admin"), world.Reference.Id, policy, CancellationToken.None)
        );
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task StandingApproval_CoversThatSecretAlone_WhileWhoDecidedIsAnAdministrator(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await DueAsync(database);
        await PoliciesOf(world)
            .SetAsync(
                CredentialWorld.As("admin"),
                world.Reference.Id,
                new CredentialPolicy(null, 5, null, "", true),
                CancellationToken.None
            );
        var chart = new ChartVersion
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
        await database.Work.AddAsync(chart);
        var other = await world.Credentials.CredentialAsync(world.Environment, "REDIS_URL");
        await database.Work.WriteAsync(
            async db =>
            {
                var environment = await db.Environments.AsTracking().FirstAsync(e => e.Id == world.Environment.Id);
                (environment.ApprovedRevision, environment.AppliedRevision) = (1, 1);
                db.Revisions.Add(Revision(world, chart, [TestRows.Approved(world.Reference, 1), TestRows.Approved(other, 1)]));
                db.SecretVersions.AddRange(
                    CredentialWorld.Version(world.Reference, 2),
                    CredentialWorld.Version(world.Reference, 3),
                    CredentialWorld.Version(other, 2)
                );
            },
            CancellationToken.None
        );
        await database.Work.WriteAsync(
            db =>
                db.SecretVersions.Where(v => v.SecretReferenceId == world.Reference.Id && v.Number == 2)
                    .ExecuteUpdateAsync(s => s.SetProperty(v => v.ProviderMark, "mark")),
            CancellationToken.None
        );

        Assert.Equal("admin", (await FindAsync(Request(Pins(2)))).By?.PersonId);
        Assert.Contains(
            "more than this secret",
            (await FindAsync(Request(Pins(2), spec: "{\"edition\":\"oss\"}"))).WhyNot,
            StringComparison.Ordinal
        );
        Assert.Contains("more than this secret", (await FindAsync(Request(Pins(2, others: 2)))).WhyNot, StringComparison.Ordinal);
        Assert.NotEmpty((await FindAsync(Request(Pins(2), by: "lead"))).WhyNot);

        // A value that a person stored, and one that the vault has under another version than the provider stored.
        Assert.Contains("did not make version v3", (await FindAsync(Request(Pins(3)))).WhyNot, StringComparison.Ordinal);
        Assert.Contains(
            "did not make version v2",
            (await FindAsync(Request(Pins(2, vaultVersion: "theirs")))).WhyNot,
            StringComparison.Ordinal
        );
        await world.SetAsync(r => r.Window = "Fri 02:00-03:00");
        Assert.Contains("window", (await FindAsync(Request(Pins(2)))).WhyNot, StringComparison.Ordinal);
        await world.SetAsync(r => r.Window = "");
        foreach (var demote in new Action<Person>[] { p => p.IsEnabled = false, p => (p.IsEnabled, p.IsAdministrator) = (true, false) })
        {
            await database.Work.WriteAsync(
                async db => demote(await db.People.AsTracking().FirstAsync(p => p.Id == "admin")),
                CancellationToken.None
            );
            Assert.Contains("no longer an administrator", (await FindAsync(Request(Pins(2)))).WhyNot, StringComparison.Ordinal);
        }

        await world.SetAsync(r => r.IsUnattended = false);
        Assert.NotEmpty((await FindAsync(Request(Pins(2)))).WhyNot);

        Task<(StandingApproval? By, string WhyNot)> FindAsync(ChangeRequest request) =>
            database.Work.ReadAsync(
                db => StandingApproval.FindAsync(db, request, world.Reference.Id, CredentialWorld.Now, CancellationToken.None),
                CancellationToken.None
            );

        RequestSecret[] Pins(int number, int others = 1, string? vaultVersion = null) =>
            [TestRows.Asked(world.Reference, number, vaultVersion), TestRows.Asked(other, others)];

        ChangeRequest Request(RequestSecret[] pins, string spec = "{}", string by = "system") =>
            new()
            {
                Kind = RequestKind.Rotate,
                TeamId = world.Environment.TeamId,
                EnvironmentId = world.Environment.Id,
                EnvironmentName = "checkout",
                ClusterId = world.Environment.ClusterId,
                Namespace = "n",
                BaseRevision = 1,
                Content = TestRows.Content(chart, "sha256:0", spec),
                Secrets = pins,
                FindingsJson = "[]",
                PolicyJson = "{}",
                Reason = "",
                RequestedBy = by,
                RequestedAt = CredentialWorld.Now,
            };
    }

    private static Revision Revision(KeyIssuingWorld world, ChartVersion chart, RevisionSecret[] pins) =>
        new()
        {
            EnvironmentId = world.Environment.Id,
            Number = 1,
            ChangeRequestId = Guid.NewGuid(),
            Kind = RequestKind.Create,
            Content = TestRows.Content(chart, "sha256:0"),
            Secrets = pins,
            CreatedAt = CredentialWorld.Now,
            CreatedBy = "lead",
        };

    // In use for ten days, and to be replaced after five.
    private static async Task<KeyIssuingWorld> DueAsync(TestDatabase database)
    {
        var world = await KeyIssuingWorld.CreateAsync(database);
        await database.Work.WriteAsync(
            async db =>
            {
                var environment = await db.Environments.AsTracking().FirstAsync(e => e.Id == world.Environment.Id);
                environment.MoveTo(EnvironmentState.Ready);
                environment.AppliedRevision = environment.ApprovedRevision = 1;
            },
            CancellationToken.None
        );
        await world.SetAsync(r => (r.RotateEveryDays, r.DueAt) = (5, CredentialWorld.Now.AddDays(-5)));
        return world;
    }

    private static ScheduledRotations Schedule(KeyIssuingWorld world) =>
        new(
            world.Database.Work,
            world.KeyIssuance,
            null!,
            null!,
            null!,
            new LiveUpdates(),
            world.Clock,
            NullLogger<ScheduledRotations>.Instance
        );

    private static CredentialPolicies PoliciesOf(KeyIssuingWorld world) =>
        new(world.Database.Work, world.Database.Proposals, world.Database.Trail, new LiveUpdates(), world.Clock);

    private static DateTime Utc(string text) =>
        DateTime.Parse(
            text,
            System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.AssumeUniversal | System.Globalization.DateTimeStyles.AdjustToUniversal
        );
}
