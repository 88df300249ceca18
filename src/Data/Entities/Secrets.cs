namespace Portkey.Portal.Data;

/// <summary>One credential: where it is kept, who owns it, when it is due. Never a value.</summary>
public sealed class SecretReference : ILeased
{
    /// <summary>Key.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Environment that it belongs to; null for one that several environments share.</summary>
    public required Guid? EnvironmentId { get; init; }

    /// <summary>Team that owns it; null for one that administrators keep for all teams.</summary>
    public required Guid? TeamId { get; init; }

    /// <summary>Name of a shared one, a DNS label unique among them; empty for an environment's own.</summary>
    public string Name { get; init; } = "";

    /// <summary>Setting that it feeds, for example <c>PORTKEY_CLIENT_AUTH</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Name in the vault: <c>env-{id}-{purpose}</c> or <c>shared-{id}-{purpose}</c>, never reused.</summary>
    public required string VaultName { get; init; }

    /// <summary>UTC expiry of the version in use; null for none.</summary>
    public DateTime? ExpiresAt { get; set; }

    /// <summary>UTC time when the current version became current.</summary>
    public DateTime? LastRotatedAt { get; set; }

    /// <summary>Age in days at which it is due; null where its age does not matter.</summary>
    public int? RotateEveryDays { get; set; }

    /// <summary>Days before its expiry at which it is due; null where only reminders tell of it.</summary>
    public int? RotateBeforeDays { get; set; }

    /// <summary>UTC time at which it is due, by age or expiry, whichever is sooner; null for never.</summary>
    public DateTime? DueAt { get; set; }

    /// <summary>Maintenance window, such as <c>Sat,Sun 02:00-05:00</c> in UTC; empty for any time.</summary>
    public string Window { get; set; } = "";

    /// <summary>Whether a due rotation goes ahead without approval. Needs a provider that can issue values.</summary>
    public bool IsUnattended { get; set; }

    /// <summary>What can issue a new value: <c>redis-acl</c>, <c>azure-storage</c>, <c>random</c>; empty where a person types it.</summary>
    public string Provider { get; set; } = "";

    /// <summary>Administrator who let it rotate by itself; null where it does not.</summary>
    public string? UnattendedBy { get; set; }

    /// <summary>UTC time they did.</summary>
    public DateTime? UnattendedAt { get; set; }

    /// <summary>UTC time before which no rotation begins by itself, after a failed one; null for none.</summary>
    public DateTime? RotateNotBefore { get; set; }

    /// <summary>Worker that makes a new value of it.</summary>
    public Lease Lease { get; init; } = new();

    /// <summary>Changed by whatever decides what may be made: policy, provider, a request for a value, a worker that begins.</summary>
    public Guid Version { get; set; } = Guid.NewGuid();

    /// <summary>Smallest number of days before expiry of which a reminder was given; null for none yet.</summary>
    public int? RemindedDays { get; set; }

    /// <summary>Versions.</summary>
    public ICollection<SecretVersion> Versions { get; } = [];

    /// <summary>What the provider needs to know.</summary>
    public ICollection<ProviderSetting> Settings { get; init; } = [];

    /// <summary>What the provider has to revoke.</summary>
    public ICollection<ProviderMark> Marks { get; init; } = [];
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

    /// <summary>Hosts and ports that the value names, <c>cache.example.com:6380</c>, with commas between; empty for none, or where they
    /// were never recorded.</summary>
    public string Address { get; init; } = "";

    /// <summary>State.</summary>
    public SecretVersionState State { get; set; }

    /// <summary>Who stored it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>UTC expiry that whoever stored it gave; null for none.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>UTC time it was disabled; null before.</summary>
    public DateTime? DisabledAt { get; set; }

    /// <summary>What its provider knows the value by, see <see cref="ProviderMark"/>; null where no provider made it, or another one has
    /// the credential now.</summary>
    public string? ProviderMark { get; set; }
}

/// <summary>One setting of a credential's provider; never a secret.</summary>
public sealed class ProviderSetting
{
    /// <summary>Credential.</summary>
    public Guid SecretReferenceId { get; init; }

    /// <summary>Name, such as <c>account</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Value.</summary>
    public required string Value { get; init; }
}

/// <summary>
/// A value that may be valid on the other side and belongs to no version: recorded before it is made, and removed once a version has it
/// or it was revoked. A mark is what names a value there, such as the SHA-256 by which Redis keeps a password of 256 random bits.
/// </summary>
public sealed class ProviderMark
{
    /// <summary>Credential.</summary>
    public Guid SecretReferenceId { get; init; }

    /// <summary>Mark; never a secret.</summary>
    public required string Mark { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime At { get; init; }
}

/// <summary>Somebody wants a new value of a credential. The table is the workers' queue; one of a credential waits at a time.</summary>
public sealed class IssueRequest
{
    /// <summary>Key.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Credential.</summary>
    public required Guid SecretReferenceId { get; init; }

    /// <summary>Who.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime RequestedAt { get; init; }

    /// <summary>Address they called from.</summary>
    public required string SourceAddress { get; init; }

    /// <summary>Correlation id of the call.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>UTC end; null while it waits.</summary>
    public DateTime? EndedAt { get; set; }

    /// <summary>Number of the version that was stored; null while it waits, and when it failed.</summary>
    public int? Number { get; set; }

    /// <summary>Machine word of the failure; empty when it worked.</summary>
    public string Code { get; set; } = "";

    /// <summary>Why it failed, for people; empty when it worked.</summary>
    public string Message { get; set; } = "";
}

/// <summary>An environment that takes a key from a shared credential.</summary>
public sealed class SecretUse
{
    /// <summary>Environment.</summary>
    public required Guid EnvironmentId { get; init; }

    /// <summary>Setting that it feeds there.</summary>
    public required string Key { get; init; }

    /// <summary>Shared credential.</summary>
    public required Guid SecretReferenceId { get; set; }
}

/// <summary>A difference between the vault and what the portal knows of it, as of the last scan.</summary>
public sealed class SecretAnomaly
{
    /// <summary>Key.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Kind.</summary>
    public required SecretAnomalyKind Kind { get; init; }

    /// <summary>Name in the vault.</summary>
    public required string VaultName { get; init; }

    /// <summary>Version in the vault.</summary>
    public required string VaultVersion { get; init; }

    /// <summary>Credential, where the portal knows one; null for what nothing uses.</summary>
    public Guid? SecretReferenceId { get; init; }

    /// <summary>One sentence.</summary>
    public required string Detail { get; init; }

    /// <summary>UTC time it was first seen.</summary>
    public required DateTime Since { get; init; }
}

/// <summary>How vault and portal differ.</summary>
public enum SecretAnomalyKind
{
    /// <summary>Enabled in the vault, used by nothing.</summary>
    Unused,

    /// <summary>Used, but the vault does not have it.</summary>
    Missing,

    /// <summary>Used, but disabled in the vault.</summary>
    Disabled,
}
