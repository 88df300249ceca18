using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Portkey.Portal.Provisioning.UseCases.Approvals;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Rotations;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.UseCases.Credentials;

/// <summary>An approved rotation goes on from what the rows say, whoever looks at them and however often.</summary>
public sealed class SharedRotationTests(PostgreSqlServer server)
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Advance_WaveByWave_StartsTheNextOnlyWhenAllBeforeAreThrough_AndDisablesAtTheEnd(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await RotationRows.CreateAsync(database, environments: 4, waveSize: 2);

        await world.AdvanceAsync();
        await world.AdvanceAsync(); // again, as another worker would
        Assert.Equal("Approved, Pending, Pending, Pending", await world.StatesAsync());
        await world.EndAsync(0, RequestState.Applied);
        await world.AdvanceAsync();
        Assert.Equal("Applied, Approved, Approved, Pending", await world.StatesAsync());
        await world.EndAsync(1, RequestState.Applied);
        await world.AdvanceAsync();
        Assert.Equal("Applied, Applied, Approved, Pending", await world.StatesAsync());
        await world.EndAsync(2, RequestState.Applied);
        await world.AdvanceAsync();
        await world.EndAsync(3, RequestState.Applied);
        Assert.Empty(world.Vault.Disabled);
        await world.AdvanceAsync();
        await world.AdvanceAsync();

        Assert.Equal(["shared-redis/1"], world.Vault.Disabled);
        Assert.Equal((RotationState.Succeeded, "1 Disabled, 2 Current"), await world.EndStateAsync());
        Assert.Single(await world.Credentials.EventsAsync("rotation.succeeded"));
        Assert.Equal(4, await world.OperationsAsync());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Advance_OneFailed_WaitsForItsWave_TouchesNothingAfterIt_AndDisablesNothing(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await RotationRows.CreateAsync(database, environments: 4, waveSize: 2);
        await world.AdvanceAsync();
        await world.EndAsync(0, RequestState.Applied);
        await world.AdvanceAsync();
        await world.EndAsync(1, RequestState.Failed);
        await world.AdvanceAsync();
        Assert.Equal(RotationState.Running, (await world.EndStateAsync()).State);
        await world.EndAsync(2, RequestState.Applied);
        await world.AdvanceAsync();

        Assert.Equal("Applied, Failed, Applied, Cancelled", await world.StatesAsync());
        Assert.Equal((RotationState.Failed, "1 Current, 2 Pending"), await world.EndStateAsync());
        Assert.Empty(world.Vault.Disabled);
        var said = Assert.Single(await world.Credentials.EventsAsync("rotation.failed")).Reason;
        Assert.Contains("2 of 4 environments use v2", said, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Advance_VaultThatDoesNotAnswer_TriesAgain_AndOneThatRefusesEndsIt(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await RotationRows.CreateAsync(database, environments: 1, waveSize: 2);
        await world.AdvanceAsync();
        await world.EndAsync(0, RequestState.Applied);
        world.Vault.Failure = VaultFailure.Unavailable;
        await world.AdvanceAsync();
        Assert.Equal((RotationState.Running, "1 Current, 2 Pending"), await world.EndStateAsync());

        world.Vault.Failure = VaultFailure.Forbidden;
        await world.AdvanceAsync();
        Assert.Equal((RotationState.Failed, "1 Current, 2 Pending"), await world.EndStateAsync());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Advance_AnEnvironmentThatStillNamesTheOldVersion_KeepsItEnabled(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await RotationRows.CreateAsync(database, environments: 2, waveSize: 2);
        await world.AdvanceAsync();
        await world.EndAsync(0, RequestState.Applied);
        await world.AdvanceAsync();
        await world.EndAsync(1, RequestState.Applied, moves: false); // as if what runs there were the revision of before
        await world.AdvanceAsync();

        Assert.Empty(world.Vault.Disabled);
        Assert.Equal(RotationState.Failed, (await world.EndStateAsync()).State);
        Assert.Contains(
            "env-1 would still use an older version",
            Assert.Single(await world.Credentials.EventsAsync("rotation.failed")).Reason,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Advance_MemberChangedInTheDatabaseAfterTheApproval_StopsTheRotation_WithAFinding(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await RotationRows.CreateAsync(database, environments: 2, waveSize: 2);
        await world.AdvanceAsync();
        await world.EndAsync(0, RequestState.Applied);
        await world.TamperAsync(1);
        await world.AdvanceAsync();

        Assert.Equal("Applied, Cancelled", await world.StatesAsync());
        Assert.Equal(RotationState.Failed, (await world.EndStateAsync()).State);
        Assert.Equal(1, await world.OperationsAsync());
        Assert.Contains(
            "not what was approved",
            Assert.Single(await world.Credentials.EventsAsync("rotation.failed")).Reason,
            StringComparison.Ordinal
        );
        Assert.Equal(ApprovedContent.FindingKind, Assert.Single(await world.FindingsAsync(1)).Kind);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Approve_OfAMemberAlone_IsRefused(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await RotationRows.CreateAsync(database, environments: 2, waveSize: 2);
        var refused = await Assert.ThrowsAsync<ConflictException>(() => world.ApproveAloneAsync(1));
        Assert.Equal("part-of-rotation", refused.Code);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Plan_ShowsWavesThoseWhoAreThroughAndWhatStandsInTheWay(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await RotationRows.CreateAsync(database, environments: 3, waveSize: 2, state: RotationState.Failed);
        await world.EndAsync(0, RequestState.Approved);
        await world.EndAsync(0, RequestState.Applied);
        var plan = await world.PlanAsync();

        Assert.Equal(["env-0"], plan.Already);
        Assert.Equal(
            [
                ["env-1"],
                ["env-2"],
            ],
            plan.Waves.Select(w => w.Select(e => e.Name))
        );
        Assert.All(plan.Blockers, b => Assert.Contains("waits for a decision", b.Message, StringComparison.Ordinal));
        Assert.Equal(2, plan.Blockers.Count);
    }
}

/// <summary>A rotation of one shared credential over environments of one team, as its approval leaves it.</summary>
internal sealed class RotationRows
{
    private readonly List<GatewayEnvironment> environments = [];
    private readonly List<ChangeRequest> requests = [];
    private Rotation rotation = null!;
    private SecretReference reference = null!;
    private Decisions decisions = null!;
    private RotationRunner runner = null!;

    private RotationRows(CredentialWorld credentials) => Credentials = credentials;

    public CredentialWorld Credentials { get; }

    public FakeVaultListing Vault { get; } = new();

    private UnitOfWork Work => Credentials.Database.Work;

    public static async Task<RotationRows> CreateAsync(
        TestDatabase database,
        int environments,
        int waveSize,
        RotationState state = RotationState.Running
    )
    {
        var world = new RotationRows(await CredentialWorld.CreateAsync(database));
        var chart = new ChartVersion
        {
            Edition = Edition.Enterprise,
            Name = "gateway",
            Version = "1.7.7",
            AppVersion = "1",
            Source = ChartSource.Directory,
            Location = "/nowhere",
            Digest = "sha256:c",
            ImageTag = "1",
            RegisteredAt = CredentialWorld.Now,
            RegisteredBy = "admin",
        };
        await world.Work.AddAsync(chart);
        for (var i = 0; i < environments; i++)
        {
            world.environments.Add(TestRows.Environment(world.Credentials.Payments, world.Credentials.Cluster, $"env-{i}"));
        }

        await world.Work.AddAsync([.. world.environments]);
        world.reference = await world.Credentials.SharedAsync("redis", "REDIS_URL", [.. world.environments]);
        await world.Work.AddAsync(CredentialWorld.Version(world.reference, 2, SecretVersionState.Pending));
        foreach (var environment in world.environments)
        {
            await world.Work.WriteAsync(
                async db =>
                {
                    var e = await db.Environments.AsTracking().FirstAsync(x => x.Id == environment.Id);
                    (e.ApprovedRevision, e.AppliedRevision) = (1, 1);
                    e.MoveTo(EnvironmentState.Ready);
                    db.Revisions.Add(world.Revision(environment, chart, 1, 1));
                },
                CancellationToken.None
            );
            var request = world.Request(environment, chart);
            world.requests.Add(request);
            await world.Work.AddAsync(request);
        }

        var members = world
            .requests.Index()
            .Select(r => (Wave: r.Index == 0 ? 0 : 1 + ((r.Index - 1) / waveSize), Request: r.Item))
            .ToList();
        world.rotation = new Rotation
        {
            SecretReferenceId = world.reference.Id,
            FromNumber = 1,
            ToNumber = 2,
            WaveSize = waveSize,
            Reason = "",
            RequestedBy = "lead",
            RequestedAt = CredentialWorld.Now,
            DecidedBy = "admin",
            State = state,
            ContentDigest = RotationPlans.DigestOf(
                world.reference.Id,
                1,
                2,
                waveSize,
                members.Select(m => (m.Wave, m.Request.EnvironmentId, m.Request.Content.Digest))
            ),
        };
        await world.Work.AddAsync([
            world.rotation,
            .. members.Select(m => new RotationMember
            {
                RotationId = world.rotation.Id,
                EnvironmentId = m.Request.EnvironmentId,
                Wave = m.Wave,
                ChangeRequestId = m.Request.Id,
            }),
        ]);
        await world.Work.WriteAsync(
            db =>
                database.Trail.AppendAsync(
                    db,
                    CredentialWorld.As("admin"),
                    new AuditEntry("rotation.approved", "rotation", world.rotation.Id.ToString(), "REDIS_URL of redis")
                    {
                        RequestDigest = world.rotation.ContentDigest,
                    },
                    CancellationToken.None
                ),
            CancellationToken.None
        );

        world.decisions = new Decisions(world.Work, database.Trail, new WorkSignal(), new LiveUpdates(), TimeProvider.System);
        world.runner = new RotationRunner(
            world.Work,
            world.decisions,
            new Revocations(world.Work, world.Vault, [], TimeProvider.System, NullLogger<Revocations>.Instance),
            world.Vault,
            database.Trail,
            new WorkSignal(),
            new LiveUpdates(),
            new Failpoints(Microsoft.Extensions.Options.Options.Create(new ProvisioningOptions())),
            TimeProvider.System,
            NullLogger<RotationRunner>.Instance
        );
        return world;
    }

    public Task AdvanceAsync() => runner.AdvanceAsync(rotation.Id, CancellationToken.None);

    public Task ApproveAloneAsync(int index) =>
        decisions.ApproveAsync(CredentialWorld.As("admin"), requests[index].Id, requests[index].Content.Digest, "", CancellationToken.None);

    public Task<RotationPlanView> PlanAsync() =>
        new RotationService(
            Work,
            null!,
            decisions,
            Credentials.Database.Trail,
            null!,
            null!,
            new LiveUpdates(),
            Microsoft.Extensions.Options.Options.Create(new Provisioning.Engine.Operations.RotationOptions()),
            TimeProvider.System
        ).PlanAsync(CredentialWorld.As("admin"), reference.Id, 2, CancellationToken.None);

    /// <summary>What the operation of one environment leaves behind.</summary>
    public Task EndAsync(int index, RequestState state, bool moves = true) =>
        Work.WriteAsync(
            async db =>
            {
                var request = await db.ChangeRequests.AsTracking().FirstAsync(r => r.Id == requests[index].Id);
                request.MoveTo(state);
                var environment = await db.Environments.AsTracking().FirstAsync(e => e.Id == request.EnvironmentId);
                environment.MoveTo(state == RequestState.Failed ? EnvironmentState.Failed : EnvironmentState.Ready);
                if (state == RequestState.Applied && moves)
                {
                    if (!await db.Revisions.AnyAsync(r => r.EnvironmentId == environment.Id && r.Number == 2))
                    {
                        db.Revisions.Add(
                            Revision(environment, await db.ChartVersions.FirstAsync(c => c.Id == request.Content.ChartVersionId), 2, 2)
                        );
                    }

                    environment.AppliedRevision = 2;
                }
            },
            CancellationToken.None
        );

    public async Task<string> StatesAsync() =>
        string.Join(
            ", ",
            await Work.ReadAsync(
                async db =>
                {
                    var states = await db.ChangeRequests.ToDictionaryAsync(r => r.Id, r => r.State);
                    return requests.Select(r => states[r.Id]).ToList();
                },
                CancellationToken.None
            )
        );

    public async Task<(RotationState State, string Versions)> EndStateAsync() =>
        await Work.ReadAsync(
            async db =>
                (
                    (await db.Rotations.FirstAsync(r => r.Id == rotation.Id)).State,
                    string.Join(
                        ", ",
                        (
                            await db.SecretVersions.Where(v => v.SecretReferenceId == reference.Id).OrderBy(v => v.Number).ToListAsync()
                        ).Select(v => $"{v.Number} {v.State}")
                    )
                ),
            CancellationToken.None
        );

    /// <summary>What an owner of the database can do: other content, and a digest that fits it.</summary>
    public Task TamperAsync(int index) =>
        Work.WriteAsync(
            async db =>
            {
                var request = await db
                    .ChangeRequests.WithSecrets()
                    .Include(r => r.Content.ChartVersion)
                    .FirstAsync(r => r.Id == requests[index].Id);
                var digest = ContentDigest.Of(Tampered(request));
                await db
                    .ChangeRequests.Where(r => r.Id == request.Id)
                    .ExecuteUpdateAsync(s =>
                        s.SetProperty(r => r.Content.ValuesYaml, "evil: true").SetProperty(r => r.Content.Digest, digest)
                    );
            },
            CancellationToken.None
        );

    public Task<List<Finding>> FindingsAsync(int index) =>
        Work.ReadAsync(
            db => db.Findings.Where(f => f.EnvironmentId == requests[index].EnvironmentId).ToListAsync(),
            CancellationToken.None
        );

    private static ApprovedContent Tampered(ChangeRequest r) =>
        new()
        {
            Kind = r.Kind,
            EnvironmentId = r.EnvironmentId,
            ClusterId = r.ClusterId,
            Namespace = r.Namespace,
            Release = "portkey-gateway",
            Profile = r.Content.Profile,
            BaseRevision = r.BaseRevision,
            SpecJson = r.Content.SpecJson,
            ChartDigest = r.Content.ChartVersion!.Digest,
            ValuesYaml = "evil: true",
            ManifestYaml = r.Content.ManifestYaml,
            SecretVersionsJson = SecretPins.Write(r.Secrets),
        };

    public Task<int> OperationsAsync() => Work.ReadAsync(db => db.Operations.CountAsync(), CancellationToken.None);

    private string Pins(int number) =>
        SecretPins.Write(
            new Dictionary<string, SecretPin>(StringComparer.Ordinal)
            {
                ["REDIS_URL"] = new(reference.VaultName, number, $"{reference.Id:N}-{number}"),
            }
        );

    private Revision Revision(GatewayEnvironment environment, ChartVersion chart, int number, int pinned) =>
        new()
        {
            EnvironmentId = environment.Id,
            Number = number,
            ChangeRequestId = Guid.NewGuid(),
            Kind = RequestKind.Create,
            Content = TestRows.Content(chart, "sha256:x"),
            Secrets = [TestRows.Approved(reference, pinned)],
            CreatedAt = CredentialWorld.Now,
            CreatedBy = "lead",
            AppliedAt = CredentialWorld.Now,
        };

    private ChangeRequest Request(GatewayEnvironment environment, ChartVersion chart)
    {
        const string Spec = """{"edition":"enterprise"}""";
        return new ChangeRequest
        {
            Kind = RequestKind.Rotate,
            TeamId = environment.TeamId,
            EnvironmentId = environment.Id,
            EnvironmentName = environment.Name,
            ClusterId = environment.ClusterId,
            Namespace = environment.Namespace,
            BaseRevision = 1,
            Secrets = [TestRows.Asked(reference, 2)],
            FindingsJson = "[]",
            PolicyJson = "{}",
            Reason = "",
            RequestedBy = "lead",
            RequestedAt = CredentialWorld.Now,
            Content = TestRows.Content(
                chart,
                spec: Spec,
                digest: ContentDigest.Of(
                    new ApprovedContent
                    {
                        Kind = RequestKind.Rotate,
                        EnvironmentId = environment.Id,
                        ClusterId = environment.ClusterId,
                        Namespace = environment.Namespace,
                        Release = environment.ReleaseName,
                        Profile = "dev",
                        BaseRevision = 1,
                        SpecJson = Spec,
                        ChartDigest = chart.Digest,
                        ValuesYaml = "",
                        ManifestYaml = "",
                        SecretVersionsJson = Pins(2),
                    }
                )
            ),
        };
    }

    /// <summary>Notes what is disabled, or fails as told.</summary>
    internal sealed class FakeVaultListing : ISecretVault
    {
        public List<string> Disabled { get; } = [];

        public VaultFailure? Failure { get; set; }

        public string NameFor(string team, string name) => name;

        public Task<string> SetAsync(string name, SecretValue value, SecretAttributes attributes, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<SecretValue> GetAsync(string name, string version, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DisableAsync(string name, string version, CancellationToken cancellationToken)
        {
            if (Failure is { } failure)
            {
                throw new VaultException(failure, "It says no.");
            }

            Disabled.Add($"{name}/{version.Split('-')[^1]}");
            return Task.CompletedTask;
        }
    }
}
