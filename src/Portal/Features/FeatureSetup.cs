using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Features.About;
using Portkey.Portal.Web.Features.Audit;
using Portkey.Portal.Web.Features.Catalog;
using Portkey.Portal.Web.Features.Changes;
using Portkey.Portal.Web.Features.Credentials;
using Portkey.Portal.Web.Features.Environments;
using Portkey.Portal.Web.Features.NewRequest;
using Portkey.Portal.Web.Features.Operations;
using Portkey.Portal.Web.Features.Requests;
using Portkey.Portal.Web.Features.Rotations;
using Portkey.Portal.Web.Features.Security;
using Portkey.Portal.Web.Features.SignIn;
using Portkey.Portal.Web.Hosting.Api;

namespace Portkey.Portal.Web.Features;

/// <summary>Every feature's REST endpoints and form posts are mapped here, once, each kind below one policy and one pair of
/// filters.</summary>
internal static class FeatureSetup
{
    public static IServiceCollection AddPortalFeatures(this IServiceCollection services) => services.AddOperationEvents();

    public static IEndpointRouteBuilder MapPortalApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1").RequireAuthorization();
        api.AddEndpointFilter<KnownPersonFilter>();
        api.AddEndpointFilter<AntiforgeryFilter>();
        api.AddEndpointFilter<DeclaredParameters>();
        api.AnswersWithProblems();

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
        routes.MapApiReference();
        return routes;
    }

    public static void MapPortalForms(this IEndpointRouteBuilder routes)
    {
        var forms = routes.MapGroup("/forms").RequireAuthorization().ExcludeFromDescription();
        forms.AddEndpointFilter<KnownPersonFilter>();
        forms.AddEndpointFilter<AntiforgeryFilter>();
        forms.MapCredentialForms();
        forms.MapClusterForms();
        forms.MapNewRequestForms();
    }
}
