using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Portkey.Portal.Web.Hosting;

namespace Portkey.Portal.Web.Api;

/// <summary>The description at /openapi/v1.json; for people who are signed in, and for all where Portal:OpenApi:Anonymous says so.</summary>
internal static class OpenApiSetup
{
    public static IServiceCollection AddPortalOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.ShouldInclude = description => description.RelativePath?.StartsWith("api/v1", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Portkey Portal",
                Version = "v1",
                Description = "Request, approve and run Portkey AI gateways. Every error is an RFC 9457 problem; unknown fields are refused by name; lists page by cursor (items, next).",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
            document.Components.SecuritySchemes["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(ProposeBody))
            {
                schema.Examples = [JsonNode.Parse("""
                    {"kind":"create","team":"payments","name":"checkout","cluster":"sandbox","profile":"dev","reason":"Gateway for the checkout service",
                     "spec":{"edition":"oss","settings":{"LOG_LEVEL":"info"},"network":{"exposure":"internal"},"ttlHours":168}}
                    """)!];
            }

            return Task.CompletedTask;
        });
    });

    public static void MapPortalOpenApi(this IEndpointRouteBuilder routes)
    {
        var document = routes.MapOpenApi("/openapi/{documentName}.json");
        if (routes.ServiceProvider.GetRequiredService<IOptions<PortalOptions>>().Value.OpenApi.Anonymous)
        {
            document.AllowAnonymous();
        }
    }
}
