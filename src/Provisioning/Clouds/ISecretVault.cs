namespace Portkey.Portal.Provisioning.Clouds;

/// <summary>
/// What the web tier may do with the vault: put values in and disable them, never read them. Names are qualified: as
/// <see cref="NameFor"/> gave them, and as they are recorded.
/// </summary>
public interface ISecretWriter
{
    /// <summary>Name under which a new secret of a team is kept: as it is in the portal's own vault, <c>vault/name</c> in a
    /// team's.</summary>
    /// <param name="team">The team's name; empty for what belongs to no team.</param>
    /// <param name="name">Plain name: lower-case letters, digits and <c>-</c>.</param>
    string NameFor(string team, string name);

    /// <summary>Stores a new version and answers with its id.</summary>
    /// <param name="name">Qualified name.</param>
    /// <param name="value">Value.</param>
    /// <param name="attributes">What the vault tells about it to those who may only list.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="VaultException">The vault refused or did not answer.</exception>
    Task<string> SetAsync(string name, SecretValue value, SecretAttributes attributes, CancellationToken cancellationToken);

    /// <summary>Disables one version for good; does nothing when it is already disabled.</summary>
    /// <exception cref="VaultException">Not there, refused or no answer.</exception>
    Task DisableAsync(string name, string version, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes a secret with all its versions, for an environment that is gone for good. The vault may keep it for its retention time,
    /// during which the name cannot be used again. Does nothing when it is already gone.
    /// </summary>
    /// <exception cref="VaultException">Refused or no answer.</exception>
    Task DeleteAsync(string name, CancellationToken cancellationToken);
}

/// <summary>Custody of secrets. Only workers get this.</summary>
public interface ISecretVault : ISecretWriter
{
    /// <summary>Reads one version.</summary>
    /// <exception cref="VaultException">Not there, disabled, refused or no answer.</exception>
    Task<SecretValue> GetAsync(string name, string version, CancellationToken cancellationToken);
}

/// <summary>What the portal keeps in its vaults, to find what nothing refers to any more. Only workers get this.</summary>
public interface IVaultInventory
{
    /// <summary>Every version of every secret that the portal itself stored, without values. Secrets of others and deleted ones are left
    /// out.</summary>
    /// <exception cref="VaultException">Refused or no answer.</exception>
    IAsyncEnumerable<VaultEntry> ListAsync(CancellationToken cancellationToken);
}
