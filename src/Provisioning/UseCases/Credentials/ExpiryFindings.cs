using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>Findings of kind <c>expiry</c>; told apart by setting within one environment.</summary>
internal static class ExpiryFindings
{
    public const string Kind = "expiry";

    /// <summary>Environments that use it, with the setting it feeds there; those that are gone have nothing to be told.</summary>
    public static async Task<IReadOnlyList<(Guid EnvironmentId, string Key)>> UsesAsync(
        PortalDbContext db,
        SecretReference reference,
        CancellationToken cancellationToken
    )
    {
        var (id, key) = (reference.Id, reference.Key);
        var uses = reference.EnvironmentId is { } own
            ? db.Environments.Where(e => e.Id == own && e.State != EnvironmentState.Deleted).Select(e => new { e.Id, Key = key })
            : db
                .SecretUses.Where(u => u.SecretReferenceId == id)
                .Join(
                    db.Environments.Where(e => e.State != EnvironmentState.Deleted),
                    u => u.EnvironmentId,
                    e => e.Id,
                    (u, e) => new { e.Id, u.Key }
                );
        return [.. (await uses.ToListAsync(cancellationToken)).Select(u => (u.Id, u.Key))];
    }

    /// <summary>Puts one on each environment in place of the one before.</summary>
    public static async Task ReplaceAsync(
        PortalDbContext db,
        SecretReference reference,
        int days,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var uses = await UsesAsync(db, reference, cancellationToken);
        await ResolveAsync(db, uses, now, cancellationToken);
        db.Findings.AddRange(
            uses.Select(u => new Finding
            {
                EnvironmentId = u.EnvironmentId,
                Kind = Kind,
                Subject = FindingSubject.Setting,
                SubjectName = u.Key,
                Severity = days switch
                {
                    <= 0 => Severity.Error,
                    <= 7 => Severity.Warning,
                    _ => Severity.Info,
                },
                Message = Message(u.Key, reference, days),
                Since = now,
            })
        );
    }

    /// <summary>Takes them away.</summary>
    public static async Task ResolveAsync(
        PortalDbContext db,
        SecretReference reference,
        DateTime now,
        CancellationToken cancellationToken
    ) => await ResolveAsync(db, await UsesAsync(db, reference, cancellationToken), now, cancellationToken);

    private static async Task ResolveAsync(
        PortalDbContext db,
        IReadOnlyList<(Guid EnvironmentId, string Key)> uses,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var ids = uses.Select(u => u.EnvironmentId).Distinct().ToList();
        var open = await db
            .Findings.AsTracking()
            .Where(f => ids.Contains(f.EnvironmentId) && f.Kind == Kind && f.ResolvedAt == null)
            .ToListAsync(cancellationToken);
        foreach (var finding in open.Where(f => uses.Contains((f.EnvironmentId, f.SubjectName))))
        {
            finding.ResolvedAt = now;
        }
    }

    private static string Message(string key, SecretReference reference, int days)
    {
        var what = reference.Name.Length == 0 ? key : $"{key} (shared credential {reference.Name})";
        var date = reference.ExpiresAt!.Value.ToString("d MMM yyyy HH:mm 'UTC'", CultureInfo.InvariantCulture);
        return days <= 0
            ? $"{what} expired on {date}. Store a new version and rotate to it now: services may already refuse the old one."
            : $"{what} expires on {date}. Store a new version and rotate to it before then.";
    }
}
