using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Portkey.Portal.Data.PostgreSql;

/// <summary>PostgreSQL with its own migrations.</summary>
public static class PostgreSqlDatabase
{
    /// <summary>Uses PostgreSQL at this connection string.</summary>
    public static DbContextOptionsBuilder UsePortalPostgreSql(this DbContextOptionsBuilder options, string connectionString) =>
        options.UsePortalConventions().UseNpgsql(connectionString, o => o.MigrationsAssembly(typeof(PostgreSqlDatabase).Assembly.GetName().Name));
}

internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<PortalDbContext>
{
    public PortalDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<PortalDbContext>();
        options.UsePortalPostgreSql("Host=localhost;Database=design");
        return new PortalDbContext(options.Options);
    }
}
