using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Web.Components.Shared;
using Portkey.Portal.Web.Hosting.Forms;

namespace Portkey.Portal.Web.Features.Catalog;

/// <summary>Kubeconfigs, which hold credentials: plain form posts, for a value must not pass through a circuit.</summary>
internal static class ClusterForms
{
    public static void MapClusterForms(this IEndpointRouteBuilder forms)
    {
        forms.MapPost("/clusters", RegisterClusterAsync);
        forms.MapPost("/clusters/{name}/kubeconfig", ReplaceKubeconfigAsync);
    }

    private static Task<IResult> ReplaceKubeconfigAsync(
        HttpContext http,
        ClusterKubeconfigs kubeconfigs,
        FormProblems problems,
        string name
    ) =>
        FormPost.SecretAsync(
            http,
            problems,
            async (caller, form) =>
            {
                var outcome = await kubeconfigs.ReplaceAsync(
                    caller,
                    name,
                    new SecretValue(form["kubeconfig"].ToString()),
                    http.RequestAborted
                );
                return outcome.IsApplied ? $"{PortalUrls.Cluster(name)}?replaced=true" : PortalUrls.ChangeOf(outcome.Id);
            },
            (_, refused) => $"{PortalUrls.Cluster(name)}?problems={refused}"
        );

    private static Task<IResult> RegisterClusterAsync(HttpContext http, ClusterRegistration clusters, FormProblems problems) =>
        FormPost.SecretAsync(
            http,
            problems,
            async (caller, form) =>
            {
                var name = form["name"].ToString().Trim();
                var outcome = await clusters.RegisterAsync(
                    caller,
                    name,
                    new SecretValue(form["kubeconfig"].ToString()),
                    http.RequestAborted
                );
                return outcome.IsApplied ? PortalUrls.Cluster(name) : PortalUrls.ChangeOf(outcome.Id);
            },
            (form, refused) => PortalUrls.RegisterCluster(form["name"].ToString().Trim(), refused)
        );
}
