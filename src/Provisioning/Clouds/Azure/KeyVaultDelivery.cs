using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Portkey.Portal.Provisioning.Clouds.Azure;

/// <summary>Key Vault for clusters (https://azure.github.io/secrets-store-csi-driver-provider-azure/,
/// https://external-secrets.io/latest/provider/azure-key-vault/). Pure.</summary>
internal sealed partial class KeyVaultDelivery : IVaultDelivery
{
    // Domain with its dot, and the CSI provider's word for the cloud; empty for the public one.
    private static readonly (string Domain, string Cloud)[] Domains =
    [
        (".vault.azure.net", ""),
        (".vault.azure.cn", "AzureChinaCloud"),
        (".vault.usgovcloudapi.net", "AzureUSGovernmentCloud"),
    ];

    public string CsiProvider => "azure";

    // Every AKS node has it: its pods are made of it.
    public string PauseImage => "mcr.microsoft.com/oss/kubernetes/pause:3.6";

    public string? AddressOf(string text) =>
        VaultName().IsMatch(text) ? $"https://{text.ToLowerInvariant()}.vault.azure.net/"
        : Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme == Uri.UriSchemeHttps
        && uri is { IsDefaultPort: true, AbsolutePath: "/", Query: "", UserInfo: "" }
        && Array.Exists(
            Domains,
            c => uri.Host.EndsWith(c.Domain, StringComparison.Ordinal) && VaultName().IsMatch(uri.Host[..^c.Domain.Length])
        )
            ? uri.ToString()
        : null;

    public JsonObject CsiParameters(Uri vault, string? clientId, string? tenantId, IEnumerable<VaultObject> objects)
    {
        var parameters = new JsonObject
        {
            ["usePodIdentity"] = "false",
            ["clientID"] = clientId,
            ["keyvaultName"] = vault.Host[..vault.Host.IndexOf('.', StringComparison.Ordinal)],
            ["tenantId"] = tenantId,
            ["objects"] = Text(objects),
        };
        if (Array.Find(Domains, c => vault.Host.EndsWith(c.Domain, StringComparison.Ordinal)).Cloud is { Length: > 0 } cloud)
        {
            parameters["cloudName"] = cloud;
        }

        return parameters;
    }

    public JsonObject AccountAnnotations(string? clientId, string? tenantId) =>
        new() { ["azure.workload.identity/client-id"] = clientId, ["azure.workload.identity/tenant-id"] = tenantId };

    public Uri? VaultOf(JsonObject store) =>
        Uri.TryCreate(store["spec"]?["provider"]?["azurekv"]?["vaultUrl"]?.ToString(), UriKind.Absolute, out var vault) ? vault : null;

    // The provider wants YAML strings within a YAML string. Names and keys need no quotes, but versions do: one may look like a
    // number.
    private static string Text(IEnumerable<VaultObject> objects)
    {
        var text = new StringBuilder("array:\n");
        foreach (var (name, version, key) in objects)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"  - |\n    objectName: {name}\n    objectAlias: {key}\n    objectType: secret\n    objectVersion: \"{version}\"\n"
            );
        }

        return text.ToString();
    }

    [GeneratedRegex(@"\A[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]\z")]
    private static partial Regex VaultName();
}
