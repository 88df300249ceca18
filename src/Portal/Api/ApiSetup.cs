using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Api;

/// <summary>The REST side: every group is mapped once, below one policy and one pair of filters.</summary>
internal static class ApiSetup
{
    public static IServiceCollection AddPortalApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        return services.AddPortalOpenApi();
    }

    public static IEndpointRouteBuilder MapPortalApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1").RequireAuthorization();
        api.AddEndpointFilter<KnownPersonFilter>();
        api.AddEndpointFilter<AntiforgeryFilter>();
        foreach (var status in new[] { 400, 401, 403, 404, 409, 413, 429, 500, 503 })
        {
            api.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemShape), ["application/problem+json"]));
        }

        api.MapMe();
        api.MapCatalog();
        api.MapRequests();
        api.MapEnvironments();
        api.MapSecrets();
        api.MapCredentials();
        api.MapRotations();
        api.MapOperations();
        api.MapChanges();
        api.MapAudit();
        api.MapSecurityLog();
        api.MapSessions();

        routes.MapPortalOpenApi();
        return routes;
    }

    /// <summary>A list that is always complete, in the shape of those that page.</summary>
    public static Page<T> Whole<T>(IReadOnlyList<T> items) => new(items, null);
}

/// <summary>Shape of every error, for the description of the API.</summary>
internal sealed record ProblemShape(string Type, string Title, int Status, string Detail, string Instance, string Code, string TraceId, IReadOnlyDictionary<string, string[]>? Errors);
