using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace Portkey.Portal.Provisioning.Clouds.Azure;

/// <summary>How the portal proves its identity to Azure.</summary>
internal static class KeyVaultCredential
{
    /// <summary>
    /// Not DefaultAzureCredential: that one also tries environment secrets, editors and PowerShell, one after another, so that whatever is
    /// logged in on the machine gets used unnoticed, and a failure takes long and names seven reasons. Here it is the workload identity
    /// that AKS injects, else the managed identity of the machine; in Development <c>az login</c> in its place.
    /// </summary>
    /// <param name="options">Configuration.</param>
    /// <param name="isDevelopment">A laptop.</param>
    /// <param name="transport">For tests: transport to the sign-in service.</param>
    /// <param name="tokenFile">For tests: in place of AZURE_FEDERATED_TOKEN_FILE.</param>
    public static TokenCredential Create(
        VaultOptions options,
        bool isDevelopment,
        HttpPipelineTransport? transport = null,
        string? tokenFile = null
    )
    {
        var workload = With(new WorkloadIdentityCredentialOptions(), transport);
        workload.TenantId = Given(options.TenantId) ?? workload.TenantId;
        workload.ClientId = Given(options.ClientId) ?? workload.ClientId;
        workload.TokenFilePath = tokenFile ?? workload.TokenFilePath;
        TokenCredential other = isDevelopment
            ? new AzureCliCredential(new AzureCliCredentialOptions { TenantId = Given(options.TenantId) })
            : new ManagedIdentityCredential(
                With(
                    new ManagedIdentityCredentialOptions(
                        Given(options.ClientId) is { } client
                            ? ManagedIdentityId.FromUserAssignedClientId(client)
                            : ManagedIdentityId.SystemAssigned
                    ),
                    transport
                )
            );
        return new ChainedTokenCredential(new WorkloadIdentityCredential(workload), other);
    }

    private static T With<T>(T options, HttpPipelineTransport? transport)
        where T : TokenCredentialOptions
    {
        options.Diagnostics.IsLoggingContentEnabled = false;
        options.IsUnsafeSupportLoggingEnabled = false;
        options.Transport = transport ?? options.Transport;
        return options;
    }

    private static string? Given(string text) => text.Length > 0 ? text : null;
}
