namespace Portkey.Portal.Provisioning.Clouds;

/// <summary>Where secrets are kept, section <c>Portal:Vault</c>.</summary>
public sealed class VaultOptions
{
    /// <summary>Section name.</summary>
    public const string Section = "Portal:Vault";

    /// <summary><c>local</c>, for a laptop, or <c>azure</c>.</summary>
    public string Kind { get; set; } = "local";

    /// <summary>The portal's own Key Vault, such as <c>https://NAME.vault.azure.net</c>.</summary>
    public string Address { get; set; } = "";

    /// <summary>Addresses of Key Vaults of teams, by the team's name, which is also the vault's key in names; other teams' secrets are in
    /// the portal's own.</summary>
    public IDictionary<string, string> Teams { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Tenant of the portal's identity; empty for what the environment says.</summary>
    public string TenantId { get; set; } = "";

    /// <summary>Client id of the portal's identity; empty for what the environment says.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>Calls per second that this process sends to one vault at most. Azure takes 400 from all callers together.</summary>
    public int CallsPerSecond { get; set; } = 400;

    /// <summary>Seconds that one use of the vault may take, retries included.</summary>
    public int TimeoutSeconds { get; set; } = 30;

    /// <summary>Whether it is Azure Key Vault.</summary>
    public bool IsAzure => Kind.Equals("azure", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it is the vault of a laptop.</summary>
    public bool IsLocal => Kind.Equals("local", StringComparison.OrdinalIgnoreCase);
}
