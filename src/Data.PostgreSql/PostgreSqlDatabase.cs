using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Portkey.Portal.Data.PostgreSql.CompiledModel;

namespace Portkey.Portal.Data.PostgreSql;

/// <summary>PostgreSQL with its own migrations.</summary>
public static class PostgreSqlDatabase
{
    /// <summary>Uses PostgreSQL at this connection string.</summary>
    /// <param name="options">Options to set.</param>
    /// <param name="connectionString">Npgsql's.</param>
    /// <param name="idleInTransaction">After that time PostgreSQL ends a transaction in which nothing happens: a process that stands still
    /// must not hold its locks for ever. Null for never.</param>
    public static DbContextOptionsBuilder UsePortalPostgreSql(
        this DbContextOptionsBuilder options,
        string connectionString,
        TimeSpan? idleInTransaction = null
    ) =>
        options
            .UsePortalConventions()
            .UseModel(PortalDbContextModel.Instance)
            .UseNpgsql(
                WithTimeout(connectionString, idleInTransaction),
                o =>
                    o.MigrationsAssembly(typeof(PostgreSqlDatabase).Assembly.GetName().Name)
                        // The provider's own strategy hides a broken connection or a lost race inside an InvalidOperationException, where
                        // nobody looks for it.
                        .ExecutionStrategy(dependencies => new NonRetryingExecutionStrategy(dependencies))
            );

    // As a parameter of the session's start: what is SET later is gone when the pool hands the connection on.
    private static string WithTimeout(string connectionString, TimeSpan? idleInTransaction)
    {
        if (idleInTransaction is not { } time)
        {
            return connectionString;
        }

        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        builder.Options = string.Create(
                CultureInfo.InvariantCulture,
                $"{builder.Options} -c idle_in_transaction_session_timeout={(long)time.TotalMilliseconds}"
            )
            .TrimStart();
        return builder.ConnectionString;
    }
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
