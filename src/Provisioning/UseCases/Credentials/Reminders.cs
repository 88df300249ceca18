using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>
/// Reminds 30, 7 and 1 days before a credential expires and when it does, once each. What was told, the finding on every environment that
/// uses it and the audit event are one transaction, so a crash neither repeats nor loses one; two workers at once tell it once.
/// </summary>
public sealed partial class Reminders(UnitOfWork work, AuditTrail audit, LiveUpdates live, TimeProvider time, ILogger<Reminders> logger)
{
    private const int Batch = 100;

    /// <summary>Days before expiry at which a reminder is due, the furthest first.</summary>
    public static IReadOnlyList<int> Thresholds { get; } = [30, 7, 1, 0];

    /// <summary>The smallest threshold that has been reached; null before the first.</summary>
    public static int? ReachedAt(DateTime expiresAt, DateTime now) =>
        Thresholds.Where(t => now >= expiresAt.AddDays(-t)).Select(t => (int?)t).Min();

    /// <summary>Gives the reminders that are due; returns how many.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var given = 0;
        var (after, last) = (DateTime.MinValue, Guid.Empty);
        while (true)
        {
            var candidates = await DueAsync(after, last, cancellationToken);
            foreach (var candidate in candidates)
            {
                given += await RemindAsync(candidate, cancellationToken) ? 1 : 0;
            }

            if (candidates.Count < Batch)
            {
                return given;
            }

            (after, last) = (candidates[^1].ExpiresAt!.Value, candidates[^1].Id);
        }
    }

    // One range of the index on expiry; the page goes on where the last one ended, so that one that is skipped does not come again at once.
    private Task<List<SecretReference>> DueAsync(DateTime after, Guid last, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var (month, week, day) = (now.AddDays(30), now.AddDays(7), now.AddDays(1));
        return work.ReadAsync(
            db =>
                db.SecretReferences.Where(r =>
                        r.ExpiresAt <= month && r.ExpiresAt >= after && (r.ExpiresAt > after || r.Id.CompareTo(last) > 0)
                    )
                    .Where(r =>
                        r.RemindedDays == null
                        || (r.RemindedDays > 7 && r.ExpiresAt <= week)
                        || (r.RemindedDays > 1 && r.ExpiresAt <= day)
                        || (r.RemindedDays > 0 && r.ExpiresAt <= now)
                    )
                    .Where(r =>
                        r.EnvironmentId == null || db.Environments.Any(e => e.Id == r.EnvironmentId && e.State != EnvironmentState.Deleted)
                    )
                    .OrderBy(r => r.ExpiresAt)
                    .ThenBy(r => r.Id)
                    .Take(Batch)
                    .ToListAsync(cancellationToken),
            cancellationToken
        );
    }

    private async Task<bool> RemindAsync(SecretReference reference, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (ReachedAt(reference.ExpiresAt!.Value, now) is not { } days)
        {
            return false;
        }

        var told = await work.WriteAsync<IReadOnlyList<Guid>?>(
            async db =>
            {
                // Only as it was read: another worker may have given it meanwhile, and somebody may have set a later expiry.
                var mine = await db
                    .SecretReferences.Where(r =>
                        r.Id == reference.Id
                        && r.ExpiresAt == reference.ExpiresAt
                        && (reference.RemindedDays == null ? r.RemindedDays == null : r.RemindedDays == reference.RemindedDays)
                    )
                    .ExecuteUpdateAsync(s => s.SetProperty(r => r.RemindedDays, days), cancellationToken);
                if (mine == 0)
                {
                    return null;
                }

                await ExpiryFindings.ReplaceAsync(db, reference, days, now, cancellationToken);
                await audit.AppendAsync(
                    db,
                    new Caller(AuditTrail.System, "", $"reminder-{now:yyyyMMddTHHmmss}"),
                    new AuditEntry(
                        "credential.reminder",
                        "credential",
                        reference.Id.ToString(),
                        await CredentialPolicies.NameAsync(db, reference, cancellationToken)
                    )
                    {
                        EnvironmentId = reference.EnvironmentId,
                        TeamId = reference.TeamId,
                        After = new { days, expiresAt = reference.ExpiresAt },
                        Reason =
                            days == 0 ? "It has expired."
                            : days == 1 ? "It expires within a day."
                            : $"It expires within {days} days.",
                    },
                    cancellationToken
                );
                return [.. (await ExpiryFindings.UsesAsync(db, reference, cancellationToken)).Select(u => u.EnvironmentId), reference.Id];
            },
            cancellationToken
        );
        if (told is null)
        {
            return false;
        }

        LogReminded(logger, reference.Key, reference.Id, days);
        live.Publish(told);
        return true;
    }

    [LoggerMessage(1201, LogLevel.Warning, "Credential {Key} ({Id}) expires within {Days} days; its owners were told.")]
    private static partial void LogReminded(ILogger logger, string key, Guid id, int days);
}
