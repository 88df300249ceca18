using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Jobs;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Catalog.Charts;
using Portkey.Portal.Provisioning.UseCases.Changes;
using Portkey.Portal.Provisioning.UseCases.Imports;
using Portkey.Portal.Provisioning.UseCases.Teams;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting.Api;
using Portkey.Portal.Web.Hosting.Pipeline;

namespace Portkey.Portal.Web.Features.Catalog;

/// <summary>What requests may choose from.</summary>
internal static class CatalogApi
{
    private static readonly Parameter<int?> RequestsPerMinute = Parameters.Number(
        "requestsPerMinute",
        "Requests to the gateway in a minute.",
        1,
        10_000_000
    );
    private static readonly Parameter<int?> LogKilobytes = Parameters.Number(
        "logKilobytes",
        "Kilobytes of log for each request; 10 if left out.",
        1,
        16_000
    );
    private static readonly Parameter<int?> RetentionDays = Parameters.Number(
        "retentionDays",
        "Days that logs are kept; 30 if left out.",
        0,
        3650
    );

    public static void MapCatalog(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("").WithTags("Catalog");
        group
            .MapGet(
                "/teams",
                async Task<Page<TeamView>> (HttpContext http, CatalogService catalog) =>
                    ApiSetup.Whole(await catalog.TeamsAsync(http.Caller(), http.RequestAborted))
            )
            .WithName("ListTeams")
            .WithSummary("Teams that the caller may act for.");
        group
            .MapGet(
                "/clusters",
                async Task<Page<ClusterView>> (HttpContext http, CatalogService catalog) =>
                    ApiSetup.Whole(await catalog.ClustersAsync(http.Caller(), http.RequestAborted, counted: true))
            )
            .WithName("ListClusters")
            .WithSummary("Clusters that environments may be placed in.");
        group
            .MapGet(
                "/profiles",
                async Task<Page<ProfileView>> (HttpContext http, CatalogService catalog) =>
                    ApiSetup.Whole(await catalog.ProfilesAsync(http.Caller(), http.RequestAborted))
            )
            .WithName("ListProfiles")
            .WithSummary("Named sizes.");
        group
            .MapGet(
                "/sizing",
                (HttpContext http, CatalogService catalog) =>
                    catalog.SizeAsync(
                        http.Caller(),
                        new Traffic(RequestsPerMinute.Of(http) ?? 0, LogKilobytes.Of(http) ?? 10, RetentionDays.Of(http) ?? 30),
                        http.RequestAborted
                    )
            )
            .Takes(RequestsPerMinute, LogKilobytes, RetentionDays)
            .WithName("ProposeSize")
            .WithSummary("A size for this traffic, and what it costs.");
        group
            .MapGet(
                "/charts",
                async Task<Page<ChartView>> (HttpContext http, CatalogService catalog) =>
                    ApiSetup.Whole(await catalog.ChartsAsync(http.Caller(), http.RequestAborted, counted: true))
            )
            .WithName("ListCharts")
            .WithSummary("Chart versions that administrators allow.");
        group
            .MapGet(
                "/charts/{id:guid}/places",
                async Task<ChartPlacesView> (HttpContext http, ChartPlaces places, Guid id) =>
                    await places.ReadAsync(http.Caller(), id, http.RequestAborted)
            )
            .WithName("ListChartPlaces")
            .WithSummary(
                "What a chart version takes at each place of its values, whether the place is open or closed, and why; and which line of charts it belongs to."
            );
        group
            .MapGet(
                "/settings",
                async Task<Page<SettingView>> (HttpContext http, CatalogService catalog) =>
                    ApiSetup.Whole(await catalog.SettingsAsync(http.Caller(), http.RequestAborted))
            )
            .WithName("ListSettings")
            .WithSummary("Gateway settings, with what each takes.");
        group
            .MapPost("/charts", RegisterChartAsync)
            .Renders()
            .Accepts<RegisterChartBody>("application/json")
            .Produces<ChartView>(201)
            .Produces<ChangeAccepted>(202)
            .WithName("RegisterChart")
            .WithSummary("Allows a chart version; administrators only. One with a waiver waits for a second administrator (202).");
        group
            .MapPost(
                "/charts/{id:guid}/retire",
                async Task<ChartView> (HttpContext http, ChartLifecycle charts, Guid id) =>
                    await charts.RetireAsync(http.Caller(), id, (await ApiBody.ReadAsync<ReasonBody>(http)).Reason, http.RequestAborted)
            )
            .Accepts<ReasonBody>("application/json")
            .WithName("RetireChart")
            .WithSummary(
                "Stops new requests from naming a chart version; administrators only, with a reason. Environments on it continue, and may be changed."
            );
        group
            .MapPost(
                "/charts/{id:guid}/restore",
                async Task<ChartView> (HttpContext http, ChartLifecycle charts, Guid id) =>
                    await charts.RestoreAsync(http.Caller(), id, http.RequestAborted)
            )
            .WithName("RestoreChart")
            .WithSummary("Lets new requests name a retired chart version again; administrators only.");
        group
            .MapPost(
                "/charts/{id:guid}/default",
                async Task<ChartView> (HttpContext http, ChartLifecycle charts, Guid id) =>
                    await charts.MakeDefaultAsync(http.Caller(), id, http.RequestAborted)
            )
            .WithName("MakeChartDefault")
            .WithSummary("Makes new requests of its edition start from a chart version; administrators only.");
        api.MapPost(
                "/import",
                async Task<ImportView> (HttpContext http, ImportService imports) =>
                    await imports.ReadAsync(http.Caller(), await ApiBody.TextAsync(http, "text"), http.RequestAborted)
            )
            .TakesText("A values.yaml of Portkey's chart.", "environment:\n  data:\n    SERVICE_NAME: checkout\n")
            .WithTags("Requests")
            .WithName("ImportValues")
            .WithSummary(
                "Reads a values.yaml into a spec; name the answer's id as import in the request that uses it. Secrets in it go to the vault and are never returned."
            );
        group
            .MapPost("/clusters", RegisterClusterAsync)
            .Accepts<RegisterClusterBody>("application/json")
            .Produces<ClusterView>(201)
            .Produces<ChangeAccepted>(202)
            .WithName("RegisterCluster")
            .WithSummary(
                "Registers a cluster; administrators only. The kubeconfig goes to the vault and is never returned. It waits for a second administrator (202), unless there has been none yet (201)."
            );
        group
            .MapPost(
                "/clusters/{cluster}/test",
                async Task<ClusterTestView> (HttpContext http, ClusterTest test, string cluster) =>
                    await test.RunAsync(http.Caller(), cluster, http.RequestAborted)
            )
            .WithName("TestCluster")
            .WithSummary(
                "Asks a cluster, by its name or id, whether it answers, what the portal may do there and what its nodes have; administrators only. It changes nothing."
            );
        group
            .MapPut(
                "/clusters/{cluster}/kubeconfig",
                async Task<IResult> (HttpContext http, ClusterKubeconfigs kubeconfigs, ChangeService changes, string cluster) =>
                {
                    var outcome = await kubeconfigs.ReplaceAsync(
                        http.Caller(),
                        cluster,
                        new SecretValue(await ApiBody.TextAsync(http, "kubeconfig")),
                        http.RequestAborted
                    );
                    return await ChangeAnswers.AnswerAsync(http, changes, outcome, () => Task.FromResult(Results.NoContent()));
                }
            )
            .TakesText("A kubeconfig, YAML.", "apiVersion: v1\nkind: Config\n")
            .Produces(204)
            .Produces<ChangeAccepted>(202)
            .WithName("ReplaceKubeconfig")
            .WithSummary(
                "Replaces the kubeconfig of a cluster; administrators only, and a second one approves (202). It is tried first, on the same cluster; the old one is disabled afterwards."
            );
        group
            .MapPut("/clusters/{cluster}/secret-delivery", SetSecretSyncAsync)
            .Accepts<SecretDeliveryBody>("application/json")
            .Produces<ClusterView>()
            .Produces<ChangeAccepted>(202)
            .WithName("SetClusterSecretDelivery")
            .WithSummary(
                "Sets how secrets get into a cluster, by its name or id: portal, externalSecrets or csi; administrators only, and a second one approves (202). Each environment follows with its next operation."
            );
        group
            .MapPut("/clusters/{cluster}/preflight-jobs", SetPreflightJobsAsync)
            .Accepts<PreflightJobsBody>("application/json")
            .Produces<ClusterView>()
            .Produces<ChangeAccepted>(202)
            .WithName("SetClusterPreflightJobs")
            .WithSummary(
                "Sets whether preflight may run short Jobs in a cluster, by its name or id, which try addresses from there; administrators only, and a second one approves (202)."
            );
    }

    private static async Task<IResult> RegisterChartAsync(HttpContext http, ChartRegistration charts, ChangeService changes)
    {
        var body = await ApiBody.ReadAsync<RegisterChartBody>(http);
        var command = new RegisterChartCommand(
            body.Source,
            body.Location,
            body.Version,
            body.Edition,
            body.MakeDefault,
            body.PodSecurityWaiver
        );
        var (chart, outcome) = await charts.RegisterAsync(http.Caller(), command, http.RequestAborted);
        return await ChangeAnswers.AnswerAsync(http, changes, outcome, () => Task.FromResult(Results.Created("/api/v1/charts", chart)));
    }

    private static async Task<IResult> RegisterClusterAsync(
        HttpContext http,
        ClusterRegistration clusters,
        CatalogService catalog,
        ChangeService changes
    )
    {
        var body = await ApiBody.ReadAsync<RegisterClusterBody>(http);
        var outcome = await clusters.RegisterAsync(http.Caller(), body.Name, body.Kubeconfig, http.RequestAborted);
        return await ChangeAnswers.AnswerAsync(
            http,
            changes,
            outcome,
            async () =>
                Results.Created(
                    "/api/v1/clusters",
                    (await catalog.ClustersAsync(http.Caller(), http.RequestAborted)).First(c => c.Name == body.Name)
                )
        );
    }

    private static async Task<IResult> SetSecretSyncAsync(
        HttpContext http,
        SecretDeliveryService delivery,
        CatalogService catalog,
        ChangeService changes,
        string cluster
    )
    {
        var outcome = await delivery.SetAsync(
            http.Caller(),
            cluster,
            (await ApiBody.ReadAsync<SecretDeliveryBody>(http)).View(),
            http.RequestAborted
        );
        return await ChangeAnswers.AnswerAsync(
            http,
            changes,
            outcome,
            async () => Results.Ok(await catalog.ClusterAsync(http.Caller(), cluster, http.RequestAborted))
        );
    }

    private static async Task<IResult> SetPreflightJobsAsync(
        HttpContext http,
        PreflightJobsService jobs,
        CatalogService catalog,
        ChangeService changes,
        string cluster
    )
    {
        var outcome = await jobs.SetAsync(
            http.Caller(),
            cluster,
            (await ApiBody.ReadAsync<PreflightJobsBody>(http)).Allowed,
            http.RequestAborted
        );
        return await ChangeAnswers.AnswerAsync(
            http,
            changes,
            outcome,
            async () => Results.Ok(await catalog.ClusterAsync(http.Caller(), cluster, http.RequestAborted))
        );
    }
}
