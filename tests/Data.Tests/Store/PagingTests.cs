using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.Store;

/// <summary>Lists page by cursor: everything once, nothing of other teams.</summary>
public sealed class PagingTests(PostgreSqlServer server)
{
    private static Caller As(string person) => new(person, "127.0.0.1", "test");

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Environments_OverManyPages_GivesEachOnceInOrder(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var (payments, search, cluster) = (TestRows.Team("payments"), TestRows.Team("search"), TestRows.Cluster());
        await database.Work.AddAsync(
            payments,
            search,
            cluster,
            new Person
            {
                Id = "admin",
                DisplayName = "Admin",
                IsAdministrator = true,
            },
            new Person { Id = "lead", DisplayName = "Lead" },
            new TeamMember { TeamId = payments.Id, PersonId = "lead" }
        );
        // The same names in both teams, so that the page ends fall between equal names too.
        var rows = Enumerable
            .Range(0, 12)
            .SelectMany(n =>
                new[] { TestRows.Environment(payments, cluster, $"env-{n:00}"), TestRows.Environment(search, cluster, $"env-{n:00}") }
            )
            .ToArray();
        await database.Work.AddAsync([.. rows]);

        var all = await PagesAsync(database, "admin", 5);
        var own = await PagesAsync(database, "lead", 5);

        Assert.Equal(rows.Select(r => r.Id).Order(), all.Select(r => r.Id).Order());
        Assert.Equal(all.Select(r => r.Name).Order(StringComparer.Ordinal), all.Select(r => r.Name));
        Assert.Equal(12, own.Count);
        Assert.All(own, row => Assert.Equal("payments", row.Team));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("WyJhIl0")]
    [InlineData("WyJhIiwiYiJd")]
    public async Task Environments_CursorThatNobodyGaveOut_IsRefused(string cursor)
    {
        using var database = await TestDatabase.CreateAsync(TestDatabase.Sqlite, server);
        await database.Work.AddAsync(
            new Person
            {
                Id = "admin",
                DisplayName = "Admin",
                IsAdministrator = true,
            }
        );

        await Assert.ThrowsAsync<InvalidInputException>(() => List(database, "admin", new PageRequest(cursor)));
    }

    private static Task<Page<EnvironmentRow>> List(TestDatabase database, string person, PageRequest page) =>
        new EnvironmentService(database.Work, secrets: null!, costs: null!, TimeProvider.System).ListAsync(
            As(person),
            new EnvironmentFilter(),
            page,
            CancellationToken.None
        );

    private static async Task<List<EnvironmentRow>> PagesAsync(TestDatabase database, string person, int size)
    {
        var rows = new List<EnvironmentRow>();
        string? cursor = null;
        do
        {
            var page = await List(database, person, new PageRequest(cursor, size));
            Assert.InRange(page.Items.Count, 1, size);
            rows.AddRange(page.Items);
            cursor = page.Next;
        } while (cursor is not null);

        return rows;
    }
}
