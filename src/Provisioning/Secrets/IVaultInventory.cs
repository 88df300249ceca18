namespace Portkey.Portal.Provisioning.Secrets;

/// <summary>What is in the vault, without values.</summary>
public interface IVaultInventory
{
    /// <summary>Every version of every secret, in any order.</summary>
    /// <exception cref="VaultException">The vault refused or did not answer.</exception>
    IAsyncEnumerable<VaultEntry> ListAsync(CancellationToken cancellationToken);
}

/// <summary>One version in the vault.</summary>
/// <param name="Name">Name of the secret.</param>
/// <param name="Version">Version id that the vault gave.</param>
/// <param name="IsEnabled">Whether it can be read.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="ExpiresAt">UTC expiry; null for none.</param>
/// <param name="EnvironmentId">Environment that its tags name; empty for none.</param>
/// <param name="Purpose">What it is for, as its tags say; empty for none.</param>
public sealed record VaultEntry(string Name, string Version, bool IsEnabled, DateTime CreatedAt, DateTime? ExpiresAt, string EnvironmentId, string Purpose);
