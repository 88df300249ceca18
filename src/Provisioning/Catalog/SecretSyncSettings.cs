using System.Text.Json.Serialization;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Catalog;

/// <summary>How secrets get into one cluster, and what that way needs to know. Never a secret.</summary>
public sealed record SecretSyncSettings
{
    /// <summary>Refresh interval where none is given.</summary>
    public const string DefaultRefresh = "1h";

    /// <summary>What every cluster begins with.</summary>
    public static SecretSyncSettings Portal { get; } = new();

    /// <summary>Way.</summary>
    [JsonIgnore]
    public SecretSync Mode { get; init; }

    /// <summary>External Secrets: <c>ClusterSecretStore</c> or <c>SecretStore</c>; else null.</summary>
    public string? StoreKind { get; init; }

    /// <summary>External Secrets: the store's name; else null.</summary>
    public string? StoreName { get; init; }

    /// <summary>External Secrets: how often it compares with the vault, such as <c>1h</c>; <c>0</c> for once; else null.</summary>
    public string? RefreshInterval { get; init; }

    /// <summary>CSI driver: address of the Key Vault; else null.</summary>
    public string? Vault { get; init; }

    /// <summary>CSI driver: tenant of the vault; else null.</summary>
    public string? TenantId { get; init; }

    /// <summary>CSI driver: client id of the workload identity that may read the vault; else null.</summary>
    public string? ClientId { get; init; }

    /// <summary>Ways that the cluster had before, whose objects may still be there to be taken away; null for none.</summary>
    public IReadOnlyList<SecretSync>? Before { get; init; }

    /// <summary>Those of a cluster.</summary>
    public static SecretSyncSettings Of(Cluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return PortalJson.Read<SecretSyncSettings>(cluster.SecretSyncJson) with { Mode = cluster.SecretSync };
    }

    /// <summary>Whether objects of that way may be in the cluster.</summary>
    public bool HasSeen(SecretSync mode) => Mode == mode || Before?.Contains(mode) == true;

    /// <summary>As the contract spells the way.</summary>
    public static string WordOf(SecretSync mode) => mode switch
    {
        SecretSync.ExternalSecrets => "externalSecrets",
        SecretSync.SecretsStoreCsi => "csi",
        _ => "portal",
    };

    /// <summary>Reads <see cref="WordOf"/>.</summary>
    public static SecretSync? Parse(string word) => Enum.GetValues<SecretSync>().Cast<SecretSync?>().FirstOrDefault(m => WordOf(m!.Value) == word);
}

/// <summary>How secrets get into a cluster, for people and for the API.</summary>
/// <param name="Mode"><c>portal</c>, <c>externalSecrets</c> or <c>csi</c>.</param>
/// <param name="StoreKind">External Secrets: kind of the store.</param>
/// <param name="StoreName">External Secrets: its name.</param>
/// <param name="RefreshInterval">External Secrets: how often it looks.</param>
/// <param name="Vault">CSI driver: Key Vault.</param>
/// <param name="TenantId">CSI driver: tenant.</param>
/// <param name="ClientId">CSI driver: client id of the workload identity.</param>
public sealed record SecretSyncView(string Mode, string? StoreKind = null, string? StoreName = null, string? RefreshInterval = null, string? Vault = null, string? TenantId = null, string? ClientId = null)
{
    internal static SecretSyncView Of(SecretSyncSettings s) => new(SecretSyncSettings.WordOf(s.Mode), s.StoreKind, s.StoreName, s.RefreshInterval, s.Vault, s.TenantId, s.ClientId);
}
