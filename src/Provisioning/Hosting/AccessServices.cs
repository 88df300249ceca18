using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Security;
using Portkey.Portal.Provisioning.UseCases.Sessions;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Registers sessions and the security log.</summary>
internal static class AccessServices
{
    public static IServiceCollection AddAccess(this IServiceCollection services, IConfigurationSection section, ProvisioningOptions options)
    {
        services
            .AddOptions<SessionLimits>()
            .Bind(section.GetSection("Sessions"))
            .Validate(s => s.IdleMinutes is >= 1 and <= 1440, $"{SessionLimits.Section}:IdleMinutes: use 1 to 1440.")
            .Validate(s => s.AbsoluteHours is >= 1 and <= 168, $"{SessionLimits.Section}:AbsoluteHours: use 1 to 168.")
            .Validate(s => s.CheckSeconds is >= 1 and <= 30, $"{SessionLimits.Section}:CheckSeconds: use 1 to 30.")
            .ValidateOnStart();
        services
            .AddOptions<SecurityLogOptions>()
            .Bind(section.GetSection("SecurityLog"))
            .Validate(l => l.MaxRows is >= 1000 and <= 10_000_000, $"{SecurityLogOptions.Section}:MaxRows: use 1000 to 10000000.")
            .Validate(l => l.RowsPerSecond is >= 1 and <= 1000, $"{SecurityLogOptions.Section}:RowsPerSecond: use 1 to 1000.")
            .ValidateOnStart();
        services
            .AddSingleton<SecurityLog>()
            .AddSingleton<SecurityLogRows>()
            .AddSingleton<SecurityLogService>()
            .AddSingleton<SessionStore>()
            .AddSingleton<SessionService>();
        return options.IsWeb ? services.AddHostedService<SecurityLogWriter>() : services;
    }
}
