namespace Portkey.Portal.Data;

/// <summary>Where a secret of an environment is kept. Never a value.</summary>
public sealed class SecretReference
{
    /// <summary>Key.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Environment.</summary>
    public required Guid EnvironmentId { get; init; }

    /// <summary>Setting that it feeds, for example <c>PORTKEY_CLIENT_AUTH</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Name in the vault: <c>env-{id}-{purpose}</c>, never reused.</summary>
    public required string VaultName { get; init; }

    /// <summary>UTC expiry; null for none.</summary>
    public DateTime? ExpiresAt { get; set; }

    /// <summary>UTC time when the current version became current.</summary>
    public DateTime? LastRotatedAt { get; set; }

    /// <summary>Versions.</summary>
    public ICollection<SecretVersion> Versions { get; } = [];
}

/// <summary>One version of a secret.</summary>
public sealed class SecretVersion
{
    /// <summary>Reference.</summary>
    public required Guid SecretReferenceId { get; init; }

    /// <summary>1, 2, 3 … within the reference; what people see as v3.</summary>
    public required int Number { get; init; }

    /// <summary>Version id that the vault gave.</summary>
    public required string VaultVersion { get; init; }

    /// <summary>State.</summary>
    public SecretVersionState State { get; set; }

    /// <summary>Who stored it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }
}
