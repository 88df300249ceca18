using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Discovery;

/// <summary>Version, health, discovery and OpenAPI.</summary>
internal static class DiscoveryEndpoints
{
    private const string AggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    private const string ProtoType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    public static void MapDiscovery(this WebApplication app)
    {
        foreach (var path in (ReadOnlySpan<string>)["/healthz", "/livez", "/readyz"])
        {
            app.MapGet(path, () => Results.Text("ok"));
        }

        app.MapGet("/version", context => Answer.WriteAsync(context, 200, DiscoveryDocuments.Version));
        app.MapGet("/api", context => Either(context, DiscoveryDocuments.Core, DiscoveryDocuments.CoreAggregated));
        app.MapGet("/apis", context => Either(context, DiscoveryDocuments.Groups, DiscoveryDocuments.GroupsAggregated));
        app.MapGet("/api/v1", context => Found(context, DiscoveryDocuments.Resources("", "v1")));
        app.MapGet("/apis/{group}", context => Found(context, DiscoveryDocuments.Group(Route(context, "group"))));
        app.MapGet(
            "/apis/{group}/{version}",
            context => Found(context, DiscoveryDocuments.Resources(Route(context, "group"), Route(context, "version")))
        );
        app.MapGet("/openapi/v3", context => Answer.WriteAsync(context, 200, OpenApi.Index()));
        app.MapGet("/openapi/v3/{**root}", context => Found(context, OpenApi.Document(Route(context, "root"))));
        app.MapGet(
            "/openapi/v2",
            context =>
                context.Request.Headers.Accept.ToString().Contains("protobuf", StringComparison.Ordinal)
                    ? Answer.WriteAsync(context, 200, OpenApi.SwaggerProto(), ProtoType)
                    : Answer.WriteAsync(context, 200, OpenApi.Swagger())
        );
    }

    private static Task Either(HttpContext context, byte[] plain, byte[] aggregated) =>
        context.Request.Headers.Accept.ToString().Contains("v=v2;as=APIGroupDiscoveryList", StringComparison.Ordinal)
            ? Answer.WriteAsync(context, 200, aggregated, AggregatedType)
            : Answer.WriteAsync(context, 200, plain);

    private static Task Found(HttpContext context, JsonObject? document) =>
        document is null
            ? throw new KubeStatusException(404, "NotFound", "the server could not find the requested resource")
            : Answer.WriteAsync(context, 200, document);

    private static string Route(HttpContext context, string name) => context.Request.RouteValues[name] as string ?? "";
}
