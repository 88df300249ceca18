using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>Findings about rotations that should have happened, and about old values that could not be revoked. Each is about a
/// setting.</summary>
internal static class RotationFindings
{
    /// <summary>It is due, and something keeps it from being rotated.</summary>
    public const string Due = "rotation";

    /// <summary>An old value is still valid.</summary>
    public const string Revocation = "revocation";

    /// <summary>Puts it on every environment that uses the credential, replacing the previous one; the same message stays as it
    /// is.</summary>
    public static async Task PutAsync(
        PortalDbContext db,
        SecretReference reference,
        string kind,
        Severity severity,
        string message,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        foreach (var (environment, key) in await ExpiryFindings.UsesAsync(db, reference, cancellationToken))
        {
            var text = StoredText.Fit($"{key} {message}", 1900);
            var open = await OpenAsync(db, environment, key, kind, cancellationToken);
            if (open.Exists(f => f.Message == text))
            {
                continue;
            }

            open.ForEach(f => f.ResolvedAt = now);
            db.Findings.Add(
                new Finding
                {
                    EnvironmentId = environment,
                    Kind = kind,
                    Subject = FindingSubject.Setting,
                    SubjectName = key,
                    Severity = severity,
                    Message = text,
                    Since = now,
                }
            );
        }
    }

    /// <summary>Takes them away.</summary>
    public static async Task ResolveAsync(
        PortalDbContext db,
        SecretReference reference,
        string kind,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        foreach (var (environment, key) in await ExpiryFindings.UsesAsync(db, reference, cancellationToken))
        {
            (await OpenAsync(db, environment, key, kind, cancellationToken)).ForEach(f => f.ResolvedAt = now);
        }
    }

    private static Task<List<Finding>> OpenAsync(
        PortalDbContext db,
        Guid environment,
        string key,
        string kind,
        CancellationToken cancellationToken
    ) => OpenFindings.About(db, environment, kind, key).AsTracking().ToListAsync(cancellationToken);
}
