namespace Portkey.Portal.Provisioning.Secrets;

/// <summary>What the web tier may do with the vault: put values in, never get them out.</summary>
public interface ISecretWriter
{
    /// <summary>Stores a new version and answers with its id.</summary>
    /// <param name="name">Name in the vault, <c>env-{id}-{purpose}</c>.</param>
    /// <param name="value">Value.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="VaultException">The vault refused or did not answer.</exception>
    Task<string> SetAsync(string name, SecretValue value, CancellationToken cancellationToken);

    /// <summary>Disables one version for good; does nothing when it is disabled already.</summary>
    /// <exception cref="VaultException">Not there, refused or no answer.</exception>
    Task DisableAsync(string name, string version, CancellationToken cancellationToken);
}

/// <summary>Custody of secrets. Only workers get this.</summary>
public interface ISecretVault : ISecretWriter
{
    /// <summary>Reads one version.</summary>
    /// <exception cref="VaultException">Not there, disabled, refused or no answer.</exception>
    Task<SecretValue> GetAsync(string name, string version, CancellationToken cancellationToken);
}

/// <summary>Why a vault did not do what it was asked.</summary>
public enum VaultFailure
{
    /// <summary>No such secret or version.</summary>
    NotFound,

    /// <summary>The version is disabled.</summary>
    Disabled,

    /// <summary>The portal may not.</summary>
    Forbidden,

    /// <summary>No answer, or too many calls; worth another try.</summary>
    Unavailable,

    /// <summary>What is stored cannot be read, for example because its key is gone.</summary>
    Damaged,
}

/// <summary>A vault did not do what it was asked. Never carries a value.</summary>
public sealed class VaultException(VaultFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Kind.</summary>
    public VaultFailure Failure { get; } = failure;
}
