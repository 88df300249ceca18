using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Portkey.Portal.Provisioning.Secrets;

/// <summary>Registers the vault.</summary>
internal static class VaultServices
{
    /// <summary>Adds <see cref="ISecretWriter"/>, and for a process that reads also <see cref="ISecretVault"/> and <see cref="IVaultInventory"/>.</summary>
    public static IServiceCollection AddVault(this IServiceCollection services, IConfigurationSection section, bool reads)
    {
        services.AddOptions<VaultOptions>().Bind(section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<VaultOptions>, VaultOptionsValidator>();
        return (section.Get<VaultOptions>() ?? new VaultOptions()).IsAzure
            ? services.AddVault(Azure, reads)
            : services.AddVault(s => ActivatorUtilities.CreateInstance<LocalVault>(s), reads);
    }

    private static IServiceCollection AddVault<T>(this IServiceCollection services, Func<IServiceProvider, T> make, bool reads)
        where T : class, ISecretVault, IVaultInventory
    {
        // Held apart from the container where only writing is allowed, so that nothing can ask for more.
        if (!reads)
        {
            return services.AddSingleton<ISecretWriter>(make);
        }

        return services.AddSingleton<ISecretVault>(make)
            .AddSingleton<ISecretWriter>(s => s.GetRequiredService<ISecretVault>())
            .AddSingleton(s => (IVaultInventory)s.GetRequiredService<ISecretVault>());
    }

    private static KeyVaults Azure(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<VaultOptions>>();
        var credential = KeyVaultCredential.Create(options.Value, services.GetRequiredService<IHostEnvironment>().IsDevelopment());
        return new KeyVaults(options, credential, services.GetRequiredService<TimeProvider>());
    }
}
