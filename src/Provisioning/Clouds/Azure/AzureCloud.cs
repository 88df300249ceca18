using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Portkey.Portal.Provisioning.Clouds.Azure;

/// <summary>Azure: Key Vault, keys of storage accounts, workload identity and AKS.</summary>
internal sealed class AzureCloud : ICloud
{
    public string Kind => "azure";

    public IVaultDelivery Delivery { get; } = new KeyVaultDelivery();

    public ICloudRules Rules { get; } = new AzureRules();

    public ICloudVault OpenVault(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<VaultOptions>>();
        return new KeyVaults(options, Credential(services, options.Value), services.GetRequiredService<TimeProvider>());
    }

    public INamedSecrets OpenNamedSecrets(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<VaultOptions>>().Value;
        return new KeyVaultNamedSecrets(options, Credential(services, options), services.GetRequiredService<TimeProvider>());
    }

    /// <summary>Opens the management API, by the portal's own identity whichever vault there is.</summary>
    public static IStorageAccounts OpenStorageAccounts(IServiceProvider services, Uri endpoint, TimeSpan timeout) =>
        new StorageAccountKeys(
            endpoint,
            timeout,
            Credential(services, services.GetRequiredService<IOptions<VaultOptions>>().Value),
            services.GetRequiredService<TimeProvider>()
        );

    private static global::Azure.Core.TokenCredential Credential(IServiceProvider services, VaultOptions options) =>
        KeyVaultCredential.Create(options, services.GetRequiredService<IHostEnvironment>().IsDevelopment());
}
