using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.UseCases.Requests;

/// <summary>What is found by a few words, and what may be done with it.</summary>
public sealed class FindTests(PostgreSqlServer server)
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Find_AnEnvironmentWithOperations_SaysWhichMayBeStoppedOrTriedAgain_ToWhoMay(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var (team, cluster) = (TestRows.Team("payments"), TestRows.Cluster());
        var (busy, failed, leaving) = (
            TestRows.Environment(team, cluster, "busy"),
            TestRows.Environment(team, cluster, "failed"),
            TestRows.Environment(team, cluster, "leaving")
        );
        await database.Work.AddAsync(
            team,
            cluster,
            busy,
            failed,
            leaving,
            new Person { Id = "lead", DisplayName = "Lena" },
            new Person
            {
                Id = "reader",
                DisplayName = "Olga",
                IsAuditor = true,
            },
            new TeamMember { TeamId = team.Id, PersonId = "lead" }
        );
        var (stopping, running, next) = (TestRows.Operation(busy), TestRows.Operation(busy), TestRows.Operation(busy));
        (stopping.CancelRequested, running.State) = (true, OperationState.Running);
        var (old, last) = (TestRows.Operation(failed), TestRows.Operation(failed));
        (old.State, last.State) = (OperationState.Failed, OperationState.Cancelled);
        var removal = TestRows.Operation(leaving, kind: RequestKind.Delete);
        await database.Work.AddAsync(stopping, running, next, old, last, removal);

        var found = await new FindService(database.Work).FindAsync(new Caller("lead", "", ""), "", CancellationToken.None);
        Assert.Equal(
            [("busy", running.Id, null), ("failed", null, last.Id), ("leaving", null, null)],
            found.Environments.Select(e => (e.Name, e.Stoppable, e.Retryable))
        );

        var read = await new FindService(database.Work).FindAsync(new Caller("reader", "", ""), "", CancellationToken.None);
        Assert.Equal(3, read.Environments.Count);
        Assert.All(read.Environments, e => Assert.Equal((false, null, null), (e.MayPropose, e.Stoppable, e.Retryable)));
    }
}
