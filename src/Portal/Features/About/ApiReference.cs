using Portkey.Portal.Web.Components.Shared;
using Portkey.Portal.Web.Hosting;
using Portkey.Portal.Web.Hosting.Api;
using Scalar.AspNetCore;

namespace Portkey.Portal.Web.Features.About;

/// <summary>The API's reference for people who are signed in: Scalar over /openapi/v1.json, from this host alone.</summary>
internal static class ApiReference
{
    public static void MapApiReference(this IEndpointRouteBuilder routes) =>
        routes
            .MapScalarApiReference(
                PortalUrls.ApiReference,
                (options, http) =>
                    options
                        .WithTitle("API reference · Portkey Portal")
                        .WithOpenApiRoutePattern(OpenApiSetup.Path)
                        .AddHeaderContent($"<p><a href=\"{PortalUrls.Home}\">Back to the portal</a></p>")
                        .WithNonce(ResponseHeaders.Nonce(http))
                        .DisableDefaultFonts() // they would come from elsewhere
                        .DisableTelemetry()
                        .DisableAgent()
                        .DisableMcp()
                        .HideClientButton() // it leads to a site of somebody else
                        .HideDeveloperTools()
                        .SortTagsAlphabetically()
            )
            .RequireAuthorization()
            .ExcludeFromDescription();
}
