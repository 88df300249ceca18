using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>The description at /openapi/v1.json; for people who are signed in, and for all where Portal:OpenApi:Anonymous says
/// so.</summary>
internal static class OpenApiSetup
{
    /// <summary>Where it is.</summary>
    public const string Path = "/openapi/v1.json";

    private const string About =
        "Request, approve and run Portkey AI gateways. Unknown fields and unknown query parameters are refused by name, all problems of a call at once; every error is an RFC 9457 "
        + "problem with a stable code; lists page by cursor (items, next). What may be asked again and again carries an ETag, what takes time Retry-After.";

    public static IServiceCollection AddPortalOpenApi(this IServiceCollection services) =>
        services
            .AddSingleton<OpenApiSchemas>()
            .AddOpenApi(
                "v1",
                options =>
                {
                    options.ShouldInclude = description => description.RelativePath?.StartsWith("api/v1", StringComparison.Ordinal) == true;
                    options.CreateSchemaReferenceId = OpenApiSchemas.NameOf;
                    options.AddDocumentTransformer(
                        (document, _, _) =>
                        {
                            document.Info = new OpenApiInfo
                            {
                                Title = "Portkey Portal",
                                Version = "v1",
                                Description = About,
                            };
                            document.Servers = [new OpenApiServer { Url = "/" }]; // where it was read from, under whatever name that was
                            document.Components ??= new OpenApiComponents();
                            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
                            document.Components.SecuritySchemes["bearer"] = new OpenApiSecurityScheme
                            {
                                Type = SecuritySchemeType.Http,
                                Scheme = "bearer",
                            };
                            document.Security =
                            [
                                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] },
                            ];
                            return Task.CompletedTask;
                        }
                    );
                    options.AddSchemaTransformer(
                        (schema, context, _) =>
                        {
                            context.ApplicationServices.GetRequiredService<OpenApiSchemas>().Complete(schema, context);
                            return Task.CompletedTask;
                        }
                    );
                    options.AddOperationTransformer(
                        (operation, context, _) =>
                        {
                            OpenApiOperations.Complete(operation, context);
                            return Task.CompletedTask;
                        }
                    );
                }
            );

    public static void MapPortalOpenApi(this IEndpointRouteBuilder routes)
    {
        var document = routes.MapOpenApi("/openapi/{documentName}.json");
        if (routes.ServiceProvider.GetRequiredService<IOptions<PortalOptions>>().Value.OpenApi.Anonymous)
        {
            document.AllowAnonymous();
        }
    }
}
