using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Common.Keys;

namespace Portkey.Portal.Provisioning.UseCases.Audit;

/// <summary>
/// Opens the portal's keys when a process starts, creates them at the very first start, and refuses where they do not fit the history: a
/// process that signs with a key of its own would look like tampering to all others, for ever.
/// </summary>
internal sealed partial class AuditKeyOpening(
    UnitOfWork work,
    WrappingKeys wrapping,
    KeyStore store,
    OldKeyFiles old,
    AuditKey key,
    AuditTrail trail,
    TimeProvider time,
    ILogger<AuditKeyOpening> logger
)
{
    private const string Id = "1";
    private const string Created = "audit.key-created";
    private static readonly Caller System = new(AuditTrail.System, "", "start");

    /// <summary>Keys, their rows and the event about them are one transaction; of two first starts at once, the second one takes
    /// the first one's.</summary>
    /// <exception cref="StartRefusedException">The keys do not fit.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await wrapping.LoadAsync(cancellationToken);
        await work.WriteAsync(
            async db =>
            {
                // History first: where it has begun, its key's row can be read a moment later, whoever else is starting.
                var oldest = await db.AuditEvents.AsNoTracking().OrderBy(e => e.Id).FirstOrDefaultAsync(cancellationToken);
                var rows = await db.PortalKeys.AsTracking().ToListAsync(cancellationToken);
                await store.FitAsync(rows, cancellationToken);
                var row = rows.Find(r => r.Purpose == KeyStore.Audit);
                await (row is null ? CreateAsync(db, oldest, cancellationToken) : FitAsync(db, row, cancellationToken));
                await RingAsync(db, rows, first: row is null, cancellationToken);
            },
            cancellationToken
        );
        old.PutAside();
    }

    private async Task CreateAsync(PortalDbContext db, AuditEvent? oldest, CancellationToken cancellationToken)
    {
        var known = old.AuditKey();
        if (known is null && oldest is not null)
        {
            throw new StartRefusedException(
                $"The database holds a history that began on {oldest.At:yyyy-MM-dd}, but no key that signed it: the row (audit, {Id}) of table portal_keys is missing, and {old.AuditPath} is not there either. "
                    + "A new key would make all of it look forged. Put the row back from a backup of the database; if the portal was not started since its keys were files, start it first with the data folder that has that file."
            );
        }

        var opened = known ?? RandomNumberGenerator.GetBytes(32);
        key.Use(opened);
        if (oldest is not null && trail.HashOf(oldest) != oldest.Hash)
        {
            throw new StartRefusedException(
                $"{old.AuditPath} is not the key that signed the history in the database (event {oldest.Id} is not signed by it). First start the process whose data folder has the right one; it imports its key into the database, and all others use that."
            );
        }

        db.PortalKeys.Add(store.Row(KeyStore.Audit, Id, opened, key.Fingerprint));
        await trail.AppendAsync(
            db,
            System,
            new AuditEntry(Created, "key", key.Fingerprint, "audit key")
            {
                After = new Fact(key.Fingerprint, known is not null),
                Reason = known is null ? "" : "imported from a file",
            },
            cancellationToken
        );
        LogCreated(logger, key.Fingerprint, wrapping.Current.From);
    }

    private async Task FitAsync(PortalDbContext db, PortalKey row, CancellationToken cancellationToken)
    {
        try
        {
            key.Use(store.Open(row));
        }
        catch (CryptographicException problem)
        {
            throw KeyStore.Damaged(row, problem);
        }

        var recorded = await db
            .AuditEvents.AsNoTracking()
            .Where(e => e.Chain == AuditTrail.PortalChain && e.Action == Created)
            .OrderByDescending(e => e.Index)
            .FirstOrDefaultAsync(cancellationToken);
        if (recorded is null)
        {
            LogNotRecorded(logger, key.Fingerprint);
        }
        else if (FingerprintIn(recorded) != key.Fingerprint)
        {
            throw new StartRefusedException(
                $"The audit key in the database has the fingerprint {key.Fingerprint}, but the history was signed by {FingerprintIn(recorded)} (event {recorded.Id}). Row and history are not from the same database, or one of them was changed: restore both from one backup."
            );
        }
        else if (row.Fingerprint != key.Fingerprint)
        {
            throw KeyStore.Damaged(row);
        }
    }

    private async Task RingAsync(PortalDbContext db, List<PortalKey> rows, bool first, CancellationToken cancellationToken)
    {
        var have = rows.Where(r => r.Purpose == KeyStore.Ring).Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        var found = (await old.RingAsync(open: first, cancellationToken)).Where(k => have.Add(k.Id)).ToList();
        db.PortalKeys.AddRange(found.Select(k => KeyRingRepository.Row(store, k.Id, k.Key)));
        if (have.Count == 0)
        {
            var (id, made) = KeyRing.MakeFirst(time);
            db.PortalKeys.Add(KeyRingRepository.Row(store, id, made));
        }
    }

    private static string FingerprintIn(AuditEvent recorded)
    {
        try
        {
            return PortalJson.Read<Fact>(recorded.AfterJson).Fingerprint ?? "";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    private sealed record Fact(string? Fingerprint, bool TakenOver);

    [LoggerMessage(
        EventId = 4010,
        Level = LogLevel.Warning,
        Message = "The audit key {Fingerprint} is in the database now, wrapped by the key-encryption key from {From}. Back that one up separately from the database: without it no history can be verified"
    )]
    private static partial void LogCreated(ILogger logger, string fingerprint, string from);

    [LoggerMessage(
        EventId = 4011,
        Level = LogLevel.Error,
        Message = "The history does not mention the audit key {Fingerprint}: its first event was removed. Verify the history"
    )]
    private static partial void LogNotRecorded(ILogger logger, string fingerprint);
}
