using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting.Api;
using Portkey.Portal.Web.Hosting.Pipeline;

namespace Portkey.Portal.Web.Features.Environments;

/// <summary>What runs, and proposals to change it.</summary>
internal static class EnvironmentsApi
{
    private static readonly Parameter<string> Search = Parameters.Text("search", "Part of the name; case does not matter.");
    private static readonly Parameter<string> Name = Parameters.Text("name", "The whole name.");
    private static readonly Parameter<string> Team = Parameters.Text("team", "Name of the team that owns it.");
    private static readonly Parameter<string> Cluster = Parameters.Text("cluster", "Name of the cluster.");
    private static readonly Parameter<HealthStatus?> Health = Parameters.Choice<HealthStatus>("health", "Verdict of the last look.");
    private static readonly Parameter<Guid?> Chart = Parameters.Id(
        "chart",
        "Id of the chart version that it runs, or is about to.",
        "Give the id of a chart version; GET /api/v1/charts lists them."
    );
    private static readonly Parameter<bool> IncludeDeleted = Parameters.Flag("includeDeleted", "Also those that are gone.");

    public static void MapEnvironments(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/environments").WithTags("Environments");
        group
            .MapGet(
                "",
                (HttpContext http, EnvironmentService environments) =>
                    environments.ListAsync(http.Caller(), Filter(http), Parameters.Page(http), http.RequestAborted)
            )
            .Takes(Search, Name, Team, Cluster, Health, Chart, IncludeDeleted)
            .Pages()
            .WithName("ListEnvironments")
            .WithSummary("Environments by name; with team and name, the one they identify.");
        group
            .MapGet(
                "/{id:guid}",
                async Task<EnvironmentView> (HttpContext http, EnvironmentService environments, Guid id) =>
                {
                    var view = await environments.GetAsync(http.Caller(), id, http.RequestAborted);
                    if (view.ActiveOperation is not null)
                    {
                        Waiting.LookAgain(http, Waiting.OperationSeconds);
                    }

                    return view;
                }
            )
            .Tagged()
            .WithName("GetEnvironment")
            .WithSummary("One environment, with the URL that answers.");
        group
            .MapGet(
                "/{id:guid}/revisions",
                (HttpContext http, EnvironmentService environments, Guid id) =>
                    environments.RevisionsAsync(http.Caller(), id, Parameters.Page(http), http.RequestAborted)
            )
            .Pages()
            .WithName("ListRevisions")
            .WithSummary("Revisions, newest first.");
        group
            .MapGet(
                "/{id:guid}/findings",
                async Task<Page<FindingView>> (HttpContext http, EnvironmentService environments, Guid id) =>
                    ApiSetup.Whole(await environments.FindingsAsync(http.Caller(), id, http.RequestAborted))
            )
            .Tagged()
            .WithName("ListFindings")
            .WithSummary("Open findings.");
        group
            .MapGet(
                "/{id:guid}/operations",
                (HttpContext http, EnvironmentService environments, Guid id) =>
                    environments.OperationsAsync(http.Caller(), id, Parameters.Page(http), http.RequestAborted)
            )
            .Pages()
            .WithName("ListOperations")
            .WithSummary("Operations, newest first.");
        group
            .MapGet(
                "/{id:guid}/health",
                async Task<Page<HealthBucket>> (HttpContext http, EnvironmentService environments, Guid id) =>
                    ApiSetup.Whole(await environments.HealthHistoryAsync(http.Caller(), id, http.RequestAborted))
            )
            .WithName("GetHealthHistory")
            .WithSummary("Health of the last 24 hours in bars of ten minutes.");

        Propose<ChangeBody>(group, "change", "Proposes other settings, size, network or profile.");
        Propose<UpgradeBody>(group, "upgrade", "Proposes another chart version.");
        group
            .MapPost("/{id:guid}/rotate", RotateAsync)
            .Renders()
            .Idempotent()
            .Accepts<RotateBody>("application/json")
            .Produces<RequestView>(201)
            .WithName("ProposeRotate")
            .WithSummary("Proposes to use the newest stored version of one secret; with issue, has its provider make one first.");
        Propose<RollbackBody>(group, "rollback", "Proposes to go back to an earlier revision.");
        Propose<DeleteBody>(group, "delete", "Proposes to remove the environment.");
    }

    private static async Task<IResult> RotateAsync(HttpContext http, RequestService requests, IssueRequests issuing, Guid id)
    {
        var body = await ApiBody.ReadAsync<RotateBody>(http);
        var command = body.Command() with { EnvironmentId = id, Reason = body.Reason };
        if (
            command.Issue
            && !await requests.IsRepeatedAsync(
                http.Caller(),
                command with
                {
                    IdempotencyKey = Parameters.IdempotencyKey.Of(http),
                },
                http.RequestAborted
            )
        )
        {
            await issuing.ForRotationAsync(http.Caller(), id, body.Key, http.RequestAborted);
        }

        return await RequestAnswers.CreatedAsync(http, requests, command);
    }

    private static EnvironmentFilter Filter(HttpContext http) =>
        new(Search.Of(http), Team.Of(http), Cluster.Of(http), Health.Of(http), IncludeDeleted.Of(http), Name.Of(http))
        {
            Chart = Chart.Of(http),
        };

    private static void Propose<TBody>(RouteGroupBuilder group, string verb, string summary)
        where TBody : EnvironmentBody =>
        group
            .MapPost(
                "/{id:guid}/" + verb,
                async Task<IResult> (HttpContext http, RequestService requests, Guid id) =>
                {
                    var body = await ApiBody.ReadAsync<TBody>(http);
                    return await RequestAnswers.CreatedAsync(
                        http,
                        requests,
                        body.Command() with
                        {
                            EnvironmentId = id,
                            Reason = body.Reason,
                        }
                    );
                }
            )
            .Renders()
            .Idempotent()
            .Accepts<TBody>(isOptional: verb == "delete", "application/json")
            .Produces<RequestView>(201)
            .WithName("Propose" + char.ToUpperInvariant(verb[0]) + verb[1..])
            .WithSummary(summary);
}
