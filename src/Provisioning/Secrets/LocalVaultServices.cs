using Microsoft.Extensions.DependencyInjection;

namespace Portkey.Portal.Provisioning.Secrets;

/// <summary>Registers the vault of a laptop.</summary>
public static class LocalVaultServices
{
    /// <summary>Adds <see cref="ISecretVault"/>, <see cref="ISecretWriter"/> and Data Protection with its keys in the data folder.</summary>
    public static IServiceCollection AddLocalVault(this IServiceCollection services)
    {
        services.AddSingleton<LocalVault>();
        services.AddSingleton<ISecretVault>(s => s.GetRequiredService<LocalVault>());
        services.AddSingleton<ISecretWriter>(s => s.GetRequiredService<LocalVault>());
        return services;
    }
}
