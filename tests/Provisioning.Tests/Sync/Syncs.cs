using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Provisioning.Sync;

namespace Portkey.Portal.Provisioning.Tests.Sync;

/// <summary>Sets, ways and vaults to test with.</summary>
internal static class Syncs
{
    public const string Id = "11111111-2222-4333-8444-555555555555";

    public static SecretSyncSettings External { get; } = new() { Mode = SecretSync.ExternalSecrets, StoreKind = "ClusterSecretStore", StoreName = "portkey", RefreshInterval = "1h" };

    public static SecretSyncSettings Csi { get; } = new() { Mode = SecretSync.SecretsStoreCsi, Vault = "https://portkey.vault.azure.net/", TenantId = Id, ClientId = Id };

    public static VaultAddresses Azure { get; } = new(Options.Create(new VaultOptions
    {
        Kind = "azure", Address = "https://portkey.vault.azure.net", Teams = new Dictionary<string, string>(StringComparer.Ordinal) { ["payments"] = "https://payments.vault.azure.net" },
    }));

    public static VaultAddresses Local { get; } = new(Options.Create(new VaultOptions()));

    public static SecretSet Set(params string[] keys)
    {
        var pins = keys.ToDictionary(k => k, k => new SecretPin($"env-1-{k.ToLowerInvariant().Replace('_', '-')}", 2, $"0{k.Length}e1"), StringComparer.Ordinal);
        var pull = keys.Contains("REGISTRY_PASSWORD", StringComparer.Ordinal) ? new PullSecret("gw-pull-1", "registry.example.com", "us{{er") : null;
        return new SecretSet("payments-dev", "gw", pins, pull, keys.ToDictionary(k => k, k => new SecretValue($"canary-{k}"), StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal) { ["portal.portkey.ai/environment"] = "e" });
    }
}
