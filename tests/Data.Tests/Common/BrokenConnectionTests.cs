using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.Common;

/// <summary>A database that ends its connections, as PostgreSQL does when it is restarted, fails over or is told to.</summary>
public sealed class BrokenConnectionTests(PostgreSqlServer server)
{
    // EF puts an InvalidOperationException around it, which nobody who waits for the database looks for: a loop that met it ended the
    // process.
    [Theory]
    [InlineData("read")]
    [InlineData("save")]
    [InlineData("update")]
    public async Task Work_WhoseConnectionTheServerEnds_FailsAsTheDatabaseFails(string what)
    {
        using var database = await TestDatabase.CreateAsync(TestDatabase.PostgreSql, server);
        var failure = await Record.ExceptionAsync(() =>
            database.Work.WriteAsync(
                async db =>
                {
                    await db.Teams.CountAsync();
                    await PostgreSqlServer.EndConnectionsAsync(database.ConnectionString);
                    await (
                        what switch
                        {
                            "read" => db.Teams.CountAsync(),
                            "save" => AddTeamAsync(db),
                            _ => db.Teams.ExecuteUpdateAsync(s => s.SetProperty(t => t.Name, "none")),
                        }
                    );
                },
                CancellationToken.None
            )
        );

        Assert.True(failure is DbException or DbUpdateException, failure?.ToString());
        Assert.Equal(StorageFailure.Unavailable, StorageFailures.Classify(failure!));
        Assert.Equal(0, await database.Work.ReadAsync(db => db.Teams.CountAsync(), CancellationToken.None));
    }

    [Fact]
    public async Task Read_OnAConnectionOfThePoolThatTheServerEnded_FailsAsTheDatabaseFails()
    {
        using var database = await TestDatabase.CreateAsync(TestDatabase.PostgreSql, server);
        await database.Work.ReadAsync(db => db.Teams.CountAsync(), CancellationToken.None);
        await PostgreSqlServer.EndConnectionsAsync(database.ConnectionString);

        var failure = await Record.ExceptionAsync(() =>
            database.Work.ReadAsync(db => db.Teams.CountAsync(), CancellationToken.None)
        );
        Assert.True(failure is null or DbException, failure?.ToString());
    }

    private static async Task<int> AddTeamAsync(PortalDbContext db)
    {
        db.Teams.Add(new Team { Id = Guid.CreateVersion7(), Name = "late", DisplayName = "Late" });
        return await db.SaveChangesAsync();
    }
}
