using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage;

namespace Portkey.Portal.Data.PostgreSql;

/// <summary>PostgreSQL with its own migrations.</summary>
public static class PostgreSqlDatabase
{
    /// <summary>Uses PostgreSQL at this connection string.</summary>
    public static DbContextOptionsBuilder UsePortalPostgreSql(this DbContextOptionsBuilder options, string connectionString) =>
        options.UsePortalConventions().UseNpgsql(connectionString, o => o
            .MigrationsAssembly(typeof(PostgreSqlDatabase).Assembly.GetName().Name)

            // The provider's own strategy hides a broken connection or a lost race inside an InvalidOperationException, where nobody looks for it.
            .ExecutionStrategy(dependencies => new NonRetryingExecutionStrategy(dependencies)));
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
