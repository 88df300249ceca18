using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Access;
using Portkey.Portal.Sandbox.Api.Discovery;
using Portkey.Portal.Sandbox.Api.Pipeline;
using Portkey.Portal.Sandbox.Api.Verbs;
using Portkey.Portal.Sandbox.Garbage;

namespace Portkey.Portal.Sandbox.Api.Routes;

/// <summary>Registers and maps the API machinery.</summary>
internal static class ApiExtensions
{
    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddSingleton<Faults>();
        services.AddSingleton<Authorizer>();
        services.AddSingleton<ServiceAccountTokens>();
        services.AddSingleton<ReadVerbs>();
        services.AddSingleton<WatchVerb>();
        services.AddSingleton<WriteVerbs>();
        services.AddSingleton<DeleteVerbs>();
        services.AddSingleton<ScaleVerbs>();
        services.AddSingleton<PodVerbs>();
        services.AddSingleton<Reviews>();
        services.AddSingleton<ResourceEndpoint>();
        services.AddHostedService<GarbageCollector>();
        services.AddHostedService<NamespaceController>();
        return services;
    }

    public static WebApplication UseApi(this WebApplication app)
    {
        app.UseMiddleware<ErrorShield>();
        app.UseMiddleware<AccessGate>();
        var faults = app.Services.GetRequiredService<Faults>();
        app.Use(next => context => faults.HandleAsync(context, next));
        return app;
    }

    public static WebApplication MapApi(this WebApplication app)
    {
        app.MapDiscovery();
        var faults = app.Services.GetRequiredService<Faults>();
        app.MapPost(
            "/sandbox/faults",
            async context =>
            {
                faults.Set(Faults.Parse(await BodyReader.ObjectAsync(context.Request, context.RequestAborted)));
                await Answer.WriteAsync(context, 200, new JsonObject { ["status"] = "Success" });
            }
        );
        var endpoint = app.Services.GetRequiredService<ResourceEndpoint>();
        app.MapFallback("{**path}", endpoint.HandleAsync);
        return app;
    }
}
