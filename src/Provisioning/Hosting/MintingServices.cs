using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Minting;
using Portkey.Portal.Provisioning.Scheduling;
using Portkey.Portal.Provisioning.Secrets;
using Quartz;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Registers what mints values and begins rotations; only workers have it, for it reads from the vault.</summary>
internal static class MintingServices
{
    public static IServiceCollection AddMinting(this IServiceCollection services, int scheduleSeconds)
    {
        services.AddSingleton(Azure);
        services.AddSingleton<IMintProvider, RandomValues>().AddSingleton<IMintProvider, RedisPasswords>().AddSingleton<IMintProvider, StorageKeys>();
        services.AddSingleton<Minter>().AddSingleton<Revocations>().AddSingleton<ScheduledRotations>();
        services.AddHostedService<MintDispatcher>();
        return services.AddQuartz(quartz => quartz.ScheduleJob<ScheduleJob>(t => t.StartNow().WithSimpleSchedule(s => s.WithInterval(TimeSpan.FromSeconds(scheduleSeconds)).RepeatForever())));
    }

    // The identity is that of the vault, whichever vault there is.
    private static StorageManagement Azure(IServiceProvider services)
    {
        var credential = KeyVaultCredential.Create(services.GetRequiredService<IOptions<VaultOptions>>().Value, services.GetRequiredService<IHostEnvironment>().IsDevelopment());
        return new StorageManagement(services.GetRequiredService<IOptions<MintingOptions>>(), credential, services.GetRequiredService<TimeProvider>());
    }
}
