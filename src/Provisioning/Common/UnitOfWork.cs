using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Common;

/// <summary>
/// Runs a piece of work in one database transaction. Work that lost a race (a concurrency token, a unique index, a busy file) is run
/// again from the start on a fresh context, so it must read what it decides on inside, and do nothing outside the database.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design",
    "CA1001",
    Justification = "The semaphore never makes a wait handle, so there is nothing to dispose."
)]
public sealed class UnitOfWork(IDbContextFactory<PortalDbContext> factory, Failpoints? failpoints = null)
{
    private const int Attempts = 16;

    // SQLite allows one writer at a time; its driver waits by sleeping 150 ms between tries, on a pool thread. Taking turns,
    // nobody sleeps.
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Reads without tracking or a transaction.</summary>
    public async Task<T> ReadAsync<T>(Func<PortalDbContext, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var db = await factory.CreateDbContextAsync(cancellationToken);
        db.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        return await work(db);
    }

    /// <summary>Runs the work, saves and commits; all of it or nothing.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="failpoint">Gives the commit a name: <c>NAME.before-commit</c> and <c>NAME.after-commit</c> are
    /// <see cref="Failpoints"/>.</param>
    public async Task<T> WriteAsync<T>(Func<PortalDbContext, Task<T>> work, CancellationToken cancellationToken, string failpoint = "")
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var db = await factory.CreateDbContextAsync(cancellationToken);
                var inTurn = db.Database.ProviderName == "Microsoft.EntityFrameworkCore.Sqlite";
                if (inTurn)
                {
                    await turn.WaitAsync(cancellationToken);
                }

                try
                {
                    return await TransactAsync(db, work, failpoint, cancellationToken);
                }
                finally
                {
                    if (inTurn)
                    {
                        turn.Release();
                    }
                }
            }
            catch (Exception e) when (attempt < Attempts && IsLostRace(e))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(5, 25) * attempt), cancellationToken);
            }
        }
    }

    /// <summary>Runs the work, saves and commits; all of it or nothing.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="failpoint">Name of the commit among the <see cref="Failpoints"/>.</param>
    public Task WriteAsync(Func<PortalDbContext, Task> work, CancellationToken cancellationToken, string failpoint = "") =>
        WriteAsync(
            async db =>
            {
                await work(db);
                return true;
            },
            cancellationToken,
            failpoint
        );

    private async Task<T> TransactAsync<T>(
        PortalDbContext db,
        Func<PortalDbContext, Task<T>> work,
        string failpoint,
        CancellationToken cancellationToken
    )
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var result = await work(db);
        await db.SaveChangesAsync(cancellationToken);
        await HitAsync(failpoint, "before-commit", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await HitAsync(failpoint, "after-commit", cancellationToken);
        return result;
    }

    private Task HitAsync(string failpoint, string moment, CancellationToken cancellationToken) =>
        failpoint.Length == 0 || failpoints is null ? Task.CompletedTask : failpoints.HitAsync($"{failpoint}.{moment}", cancellationToken);

    // SQLSTATE 23505 unique, 40001 serialization, 40P01 deadlock; SQLite gives none, but 5/6 (busy, locked) and 2067/1555 (unique) as
    // codes.
    private static bool IsLostRace(Exception exception) =>
        exception switch
        {
            DbUpdateConcurrencyException => true,
            DbUpdateException { InnerException: { } inner } => IsLostRace(inner),
            DbException { SqlState: "23505" or "40001" or "40P01" } => true,
            Microsoft.Data.Sqlite.SqliteException sqlite => sqlite.SqliteErrorCode is 5 or 6
                || sqlite.SqliteExtendedErrorCode is 2067 or 1555,
            _ => false,
        };
}
