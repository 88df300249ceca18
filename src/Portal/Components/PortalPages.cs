using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.Http.HttpResults;
using MudBlazor.Services;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Components.Shared;
using Portkey.Portal.Web.Hosting.Forms;

namespace Portkey.Portal.Web.Components;

/// <summary>The one place where pages register.</summary>
internal static class PortalPages
{
    public static IServiceCollection AddPortalPages(this IServiceCollection services)
    {
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddMudServices(mud => Toasts.Configure(mud.SnackbarConfiguration)).AddScoped<Toasts>();
        services.AddCascadingAuthenticationState();
        services.AddScoped<CallerSource>();
        services
            .AddScoped<CircuitActivity>()
            .AddScoped<CircuitHandler>(circuit => circuit.GetRequiredService<CircuitActivity>())
            .AddScoped<AuthenticationStateProvider, CircuitSession>();
        services.AddMemoryCache();
        services.AddSingleton<FormProblems>();
        return services;
    }

    public static IEndpointRouteBuilder MapPortalPages(this IEndpointRouteBuilder routes)
    {
        routes.MapRazorComponents<App>().AddInteractiveServerRenderMode();

        // An unknown address gets a page, not a blank response; GET only, so that other methods keep their 405.
        routes
            .MapGet(
                "/{*path:regex(^(?!(api|forms|dev|openapi|healthz|_)/).*$):nonfile}",
                () => new RazorComponentResult<Features.About.NotFoundDocument> { StatusCode = StatusCodes.Status404NotFound }
            )
            .WithOrder(int.MaxValue)
            .ExcludeFromDescription();
        return routes;
    }
}
