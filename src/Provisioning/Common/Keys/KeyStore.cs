using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Common.Keys;

/// <summary>Rows of the portal's own keys: wrapped by the current key-encryption key, or rewrapped where an earlier one wrapped them that
/// is still available.</summary>
internal sealed partial class KeyStore(WrappingKeys wrapping, TimeProvider time, ILogger<KeyStore> logger)
{
    /// <summary>Purpose of the key that signs history.</summary>
    public const string Audit = "audit";

    /// <summary>Purpose of Data Protection's keys.</summary>
    public const string Ring = "ring";

    /// <summary>A new row.</summary>
    public PortalKey Row(string purpose, string id, ReadOnlySpan<byte> plain, string fingerprint = "") =>
        new()
        {
            Purpose = purpose,
            Id = id,
            Wrapped = KeyWrap.Wrap(wrapping.Current.Bytes, purpose, id, plain),
            WrappedBy = wrapping.Current.Name,
            Fingerprint = fingerprint,
            CreatedAt = time.GetUtcNow().UtcDateTime,
        };

    /// <summary>The key inside.</summary>
    /// <exception cref="CryptographicException">The row was changed, or belongs to another portal.</exception>
    public byte[] Open(PortalKey row) => KeyWrap.Unwrap(wrapping.Current.Bytes, row.Purpose, row.Id, row.Wrapped);

    /// <summary>Makes sure that this process can open the rows.</summary>
    /// <param name="rows">All rows, tracked.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StartRefusedException">They are wrapped by a key that is not available.</exception>
    public async Task FitAsync(IReadOnlyList<PortalKey> rows, CancellationToken cancellationToken)
    {
        foreach (var group in rows.Where(r => r.WrappedBy != wrapping.Current.Name).GroupBy(r => r.WrappedBy, StringComparer.Ordinal))
        {
            if (await wrapping.FindAsync(group.Key, cancellationToken) is not { } before)
            {
                // A key that nobody can unwrap is not used: a row added by hand must not keep the portal down.
                if (group.All(r => r.Purpose == Ring) && rows.Any(r => r.Purpose == Audit))
                {
                    LogNotOurs(logger, group.Count(), group.Key);
                    continue;
                }

                throw new StartRefusedException(
                    $"The keys in the database are wrapped by the key-encryption key {group.Key} (since {group.Min(r => r.CreatedAt):yyyy-MM-dd HH:mm} UTC); this process has {wrapping.Current.Name}, from {wrapping.Current.From}. "
                        + "With another one it could neither sign the history nor read what the other processes wrote. Give it the file or secret that the others have (Portal:KeyRingKeyFile, Portal:KeyEncryptionSecret); "
                        + "to change the key, name the previous one in Portal:OldKeyRingKeyFile for one start."
                );
            }

            foreach (var row in group)
            {
                Rewrap(row, before);
            }

            LogRewrapped(logger, group.Count(), before.From, wrapping.Current.From);
        }
    }

    private void Rewrap(PortalKey row, WrappingKey before)
    {
        try
        {
            row.Wrapped = KeyWrap.Wrap(
                wrapping.Current.Bytes,
                row.Purpose,
                row.Id,
                KeyWrap.Unwrap(before.Bytes, row.Purpose, row.Id, row.Wrapped)
            );
            row.WrappedBy = wrapping.Current.Name;
        }
        catch (CryptographicException) when (row.Purpose == Ring)
        {
            LogNotOurs(logger, 1, row.WrappedBy);
        }
        catch (CryptographicException problem)
        {
            throw Damaged(row, problem);
        }
    }

    /// <summary>Says that a row is not as it was written.</summary>
    public static StartRefusedException Damaged(PortalKey row, Exception? problem = null) =>
        new(
            $"Row ({row.Purpose}, {row.Id}) of table portal_keys cannot be opened by the key that wrapped it: it was changed in the database. Put that row back from a backup of the database; without it the history cannot be verified.",
            problem
        );

    [LoggerMessage(
        EventId = 4003,
        Level = LogLevel.Error,
        Message = "{Count} keys of the key ring in the database, wrapped by {Key}, cannot be unwrapped here and are ignored: tokens, sessions and local secrets made with them are not accepted"
    )]
    private static partial void LogNotOurs(ILogger logger, int count, string key);

    [LoggerMessage(
        EventId = 4004,
        Level = LogLevel.Warning,
        Message = "{Count} keys in the database were wrapped by {Before} and are now wrapped by {Now}; give every other process the new key too, and restart it"
    )]
    private static partial void LogRewrapped(ILogger logger, int count, string before, string now);
}
