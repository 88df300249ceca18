using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>Which credentials are asked for.</summary>
/// <param name="Search">Words, each part of the setting, of the environment's name, of a shared one's name or of the owning team's; case does
/// not matter.</param>
/// <param name="Team">Name of the owning team.</param>
/// <param name="State">State.</param>
/// <param name="Kind">Kind.</param>
public sealed record CredentialFilter(
    string? Search = null,
    string? Team = null,
    CredentialState? State = null,
    CredentialKind? Kind = null
);

/// <summary>A credential in a list.</summary>
/// <param name="Id">Key.</param>
/// <param name="Key">Setting that it feeds.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="Name">Name of a shared one; empty for an environment's own.</param>
/// <param name="EnvironmentId">Environment that it belongs to; null for a shared one.</param>
/// <param name="Environment">Name of that environment; empty for a shared one.</param>
/// <param name="Environments">How many environments use it.</param>
/// <param name="Team">Display name of the owning team; empty where administrators keep it for all.</param>
/// <param name="Version">Version in use, such as <c>v3</c>; empty for none.</param>
/// <param name="NewestVersion">Newest version that is not disabled.</param>
/// <param name="StoredBy">Who stored the version in use, or the newest where none is.</param>
/// <param name="StoredAt">UTC time they did.</param>
/// <param name="AgeDays">Whole days since then.</param>
/// <param name="ExpiresAt">UTC expiry of the version in use; null for none.</param>
/// <param name="LastRotatedAt">UTC time the version in use became that.</param>
/// <param name="DueAt">UTC time at which its policy wants a new one; null for never.</param>
/// <param name="IsUnattended">Whether a due rotation goes ahead by itself.</param>
/// <param name="States">States that hold, the worst first.</param>
public sealed record CredentialRow(
    Guid Id,
    string Key,
    CredentialKind Kind,
    string Name,
    Guid? EnvironmentId,
    string Environment,
    int Environments,
    string Team,
    string Version,
    string NewestVersion,
    string StoredBy,
    DateTime? StoredAt,
    int? AgeDays,
    DateTime? ExpiresAt,
    DateTime? LastRotatedAt,
    DateTime? DueAt,
    bool IsUnattended,
    IReadOnlyList<CredentialState> States
)
{
    /// <summary>Whether a newer version waits to be used.</summary>
    public bool HasNewer => NewestVersion.Length > 0 && NewestVersion != Version;
}

/// <summary>A credential in full; never its value.</summary>
/// <param name="Credential">What the list shows.</param>
/// <param name="VaultName">Name in the vault.</param>
/// <param name="Provider">What can issue a new value; empty where a person types it.</param>
/// <param name="Policy">When it is to be replaced.</param>
/// <param name="UsedBy">Environments that use it and that the caller may see.</param>
/// <param name="Versions">Versions, newest first.</param>
/// <param name="Anomalies">Where vault and portal differ.</param>
/// <param name="May">What the caller may do.</param>
public sealed record CredentialView(
    CredentialRow Credential,
    string VaultName,
    string Provider,
    CredentialPolicy Policy,
    IReadOnlyList<CredentialUse> UsedBy,
    IReadOnlyList<CredentialVersion> Versions,
    IReadOnlyList<OrphanRow> Anomalies,
    CredentialRights May
)
{
    /// <summary>What the provider was told, and how far it is.</summary>
    public ProviderFacts KeyIssuing { get; init; } = new(new Dictionary<string, string>(StringComparer.Ordinal), false, "", null, "");
}

/// <summary>An environment that uses a credential.</summary>
public sealed record CredentialUse(Guid EnvironmentId, string Environment, string Team, EnvironmentState State, string Key);

/// <summary>One version.</summary>
public sealed record CredentialVersion(
    string Version,
    SecretVersionState State,
    string StoredBy,
    DateTime StoredAt,
    DateTime? ExpiresAt,
    DateTime? DisabledAt
);

/// <summary>What the caller may do with a credential; the service checks again.</summary>
/// <param name="Manage">May set its policy, store versions and ask for rotations.</param>
/// <param name="WhyNot">Why not; empty when they may.</param>
public sealed record CredentialRights(bool Manage, string WhyNot);

/// <summary>A difference between vault and portal.</summary>
/// <param name="Id">Key.</param>
/// <param name="Kind">Kind.</param>
/// <param name="VaultName">Name in the vault.</param>
/// <param name="VaultVersion">Version in the vault.</param>
/// <param name="CredentialId">Credential, where the portal knows one.</param>
/// <param name="Key">Its setting; empty for none.</param>
/// <param name="Detail">One sentence.</param>
/// <param name="Since">UTC time it was first seen.</param>
public sealed record OrphanRow(
    Guid Id,
    SecretAnomalyKind Kind,
    string VaultName,
    string VaultVersion,
    Guid? CredentialId,
    string Key,
    string Detail,
    DateTime Since
);

/// <summary>What expires when.</summary>
/// <param name="From">First day, UTC.</param>
/// <param name="Days">How many days it covers.</param>
/// <param name="Expired">How many expired before it.</param>
/// <param name="Items">Days on which something expires, in order; the others are left out.</param>
public sealed record CredentialCalendar(DateOnly From, int Days, int Expired, IReadOnlyList<CalendarDay> Items);

/// <summary>One day of the calendar.</summary>
public sealed record CalendarDay(DateOnly Date, int Count, IReadOnlyList<CalendarItem> Credentials);

/// <summary>One credential of a day.</summary>
/// <param name="Id">Credential.</param>
/// <param name="Key">Its setting.</param>
/// <param name="Where">Environment, or the name of a shared one.</param>
/// <param name="ExpiresAt">UTC.</param>
public sealed record CalendarItem(Guid Id, string Key, string Where, DateTime ExpiresAt);
