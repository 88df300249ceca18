using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>The provider of a credential as people see it.</summary>
/// <param name="Settings">Settings, by name; never a secret.</param>
/// <param name="IsUnderWay">Whether a new value is being made.</param>
/// <param name="UnattendedBy">Administrator who had it rotate by itself; empty where it does not.</param>
/// <param name="NotBefore">UTC time before which no rotation begins by itself; null for none.</param>
/// <param name="Problem">Why the last attempt failed; empty when it did not.</param>
public sealed record ProviderFacts(
    IReadOnlyDictionary<string, string> Settings,
    bool IsUnderWay,
    string UnattendedBy,
    DateTime? NotBefore,
    string Problem
)
{
    internal static async Task<ProviderFacts> ReadAsync(PortalDbContext db, SecretReference reference, CancellationToken cancellationToken)
    {
        var requests = await db
            .IssueRequests.Where(r => r.SecretReferenceId == reference.Id)
            .Select(r => new { r.EndedAt, r.Message })
            .ToListAsync(cancellationToken);
        return new(
            await SettingsAsync(db, reference.Id, cancellationToken),
            requests.Exists(r => r.EndedAt is null),
            reference.IsUnattended ? reference.UnattendedBy ?? "" : "",
            reference.RotateNotBefore,
            requests.Find(r => r.EndedAt is not null)?.Message ?? ""
        );
    }

    /// <summary>Settings of a credential's provider, by name and in its order.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>> SettingsAsync(
        PortalDbContext db,
        Guid reference,
        CancellationToken cancellationToken
    ) =>
        (await db.ProviderSettings.Where(s => s.SecretReferenceId == reference).ToListAsync(cancellationToken))
            .OrderBy(s => s.Name, StringComparer.Ordinal)
            .ToDictionary(s => s.Name, s => s.Value, StringComparer.Ordinal);

    /// <summary>Whether settings are the same, in whatever order.</summary>
    internal static bool Same(IReadOnlyDictionary<string, string> some, IReadOnlyDictionary<string, string> others) =>
        some.OrderBy(s => s.Key, StringComparer.Ordinal).SequenceEqual(others.OrderBy(s => s.Key, StringComparer.Ordinal));
}
