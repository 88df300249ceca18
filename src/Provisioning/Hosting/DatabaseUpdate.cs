using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Brings the database up to date; processes that start at once take turns.</summary>
internal static class DatabaseUpdate
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task RunAsync(PortalDbContext db, CancellationToken cancellationToken)
    {
        if (db.Database.IsSqlite())
        {
            await MigrateAsync(db, cancellationToken);
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
            await MigrateAsync(db, cancellationToken);
            await db.Database.ExecuteSqlRawAsync("SELECT pg_advisory_unlock(4207849001)", CancellationToken.None);
        }
        finally
        {
            await db.Database.CloseConnectionAsync(); // which also releases the lock
        }
    }

    // A database of a newer build, or of one from before the first release, would look like one that lacks tables.
    private static async Task MigrateAsync(PortalDbContext db, CancellationToken cancellationToken)
    {
        var known = db.Database.GetMigrations().ToHashSet(StringComparer.Ordinal);
        var applied = (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).ToHashSet(StringComparer.Ordinal);
        if (applied.FirstOrDefault(m => !known.Contains(m)) is { } foreign)
        {
            throw new StartRefusedException(
                $"The database was made by another version of the portal: it has migration {foreign}, which this version does not know. Start the version that made it, or name an empty database or data folder."
            );
        }

        // Asked even when there is nothing to do, EF builds the model of the last migration and compares it with that of the code.
        if (!applied.SetEquals(known))
        {
            await db.Database.MigrateAsync(cancellationToken);
        }
    }
}
