using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>One secret of an environment, never its value.</summary>
/// <param name="Key">Setting that it feeds.</param>
/// <param name="VaultName">Name in the vault.</param>
/// <param name="CurrentVersion">Version in use, such as <c>v3</c>; empty for none.</param>
/// <param name="NewestVersion">Newest version.</param>
/// <param name="ExpiresAt">UTC expiry of the version in use; null for none.</param>
/// <param name="LastRotatedAt">UTC time the version in use became that.</param>
/// <param name="Versions">Versions, newest first.</param>
/// <param name="CredentialId">Its page among the credentials.</param>
/// <param name="SharedName">Name of a credential that other environments use too; empty for the environment's own.</param>
/// <param name="DueAt">UTC time at which its policy wants a new version; null for never.</param>
public sealed record SecretView(
    string Key,
    string VaultName,
    string CurrentVersion,
    string NewestVersion,
    DateTime? ExpiresAt,
    DateTime? LastRotatedAt,
    IReadOnlyList<SecretVersionView> Versions,
    Guid CredentialId,
    string SharedName,
    DateTime? DueAt
)
{
    /// <summary>The version in use; null for none. A method, so that answers of the API do not say it twice.</summary>
    public SecretVersionView? VersionInUse() => Versions.FirstOrDefault(v => v.State == SecretVersionState.Current);

    // In the middle of a rotation, environments that share a credential use two versions of it.
    internal static SecretView Of(SecretReference reference, SecretPin? pin) =>
        new(
            reference.Key,
            reference.VaultName,
            reference.Name.Length > 0 && pin?.VaultName == reference.VaultName
                ? $"v{pin.Number}"
                : VersionOf(reference.Versions.Where(v => v.State == SecretVersionState.Current)),
            VersionOf(reference.Versions),
            reference.ExpiresAt,
            reference.LastRotatedAt,
            [
                .. reference
                    .Versions.OrderByDescending(v => v.Number)
                    .Select(v => new SecretVersionView($"v{v.Number}", v.State, v.CreatedBy, v.CreatedAt, v.ExpiresAt)),
            ],
            reference.Id,
            reference.Name,
            reference.DueAt
        );

    private static string VersionOf(IEnumerable<SecretVersion> versions) =>
        versions.MaxBy(v => v.Number) is { } newest ? $"v{newest.Number}" : "";
}

/// <summary>One version of a secret.</summary>
public sealed record SecretVersionView(string Version, SecretVersionState State, string CreatedBy, DateTime CreatedAt, DateTime? ExpiresAt);
