using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clouds.Known;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Registers the vault.</summary>
internal static class VaultServices
{
    /// <summary>Adds <see cref="ISecretWriter"/>, and for a process that reads also <see cref="ISecretVault"/> and
    /// <see cref="IVaultInventory"/>.</summary>
    public static IServiceCollection AddVault(this IServiceCollection services, IConfigurationSection section, bool reads)
    {
        services.AddOptions<VaultOptions>().Bind(section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<VaultOptions>, VaultOptionsValidator>();
        var cloud = KnownClouds.Of(section.Get<VaultOptions>() ?? new VaultOptions());
        services.AddSingleton(cloud);

        // Held apart from the container where only writing is allowed, so that nothing can ask for more.
        if (!reads)
        {
            return services.AddSingleton<ISecretWriter>(cloud.OpenVault);
        }

        return services
            .AddSingleton<ISecretVault>(cloud.OpenVault)
            .AddSingleton<ISecretWriter>(s => s.GetRequiredService<ISecretVault>())
            .AddSingleton(s => (IVaultInventory)s.GetRequiredService<ISecretVault>());
    }
}
