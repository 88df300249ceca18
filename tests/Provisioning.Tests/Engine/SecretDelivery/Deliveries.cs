using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Tests.Engine.SecretDelivery;

/// <summary>Sets, ways and vaults to test with.</summary>
internal static class Deliveries
{
    public const string Id = "11111111-2222-4333-8444-555555555555";

    public static SecretDeliverySettings External { get; } =
        new()
        {
            Mode = SecretDeliveryMode.ExternalSecrets,
            StoreKind = "ClusterSecretStore",
            StoreName = "portkey",
            RefreshInterval = "1h",
        };

    public static SecretDeliverySettings Csi { get; } =
        new()
        {
            Mode = SecretDeliveryMode.SecretsStoreCsi,
            Vault = "https://portkey.vault.azure.net/",
            TenantId = Id,
            ClientId = Id,
        };

    public static VaultAddresses Azure { get; } =
        new(
            Options.Create(
                new VaultOptions
                {
                    Kind = "azure",
                    Address = "https://portkey.vault.azure.net",
                    Teams = new Dictionary<string, string>(StringComparer.Ordinal) { ["payments"] = "https://payments.vault.azure.net" },
                }
            )
        );

    public static VaultAddresses Local { get; } = new(Options.Create(new VaultOptions()));

    public static SecretSet Set(params string[] keys)
    {
        var pins = keys.ToDictionary(
            k => k,
            k => new SecretPin($"env-1-{k.ToLowerInvariant().Replace('_', '-')}", 2, $"0{k.Length}e1"),
            StringComparer.Ordinal
        );
        var pull = keys.Contains("REGISTRY_PASSWORD", StringComparer.Ordinal)
            ? new PullSecret("gw-pull-1", "registry.example.com", "us{{er")
            : null;
        return new SecretSet(
            "payments-dev",
            "gw",
            pins,
            pull,
            keys.ToDictionary(k => k, k => new SecretValue($"canary-{k}"), StringComparer.Ordinal),
            new Dictionary<string, string>(StringComparer.Ordinal) { ["portal.portkey.ai/environment"] = "e" }
        );
    }
}
