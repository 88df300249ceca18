using System.Text.RegularExpressions;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds.Known;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.Engine.SecretDelivery;

/// <summary>Which settings a delivery takes, and what is wrong with them.</summary>
internal static partial class SecretDeliveryRules
{
    /// <summary>Settings out of what was asked for, with everything that is wrong about them.</summary>
    public static (SecretDeliverySettings Settings, IReadOnlyList<FieldProblem> Problems) Check(
        SecretDeliveryView asked,
        VaultAddresses vaults
    )
    {
        var problems = new List<FieldProblem>();
        if (SecretDeliverySettings.Parse(asked.Mode) is not { } mode)
        {
            return (SecretDeliverySettings.Portal, [new("mode", "It must be one of: portal, externalSecrets, csi.")]);
        }

        if (mode != SecretDeliveryMode.Portal && !vaults.CanBeRead)
        {
            problems.Add(
                new(
                    "mode",
                    "The portal keeps secrets in its local vault (Portal:Vault:Kind), which no cluster can read. Leave it at portal, or move the portal to Azure Key Vault first."
                )
            );
        }

        var settings = new SecretDeliverySettings
        {
            Mode = mode,
            StoreKind = Of(
                mode == SecretDeliveryMode.ExternalSecrets,
                "storeKind",
                asked.StoreKind,
                v => v is "SecretStore" or "ClusterSecretStore",
                "Use ClusterSecretStore or SecretStore."
            ),
            StoreName = Of(
                mode == SecretDeliveryMode.ExternalSecrets,
                "storeName",
                asked.StoreName,
                v => v.Length <= 253 && ObjectName().IsMatch(v),
                "Use the store's name: lower-case letters, digits, '-' and '.'."
            ),
            RefreshInterval = Of(
                mode == SecretDeliveryMode.ExternalSecrets,
                "refreshInterval",
                asked.RefreshInterval ?? (mode == SecretDeliveryMode.ExternalSecrets ? SecretDeliverySettings.DefaultRefresh : null),
                Interval().IsMatch,
                "Use minutes or hours, such as 30m or 1h; 0 to look once."
            ),
            Vault = VaultOf(
                Of(
                    mode == SecretDeliveryMode.SecretsStoreCsi,
                    "vault",
                    asked.Vault,
                    v => VaultOf(v) is not null,
                    "Use the Key Vault's name, or its address such as https://NAME.vault.azure.net."
                )
            ),
            TenantId = Of(mode == SecretDeliveryMode.SecretsStoreCsi, "tenantId", asked.TenantId, IsId, "Use the tenant's id (UUID)."),
            ClientId = Of(
                mode == SecretDeliveryMode.SecretsStoreCsi,
                "clientId",
                asked.ClientId,
                IsId,
                "Use the client id (UUID) of the workload identity."
            ),
        };
        if (settings.Vault is { } vault && vaults.CanBeRead && !vaults.Knows(vault))
        {
            problems.Add(new("vault", $"The portal keeps no secrets there. Its vaults: {vaults}."));
        }

        return (settings, problems);

        string? Of(bool applies, string field, string? value, Func<string, bool> isFine, string rule)
        {
            var text = value?.Trim() ?? "";
            if (!applies)
            {
                if (text.Length > 0)
                {
                    problems.Add(new(field, $"Mode {SecretDeliverySettings.NameOf(mode)} does not take it."));
                }

                return null;
            }

            if (text.Length == 0 || !isFine(text))
            {
                problems.Add(new(field, text.Length == 0 ? $"It is required. {rule}" : rule));
                return null;
            }

            return text;
        }
    }

    private static string? VaultOf(string? text) => text is null ? null : KnownClouds.OfClusters.Delivery!.AddressOf(text);

    private static bool IsId(string text) => Guid.TryParseExact(text, "D", out _);

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex ObjectName();

    [GeneratedRegex(@"\A(0|[1-9][0-9]{0,3}[mh])\z")]
    private static partial Regex Interval();
}
