using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Endpoints;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.Engine.Endpoints;

/// <summary>No two environments of a cluster share a way in, however close together they ask.</summary>
public sealed class EndpointClaimTests(PostgreSqlServer server)
{
    private const string Mine = "gateway.example.com";

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Take_ManyAtOnceForOneHost_GivesItToOne(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var cluster = await ClusterAsync(database);
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => Task.Run(() => TakeAsync(database, cluster, Guid.NewGuid(), Mine)))
        );
        Assert.Equal(1, answers.Count(taken => taken.Count == 0));
        Assert.All(answers.Where(taken => taken.Count > 0), taken => Assert.Equal(Mine, taken[0].By.Value));
        Assert.Single(await ClaimsAsync(database));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Take_WildcardAndNamesUnderItAtOnce_GivesOneKindOnly(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var cluster = await ClusterAsync(database);
        for (var round = 0; round < 4; round++)
        {
            var domain = $"round-{round}.example.com";
            var answers = await Task.WhenAll(
                Task.Run(() => TakeAsync(database, cluster, Guid.NewGuid(), $"*.{domain}")),
                Task.Run(() => TakeAsync(database, cluster, Guid.NewGuid(), $"a.{domain}"))
            );
            Assert.Equal(1, answers.Count(taken => taken.Count == 0));
        }

        Assert.Equal(4, (await ClaimsAsync(database)).Count);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Take_ItsOwnAgainAndInAnotherCluster_IsFree(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var (one, two) = (await ClusterAsync(database), await ClusterAsync(database, "second"));
        var environment = Guid.NewGuid();
        Assert.Empty(await TakeAsync(database, one, environment, Mine));
        Assert.Empty(await TakeAsync(database, one, environment, "GATEWAY.example.com."));
        Assert.Empty(await TakeAsync(database, two, Guid.NewGuid(), Mine));
        Assert.NotEmpty(await TakeAsync(database, one, Guid.NewGuid(), "GATEWAY.example.com."));
        Assert.NotEmpty(await TakeAsync(database, one, Guid.NewGuid(), "*.example.com"));
        Assert.Equal(2, (await ClaimsAsync(database)).Count);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Take_SeveralOfWhichOneIsTaken_TakesNone(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var cluster = await ClusterAsync(database);
        await TakeAsync(database, cluster, Guid.NewGuid(), Mine);
        Assert.Equal(Mine, Assert.Single(await TakeAsync(database, cluster, Guid.NewGuid(), "other.example.com", Mine)).Wanted.Value);
        Assert.Equal([Mine], (await ClaimsAsync(database)).Select(c => c.Value));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Release_KeepsWhatRunsAndWhatWaits_AndLetsTheRestGo(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var (environment, _, chart) = await EnvironmentsAsync(database);
        await database.Work.AddAsync(
            Revision(environment, chart, 1, "one.example.com"),
            Revision(environment, chart, 2, "two.example.com")
        );
        var waiting = Request(environment, chart, "three.example.com");
        await database.Work.AddAsync(waiting);
        await TakeAsync(database, environment.ClusterId, environment.Id, "one.example.com", "two.example.com", "three.example.com");

        await ReleaseAsync(Guid.NewGuid(), 2);
        Assert.Equal(["three.example.com", "two.example.com"], (await ClaimsAsync(database)).Select(c => c.Value));
        await ReleaseAsync(waiting.Id, 2); // rejected
        Assert.Equal(["two.example.com"], (await ClaimsAsync(database)).Select(c => c.Value));
        await ReleaseAsync(waiting.Id, null); // deleted
        Assert.Empty(await ClaimsAsync(database));

        Task ReleaseAsync(Guid without, int? from) =>
            database.Work.WriteAsync(
                db => EndpointClaims.ReleaseAsync(db, environment.Id, without, from, CancellationToken.None),
                CancellationToken.None
            );
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Backfill_OfADatabaseFromBefore_GivesTheOlderOneWhatTwoHave_AndTellsTheOther(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var (older, newer, chart) = await EnvironmentsAsync(database);
        await database.Work.AddAsync(Revision(newer, chart, 1, Mine, "free.example.com"), Revision(older, chart, 1, Mine));

        for (var start = 0; start < 2; start++)
        {
            await EndpointBackfill.RunAsync(database.Work, TestRows.Now, CancellationToken.None);
        }

        Assert.Equal(
            [("free.example.com", newer.Id), (Mine, older.Id)],
            (await ClaimsAsync(database)).Select(c => (c.Value, c.EnvironmentId))
        );
        var finding = Assert.Single(await database.Work.ReadAsync(db => db.Findings.ToListAsync(), CancellationToken.None));
        Assert.Equal((newer.Id, EndpointBackfill.FindingKind), (finding.EnvironmentId, finding.Kind));
        Assert.DoesNotContain("older", finding.Message, StringComparison.Ordinal);
        Assert.NotNull(
            await database.Work.ReadAsync(db => db.Clusters.Select(c => c.EndpointsClaimedAt).FirstAsync(), CancellationToken.None)
        );
    }

    private static Task<IReadOnlyList<TakenEndpoint>> TakeAsync(
        TestDatabase database,
        Guid cluster,
        Guid environment,
        params string[] hosts
    ) =>
        database.Work.WriteAsync(
            db =>
                EndpointClaims.TakeAsync(
                    db,
                    new Claimant(cluster, environment, Guid.NewGuid()),
                    [.. hosts.Select(Endpoint.Host)],
                    TestRows.Now,
                    CancellationToken.None
                ),
            CancellationToken.None
        );

    private static Task<List<EndpointClaim>> ClaimsAsync(TestDatabase database) =>
        database.Work.ReadAsync(db => db.EndpointClaims.OrderBy(c => c.Value).ToListAsync(), CancellationToken.None);

    private static async Task<Guid> ClusterAsync(TestDatabase database, string name = "sandbox")
    {
        var cluster = TestRows.Cluster(name);
        await database.Work.AddAsync(cluster);
        return cluster.Id;
    }

    private static async Task<(GatewayEnvironment Environment, GatewayEnvironment Younger, ChartVersion Chart)> EnvironmentsAsync(
        TestDatabase database
    )
    {
        var (team, cluster) = (TestRows.Team("payments"), TestRows.Cluster());
        var chart = new ChartVersion
        {
            Name = "gateway",
            Version = "1",
            AppVersion = "1",
            Digest = "sha256:c",
            Source = ChartSource.Directory,
            Location = "/",
            Edition = Edition.Oss,
            ImageTag = "1",
            RegisteredBy = "admin",
            RegisteredAt = TestRows.Now,
        };
        var (older, younger) = (TestRows.Environment(team, cluster, "older"), TestRows.Environment(team, cluster, "younger"));
        await database.Work.AddAsync(team, cluster, chart, older, younger);
        return (older, younger, chart);
    }

    private static string Manifest(string[] hosts) =>
        $"{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: a}}, spec: {{rules: [{string.Join(", ", hosts.Select(h => $"{{host: {h}}}"))}]}}}}";

    private static Revision Revision(GatewayEnvironment environment, ChartVersion chart, int number, params string[] hosts) =>
        new()
        {
            EnvironmentId = environment.Id,
            Number = number,
            ChangeRequestId = Guid.NewGuid(),
            Kind = RequestKind.Change,
            Content = TestRows.Content(chart, "sha256:r", manifest: Manifest(hosts)),
            Secrets = [],
            CreatedAt = TestRows.Now,
            CreatedBy = "lead",
        };

    private static ChangeRequest Request(GatewayEnvironment environment, ChartVersion chart, string host) =>
        new()
        {
            Kind = RequestKind.Change,
            TeamId = environment.TeamId,
            EnvironmentId = environment.Id,
            EnvironmentName = environment.Name,
            ClusterId = environment.ClusterId,
            Namespace = environment.Namespace,
            BaseRevision = 2,
            Content = TestRows.Content(chart, "sha256:q", manifest: Manifest([host])),
            Secrets = [],
            FindingsJson = "[]",
            PolicyJson = "{}",
            Reason = "",
            RequestedBy = "lead",
            RequestedAt = TestRows.Now,
        };
}
