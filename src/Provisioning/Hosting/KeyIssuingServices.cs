using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clouds.Azure;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Portkey.Portal.Provisioning.Engine.Schedules;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Registers what issues values and begins rotations; only workers have it, because it reads from the vault.</summary>
internal static class KeyIssuingServices
{
    public static IServiceCollection AddKeyIssuing(this IServiceCollection services)
    {
        services.AddSingleton(StorageAccounts);
        services
            .AddSingleton<IKeyIssuer, RandomValues>()
            .AddSingleton<IKeyIssuer, RedisPasswords>()
            .AddSingleton<IKeyIssuer, StorageKeys>();
        return services
            .AddSingleton<KeyIssuance>()
            .AddSingleton<Revocations>()
            .AddSingleton<ScheduledRotations>()
            .AddHostedService<IssueDispatcher>();
    }

    private static IStorageAccounts StorageAccounts(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<KeyIssuingOptions>>().Value;
        return AzureCloud.OpenStorageAccounts(services, new Uri(options.ManagementEndpoint), options.Timeout);
    }
}
