using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor.Services;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Web.Components;

/// <summary>The one place where pages register.</summary>
internal static class PortalPages
{
    public static IServiceCollection AddPortalPages(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddMudServices();
        services.AddCascadingAuthenticationState();
        services.AddScoped<CallerSource>();
        services.AddMemoryCache();
        services.TryAddSingleton<Forms.FormProblems>();
        return services;
    }

    public static IEndpointRouteBuilder MapPortalPages(this IEndpointRouteBuilder routes)
    {
        routes.MapRazorComponents<App>().AddInteractiveServerRenderMode();
        return routes;
    }
}
