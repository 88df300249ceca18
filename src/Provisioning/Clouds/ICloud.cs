namespace Portkey.Portal.Provisioning.Clouds;

/// <summary>
/// What the portal needs of a cloud: who keeps secrets, who issues keys of its services, how a cluster reads the vault itself, and what its
/// clusters understand. Everything that names a vendor is in a folder below this one; docs/clouds.md says what another one must provide.
/// </summary>
internal interface ICloud
{
    /// <summary>As <see cref="VaultOptions.Kind"/> names it.</summary>
    string Kind { get; }

    /// <summary>How a cluster reads the vault itself; null where none can.</summary>
    IVaultDelivery? Delivery { get; }

    /// <summary>What clusters of this cloud understand.</summary>
    ICloudRules Rules { get; }

    /// <summary>Opens the vault; calls nobody.</summary>
    ICloudVault OpenVault(IServiceProvider services);

    /// <summary>Secrets of the portal's own vault by names that an operator chose; null where there is no such vault.</summary>
    INamedSecrets? OpenNamedSecrets(IServiceProvider services);
}

/// <summary>A vault with everything that the portal does with one.</summary>
internal interface ICloudVault : ISecretVault, IVaultInventory;

/// <summary>Secrets that an operator made, not the portal: only for the one that wraps the portal's keys.</summary>
internal interface INamedSecrets
{
    /// <summary>The newest version.</summary>
    /// <exception cref="VaultException">Not there, refused or no answer.</exception>
    Task<NamedSecret> NewestAsync(string name, CancellationToken cancellationToken);

    /// <summary>Every version that is enabled.</summary>
    /// <exception cref="VaultException">Not there, refused or no answer.</exception>
    IAsyncEnumerable<NamedSecret> VersionsAsync(string name, CancellationToken cancellationToken);
}

/// <summary>A secret that an operator made.</summary>
/// <param name="Value">Value.</param>
/// <param name="Place">Host of the vault.</param>
internal sealed record NamedSecret(SecretValue Value, string Place);

/// <summary>Keys of a storage account, each of which can be regenerated while the other stays valid.</summary>
internal interface IStorageAccounts
{
    /// <summary>The account's keys.</summary>
    /// <exception cref="IssueException">The cloud refused or did not answer.</exception>
    Task<IReadOnlyList<StorageKey>> ListAsync(StorageAccount account, CancellationToken cancellationToken);

    /// <summary>Regenerates a key and returns all.</summary>
    /// <exception cref="IssueException">The cloud refused or did not answer.</exception>
    Task<IReadOnlyList<StorageKey>> RegenerateAsync(StorageAccount account, string key, CancellationToken cancellationToken);
}

/// <summary>A storage account.</summary>
/// <param name="Subscription">Id of the subscription that pays for it.</param>
/// <param name="ResourceGroup">Group that it is in.</param>
/// <param name="Name">Name.</param>
internal sealed record StorageAccount(string Subscription, string ResourceGroup, string Name);

/// <summary>A key of a storage account.</summary>
/// <param name="Name">key1 or key2.</param>
/// <param name="Value">Value.</param>
internal sealed record StorageKey(string Name, SecretValue Value);
