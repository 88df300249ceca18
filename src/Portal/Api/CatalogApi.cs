using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Charts;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Governance;
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
        group.MapPost("/charts", RegisterChartAsync).Renders().Accepts<RegisterChartBody>("application/json").Produces<ChartView>(201).Produces<ChangeAccepted>(202)
            .WithName("RegisterChart").WithSummary("Allows a chart version; administrators only. One with a waiver waits for a second administrator (202).");
        api.MapPost("/import", async Task<ImportView> (HttpContext http, ImportService imports) =>
                await imports.ReadAsync(http.Caller(), await ApiBody.TextAsync(http, "text"), http.RequestAborted))
            .WithTags("Requests").WithName("ImportValues")
            .WithSummary("Reads a values.yaml (raw body, text/plain) into a spec; name the answer's id as import in the request that uses it. Secrets in it go to the vault and are never returned.");
        group.MapPost("/clusters", RegisterClusterAsync).Accepts<RegisterClusterBody>("application/json").Produces<ClusterView>(201).Produces<ChangeAccepted>(202)
            .WithName("RegisterCluster").WithSummary("Registers a cluster; administrators only. The kubeconfig goes to the vault and is never returned. It waits for a second administrator (202), unless there has been none yet (201).");
        group.MapPut("/clusters/{cluster}/kubeconfig", async Task<IResult> (HttpContext http, ClusterKubeconfigs kubeconfigs, ChangeService changes, string cluster) =>
            {
                var outcome = await kubeconfigs.ReplaceAsync(http.Caller(), cluster, new SecretValue(await ApiBody.TextAsync(http, "kubeconfig")), http.RequestAborted);
                return await ChangesApi.AnswerAsync(http, changes, outcome, () => Task.FromResult(Results.NoContent()));
            })
            .Produces(204).Produces<ChangeAccepted>(202).WithName("ReplaceKubeconfig").WithSummary("Replaces the kubeconfig of a cluster by the raw body (text/plain); administrators only, and a second one approves (202). It is tried first, on the same cluster; the old one is disabled afterwards.");
        group.MapPut("/clusters/{cluster}/secret-sync", SetSecretSyncAsync).Accepts<SecretSyncBody>("application/json").Produces<ClusterView>().Produces<ChangeAccepted>(202)
            .WithName("SetClusterSecretSync").WithSummary("Says how secrets get into a cluster, by its name or id: portal, externalSecrets or csi; administrators only, and a second one approves (202). Each environment follows with its next operation.");
    }

    private static async Task<IResult> RegisterChartAsync(HttpContext http, ChartRegistration charts, ChangeService changes)
    {
        var command = await ApiBody.ReadAsync(http, body =>
        {
            Need<ChartSource>(body, "source");
            Need<Edition>(body, "edition");
            return new RegisterChartCommand(body.Word<ChartSource>("source") ?? default, body.Required("location", 1000), body.Text("version", 200),
                body.Word<Edition>("edition") ?? default, body.Flag("makeDefault"), body.Text("podSecurityWaiver", 1000));
        });
        var (chart, outcome) = await charts.RegisterAsync(http.Caller(), command, http.RequestAborted);
        return await ChangesApi.AnswerAsync(http, changes, outcome, () => Task.FromResult(Results.Created("/api/v1/charts", chart)));
    }

    private static async Task<IResult> RegisterClusterAsync(HttpContext http, ClusterRegistration clusters, CatalogService catalog, ChangeService changes)
    {
        var (name, kubeconfig) = await ApiBody.ReadAsync(http, body => (body.Required("name", 200), new SecretValue(body.Required("kubeconfig", 256 * 1024))));
        var outcome = await clusters.RegisterAsync(http.Caller(), name, kubeconfig, http.RequestAborted);
        return await ChangesApi.AnswerAsync(http, changes, outcome, async () => Results.Created("/api/v1/clusters", (await catalog.ClustersAsync(http.Caller(), http.RequestAborted)).First(c => c.Name == name)));
    }

    private static async Task<IResult> SetSecretSyncAsync(HttpContext http, SecretSyncService sync, ChangeService changes, string cluster)
    {
        var wish = await ApiBody.ReadAsync(http, body => new SecretSyncView(
            body.Required("mode", 40), body.Text("storeKind", 40), body.Text("storeName", 300), body.Text("refreshInterval", 20), body.Text("vault", 300), body.Text("tenantId", 60), body.Text("clientId", 60)));
        var outcome = await sync.SetAsync(http.Caller(), cluster, wish, http.RequestAborted);
        return await ChangesApi.AnswerAsync(http, changes, outcome, async () => Results.Ok(await sync.ClusterAsync(cluster, http.RequestAborted)));
    }

    private static void Need<T>(FieldReader body, string name) where T : struct, Enum
    {
        if (!body.Has(name))
        {
            body.Refuse(name, $"It is required: one of {string.Join(", ", Words.Of<T>())}.");
        }
    }
}
