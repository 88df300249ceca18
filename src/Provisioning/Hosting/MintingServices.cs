using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Minting;
using Portkey.Portal.Provisioning.Scheduling;
using Portkey.Portal.Provisioning.Secrets;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Registers what mints values and begins rotations; only workers have it, for it reads from the vault.</summary>
internal static class MintingServices
{
    public static IServiceCollection AddMinting(this IServiceCollection services)
    {
        services.AddSingleton(Azure);
        services.AddSingleton<IMintProvider, RandomValues>().AddSingleton<IMintProvider, RedisPasswords>().AddSingleton<IMintProvider, StorageKeys>();
        return services.AddSingleton<Minter>().AddSingleton<Revocations>().AddSingleton<ScheduledRotations>().AddHostedService<MintDispatcher>();
    }

    // The identity is that of the vault, whichever vault there is.
    private static StorageManagement Azure(IServiceProvider services)
    {
        var credential = KeyVaultCredential.Create(services.GetRequiredService<IOptions<VaultOptions>>().Value, services.GetRequiredService<IHostEnvironment>().IsDevelopment());
        return new StorageManagement(services.GetRequiredService<IOptions<MintingOptions>>(), credential, services.GetRequiredService<TimeProvider>());
    }
}
