using Microsoft.EntityFrameworkCore;

namespace Portkey.Portal.Data.Tests.Store;

/// <summary>How a database goes about a query.</summary>
internal static class QueryPlan
{
    /// <summary>Its plan, a line a step. PostgreSQL is told not to read whole tables where an index serves, since those of tests are too
    /// small for it to care.</summary>
    public static async Task<string> OfAsync<T>(TestDatabase database, Func<PortalDbContext, IQueryable<T>> query)
    {
        await using var db = database.CreateDbContext();
        await db.Database.OpenConnectionAsync();
        if (database.Provider == TestDatabase.PostgreSql)
        {
            await db.Database.ExecuteSqlRawAsync("SET enable_seqscan = off");
        }

        await using var command = query(db).CreateDbCommand();
        command.CommandText = (database.Provider == TestDatabase.PostgreSql ? "EXPLAIN " : "EXPLAIN QUERY PLAN ") + command.CommandText;
        var lines = new List<string>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(database.Provider == TestDatabase.PostgreSql ? 0 : 3));
        }

        return string.Join('\n', lines);
    }
}
