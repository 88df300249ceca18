using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Portkey.Portal.Data.Sqlite.CompiledModel;

namespace Portkey.Portal.Data.Sqlite;

/// <summary>SQLite with its own migrations.</summary>
public static class SqliteDatabase
{
    /// <summary>Uses SQLite at this connection string.</summary>
    public static DbContextOptionsBuilder UsePortalSqlite(this DbContextOptionsBuilder options, string connectionString) =>
        options
            .UsePortalConventions()
            .UseModel(PortalDbContextModel.Instance)
            .UseSqlite(connectionString, o => o.MigrationsAssembly(typeof(SqliteDatabase).Assembly.GetName().Name));
}

internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<PortalDbContext>
{
    public PortalDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalSqlite("Data Source=design.db");
        return new PortalDbContext(options.Options);
    }
}
