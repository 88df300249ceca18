using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Brings the database up to date; processes that start at once take turns.</summary>
internal static class DatabaseUpdate
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task RunAsync(PortalDbContext db, CancellationToken cancellationToken)
    {
        if (db.Database.IsSqlite())
        {
            await db.Database.MigrateAsync(cancellationToken);
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL;", cancellationToken);
            return;
        }

        // PostgreSQL: EF's own lock lasts only as long as a transaction, and a list of migrations read before it may be out of date.
        if (!await db.GetService<IRelationalDatabaseCreator>().ExistsAsync(cancellationToken))
        {
            await db.Database.MigrateAsync(cancellationToken);
            return;
        }

        db.Database.SetCommandTimeout(Patience);
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await db.Database.ExecuteSqlRawAsync("SELECT pg_advisory_lock(4207849001)", cancellationToken);
            await db.Database.MigrateAsync(cancellationToken);
            await db.Database.ExecuteSqlRawAsync("SELECT pg_advisory_unlock(4207849001)", CancellationToken.None);
        }
        finally
        {
            await db.Database.CloseConnectionAsync(); // which lets go of the lock, too
        }
    }
}
