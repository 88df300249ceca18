using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>How secrets get into one cluster, and the settings of that delivery. Never a secret.</summary>
public sealed record SecretDeliverySettings
{
    /// <summary>Refresh interval where none is given.</summary>
    public const string DefaultRefresh = "1h";

    /// <summary>What every cluster begins with.</summary>
    public static SecretDeliverySettings Portal { get; } = new();

    /// <summary>Way.</summary>
    public SecretDeliveryMode Mode { get; init; }

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

    /// <summary>Earlier deliveries of the cluster, whose objects may still have to be removed; null for none.</summary>
    public IReadOnlyList<SecretDeliveryMode>? Before { get; init; }

    /// <summary>Those of a cluster.</summary>
    public static SecretDeliverySettings Of(Cluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var store = cluster.SecretDeliveryStore;
        SecretDeliveryMode[] before =
        [
            .. store.HadExternalSecrets ? [SecretDeliveryMode.ExternalSecrets] : Array.Empty<SecretDeliveryMode>(),
            .. store.HadSecretsStoreCsi ? [SecretDeliveryMode.SecretsStoreCsi] : Array.Empty<SecretDeliveryMode>(),
        ];
        return new SecretDeliverySettings
        {
            Mode = cluster.SecretDelivery,
            StoreKind = store.StoreKind,
            StoreName = store.StoreName,
            RefreshInterval = store.RefreshInterval,
            Vault = store.Vault,
            TenantId = store.TenantId,
            ClientId = store.ClientId,
            Before = before.Length == 0 ? null : before,
        };
    }

    /// <summary>Writes them down.</summary>
    public void WriteTo(Cluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        cluster.SecretDelivery = Mode;
        cluster.SecretDeliveryStore = new SecretDeliveryStore
        {
            StoreKind = StoreKind,
            StoreName = StoreName,
            RefreshInterval = RefreshInterval,
            Vault = Vault,
            TenantId = TenantId,
            ClientId = ClientId,
            HadExternalSecrets = Before?.Contains(SecretDeliveryMode.ExternalSecrets) == true,
            HadSecretsStoreCsi = Before?.Contains(SecretDeliveryMode.SecretsStoreCsi) == true,
        };
    }

    /// <summary>Whether objects of that way may be in the cluster.</summary>
    public bool HasSeen(SecretDeliveryMode mode) => Mode == mode || Before?.Contains(mode) == true;

    /// <summary>As the contract spells the way.</summary>
    public static string NameOf(SecretDeliveryMode mode) =>
        mode switch
        {
            SecretDeliveryMode.ExternalSecrets => "externalSecrets",
            SecretDeliveryMode.SecretsStoreCsi => "csi",
            _ => "portal",
        };

    /// <summary>Reads <see cref="NameOf"/>.</summary>
    public static SecretDeliveryMode? Parse(string word) =>
        Enum.GetValues<SecretDeliveryMode>().Cast<SecretDeliveryMode?>().FirstOrDefault(m => NameOf(m!.Value) == word);
}

/// <summary>How secrets get into a cluster, for people and for the API.</summary>
/// <param name="Mode"><c>portal</c>, <c>externalSecrets</c> or <c>csi</c>.</param>
/// <param name="StoreKind">External Secrets: kind of the store.</param>
/// <param name="StoreName">External Secrets: its name.</param>
/// <param name="RefreshInterval">External Secrets: how often it looks.</param>
/// <param name="Vault">CSI driver: Key Vault.</param>
/// <param name="TenantId">CSI driver: tenant.</param>
/// <param name="ClientId">CSI driver: client id of the workload identity.</param>
public sealed record SecretDeliveryView(
    string Mode,
    string? StoreKind = null,
    string? StoreName = null,
    string? RefreshInterval = null,
    string? Vault = null,
    string? TenantId = null,
    string? ClientId = null
)
{
    internal static SecretDeliveryView Of(SecretDeliverySettings s) =>
        new(SecretDeliverySettings.NameOf(s.Mode), s.StoreKind, s.StoreName, s.RefreshInterval, s.Vault, s.TenantId, s.ClientId);
}
