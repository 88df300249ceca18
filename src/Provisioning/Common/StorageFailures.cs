using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Portkey.Portal.Provisioning.Common;

/// <summary>Why the database did not do what it was asked, as far as a caller can act on it.</summary>
public enum StorageFailure
{
    /// <summary>Not a failure of the database.</summary>
    None,

    /// <summary>Someone else changed the same thing first; reading again and repeating helps.</summary>
    Conflict,

    /// <summary>The disk is full; nothing was stored.</summary>
    Full,

    /// <summary>No answer, locked, or the disk failed; nothing was stored.</summary>
    Unavailable,
}

/// <summary>Classifies failures of the database, so that no code above needs its drivers.</summary>
public static class StorageFailures
{
    /// <summary>Looks through the exception and what caused it.</summary>
    public static StorageFailure Classify(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case DbUpdateConcurrencyException:
                case PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected }:
                    return StorageFailure.Conflict;
                case SqliteException { SqliteErrorCode: 13 }: // SQLITE_FULL
                case PostgresException { SqlState: PostgresErrorCodes.DiskFull }:
                    return StorageFailure.Full;
                case SqliteException { SqliteErrorCode: 5 or 6 or 8 or 10 or 14 }: // BUSY, LOCKED, READONLY, IOERR, CANTOPEN
                case PostgresException
                {
                    SqlState: PostgresErrorCodes.TooManyConnections
                        or PostgresErrorCodes.AdminShutdown
                        or PostgresErrorCodes.CannotConnectNow
                }:
                case NpgsqlException { IsTransient: true }:
                    return StorageFailure.Unavailable;
                case IOException { HResult: 28 }: // ENOSPC
                    return StorageFailure.Full;
                default:
                    break;
            }
        }

        return StorageFailure.None;
    }
}
