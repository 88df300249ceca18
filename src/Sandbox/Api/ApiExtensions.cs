namespace Portkey.Portal.Sandbox.Api;

/// <summary>Registers and maps the API machinery.</summary>
internal static class ApiExtensions
{
    public static IServiceCollection AddApi(this IServiceCollection services) => services;

    public static WebApplication UseApi(this WebApplication app) => app;

    public static WebApplication MapApi(this WebApplication app) => app;
}
