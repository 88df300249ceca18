using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Charts;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Imports;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Provisioning.Sync;
using Portkey.Portal.Provisioning.Teams;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting;

namespace Portkey.Portal.Web.Api;

/// <summary>What requests may choose from.</summary>
internal static class CatalogApi
{
    public static void MapCatalog(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("").WithTags("Catalog");
        group.MapGet("/teams", async Task<Page<TeamView>> (HttpContext http, CatalogService catalog) => ApiSetup.Whole(await catalog.TeamsAsync(http.Caller(), http.RequestAborted)))
            .WithName("ListTeams").WithSummary("Teams that the caller may act for.");
        group.MapGet("/clusters", async Task<Page<ClusterView>> (HttpContext http, CatalogService catalog) => ApiSetup.Whole(await catalog.ClustersAsync(http.Caller(), http.RequestAborted)))
            .WithName("ListClusters").WithSummary("Clusters that environments may be placed in.");
        group.MapGet("/profiles", async Task<Page<ProfileView>> (HttpContext http, CatalogService catalog) => ApiSetup.Whole(await catalog.ProfilesAsync(http.Caller(), http.RequestAborted)))
            .WithName("ListProfiles").WithSummary("Named sizes.");
        group.MapGet("/sizing", (HttpContext http, CatalogService catalog) => catalog.SizeAsync(
                http.Caller(), new Traffic(Query.Number(http, "requestsPerMinute", 1, 10_000_000) ?? 0, Query.Number(http, "logKilobytes", 1, 16_000) ?? 10, Query.Number(http, "retentionDays", 0, 3650) ?? 30), http.RequestAborted))
            .WithName("ProposeSize").WithSummary("A size and what it costs for requestsPerMinute, logKilobytes and retentionDays.");
        group.MapGet("/charts", async Task<Page<ChartView>> (HttpContext http, CatalogService catalog) => ApiSetup.Whole(await catalog.ChartsAsync(http.Caller(), http.RequestAborted)))
            .WithName("ListCharts").WithSummary("Chart versions that administrators allow.");
        group.MapGet("/settings", async Task<Page<SettingView>> (HttpContext http, CatalogService catalog) => ApiSetup.Whole(await catalog.SettingsAsync(http.Caller(), http.RequestAborted)))
            .WithName("ListSettings").WithSummary("Gateway settings, with what each takes.");
        group.MapPost("/charts", RegisterChartAsync).Renders().Accepts<RegisterChartBody>("application/json").Produces<ChartView>(201)
            .WithName("RegisterChart").WithSummary("Allows a chart version; administrators only.");
        api.MapPost("/import", async Task<ImportView> (HttpContext http, ImportService imports) =>
                await imports.ReadAsync(http.Caller(), await ApiBody.TextAsync(http, "text"), http.RequestAborted))
            .WithTags("Requests").WithName("ImportValues")
            .WithSummary("Reads a values.yaml (raw body, text/plain) into a spec; name the answer's id as import in the request that uses it. Secrets in it go to the vault and are never returned.");
        group.MapPost("/clusters", RegisterClusterAsync).Accepts<RegisterClusterBody>("application/json").Produces<ClusterView>(201)
            .WithName("RegisterCluster").WithSummary("Registers a cluster; administrators only. The kubeconfig goes to the vault and is never returned.");
        group.MapPut("/clusters/{cluster}/kubeconfig", async Task<IResult> (HttpContext http, ClusterKubeconfigs kubeconfigs, string cluster) =>
            {
                await kubeconfigs.ReplaceAsync(http.Caller(), cluster, new SecretValue(await ApiBody.TextAsync(http, "kubeconfig")), http.RequestAborted);
                return Results.NoContent();
            })
            .Produces(204).WithName("ReplaceKubeconfig").WithSummary("Replaces the kubeconfig of a cluster by the raw body (text/plain); administrators only. It is tried first, on the same cluster; the old one is disabled afterwards.");
        group.MapPut("/clusters/{cluster}/secret-sync", SetSecretSyncAsync).Accepts<SecretSyncBody>("application/json").Produces<ClusterView>()
            .WithName("SetClusterSecretSync").WithSummary("Says how secrets get into a cluster, by its name or id: portal, externalSecrets or csi; administrators only. Each environment follows with its next operation.");
    }

    private static async Task<IResult> RegisterChartAsync(HttpContext http, ChartRegistration charts)
    {
        var command = await ApiBody.ReadAsync(http, body =>
        {
            Need<ChartSource>(body, "source");
            Need<Edition>(body, "edition");
            return new RegisterChartCommand(body.Word<ChartSource>("source") ?? default, body.Required("location", 1000), body.Text("version", 200),
                body.Word<Edition>("edition") ?? default, body.Flag("makeDefault"), body.Text("podSecurityWaiver", 1000));
        });
        return Results.Created("/api/v1/charts", await charts.RegisterAsync(http.Caller(), command, http.RequestAborted));
    }

    private static async Task<IResult> RegisterClusterAsync(HttpContext http, CatalogService catalog)
    {
        var (name, kubeconfig) = await ApiBody.ReadAsync(http, body => (body.Required("name", 200), new SecretValue(body.Required("kubeconfig", 256 * 1024))));
        return Results.Created("/api/v1/clusters", await catalog.RegisterClusterAsync(http.Caller(), name, kubeconfig, http.RequestAborted));
    }

    private static async Task<ClusterView> SetSecretSyncAsync(HttpContext http, SecretSyncService sync, string cluster)
    {
        var wish = await ApiBody.ReadAsync(http, body => new SecretSyncView(
            body.Required("mode", 40), body.Text("storeKind", 40), body.Text("storeName", 300), body.Text("refreshInterval", 20), body.Text("vault", 300), body.Text("tenantId", 60), body.Text("clientId", 60)));
        return await sync.SetAsync(http.Caller(), cluster, wish, http.RequestAborted);
    }

    private static void Need<T>(FieldReader body, string name) where T : struct, Enum
    {
        if (!body.Has(name))
        {
            body.Refuse(name, $"It is required: one of {string.Join(", ", Words.Of<T>())}.");
        }
    }
}
