using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Registers everything below the portal.</summary>
public static class ProvisioningServices
{
    /// <summary>Adds use cases and, for the role <c>worker</c>, the engine. Services are singletons that open their own units of work.</summary>
    public static IServiceCollection AddProvisioning(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ProvisioningOptions>().Bind(configuration.GetSection(ProvisioningOptions.Section));
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<Common.LiveUpdates>();
        services.AddSingleton<Teams.PeopleService>();
        services.AddSingleton<Requests.RequestService>();
        services.AddSingleton<Requests.DraftService>();
        services.AddSingleton<Environments.EnvironmentService>();
        services.AddSingleton<Operations.OperationService>();
        services.AddSingleton<Catalog.CatalogService>();
        services.AddSingleton<Audit.AuditService>();
        return services;
    }

    /// <summary>Brings the database up to date and seeds what a first run needs. Call it before serving.</summary>
    public static Task InitializeProvisioningAsync(this IServiceProvider services, CancellationToken cancellationToken) => throw new NotImplementedException();
}
