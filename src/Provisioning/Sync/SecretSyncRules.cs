using System.Text.RegularExpressions;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Sync;

/// <summary>Which settings a way takes, and what is wrong with some.</summary>
internal static partial class SecretSyncRules
{
    /// <summary>Settings out of what was asked for, with everything that is wrong about them.</summary>
    public static (SecretSyncSettings Settings, IReadOnlyList<FieldProblem> Problems) Check(SecretSyncView wish, VaultAddresses vaults)
    {
        var problems = new List<FieldProblem>();
        if (SecretSyncSettings.Parse(wish.Mode) is not { } mode)
        {
            return (SecretSyncSettings.Portal, [new("mode", "It must be one of: portal, externalSecrets, csi.")]);
        }

        if (mode != SecretSync.Portal && !vaults.IsAzure)
        {
            problems.Add(new("mode", "The portal keeps secrets in its local vault (Portal:Vault:Kind), which no cluster can read. Leave it at portal, or move the portal to Azure Key Vault first."));
        }

        var settings = new SecretSyncSettings
        {
            Mode = mode,
            StoreKind = Of(mode == SecretSync.ExternalSecrets, "storeKind", wish.StoreKind, v => v is "SecretStore" or "ClusterSecretStore", "Use ClusterSecretStore or SecretStore."),
            StoreName = Of(mode == SecretSync.ExternalSecrets, "storeName", wish.StoreName, v => v.Length <= 253 && ObjectName().IsMatch(v), "Use the store's name: lower-case letters, digits, '-' and '.'."),
            RefreshInterval = Of(mode == SecretSync.ExternalSecrets, "refreshInterval", wish.RefreshInterval ?? (mode == SecretSync.ExternalSecrets ? SecretSyncSettings.DefaultRefresh : null), Interval().IsMatch, "Use minutes or hours, such as 30m or 1h; 0 to look once."),
            Vault = VaultOf(Of(mode == SecretSync.SecretsStoreCsi, "vault", wish.Vault, v => VaultOf(v) is not null, "Use the Key Vault's name, or its address such as https://NAME.vault.azure.net.")),
            TenantId = Of(mode == SecretSync.SecretsStoreCsi, "tenantId", wish.TenantId, IsId, "Use the tenant's id (UUID)."),
            ClientId = Of(mode == SecretSync.SecretsStoreCsi, "clientId", wish.ClientId, IsId, "Use the client id (UUID) of the workload identity."),
        };
        if (settings.Vault is { } vault && vaults.IsAzure && !vaults.Knows(vault))
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
                    problems.Add(new(field, $"Mode {SecretSyncSettings.WordOf(mode)} does not take it."));
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

    /// <summary>A vault's address by its name or address; null where it is neither.</summary>
    private static string? VaultOf(string? text) => text is null ? null
        : VaultName().IsMatch(text) ? $"https://{text.ToLowerInvariant()}.vault.azure.net/"
        : Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps && uri is { IsDefaultPort: true, AbsolutePath: "/", Query: "", UserInfo: "" }
            && Array.Exists(KeyVaultClouds.All, c => uri.Host.EndsWith(c.Domain, StringComparison.Ordinal) && VaultName().IsMatch(uri.Host[..^c.Domain.Length])) ? uri.ToString() : null;

    private static bool IsId(string text) => Guid.TryParseExact(text, "D", out _);

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex ObjectName();

    [GeneratedRegex(@"\A(0|[1-9][0-9]{0,3}[mh])\z")]
    private static partial Regex Interval();

    [GeneratedRegex(@"\A[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]\z")]
    private static partial Regex VaultName();
}

/// <summary>Azure's clouds by the domain of their vaults.</summary>
internal static class KeyVaultClouds
{
    /// <summary>Domain with its dot, and the CSI provider's word for the cloud; empty for the public one.</summary>
    public static (string Domain, string Cloud)[] All { get; } = [(".vault.azure.net", ""), (".vault.azure.cn", "AzureChinaCloud"), (".vault.usgovcloudapi.net", "AzureUSGovernmentCloud")];

    /// <summary>Name and cloud of a vault.</summary>
    public static (string Name, string Cloud) Of(Uri vault)
    {
        var dot = vault.Host.IndexOf('.', StringComparison.Ordinal);
        return (vault.Host[..dot], Array.Find(All, c => vault.Host.EndsWith(c.Domain, StringComparison.Ordinal)).Cloud ?? "");
    }
}
