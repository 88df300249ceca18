using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Minting;
using Portkey.Portal.Provisioning.Requests;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting;

namespace Portkey.Portal.Web.Api;

/// <summary>What runs, and proposals to change it.</summary>
internal static class EnvironmentsApi
{
    public static void MapEnvironments(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/environments").WithTags("Environments");
        group.MapGet("", (HttpContext http, EnvironmentService environments) => environments.ListAsync(http.Caller(), Filter(http), Query.Page(http), http.RequestAborted))
            .WithName("ListEnvironments").WithSummary("Environments by name; filters: search, team, cluster, health, includeDeleted.");
        group.MapGet("/{id:guid}", (HttpContext http, EnvironmentService environments, Guid id) => environments.GetAsync(http.Caller(), id, http.RequestAborted))
            .WithName("GetEnvironment").WithSummary("One environment, with the URL that answers.");
        group.MapGet("/{id:guid}/revisions", (HttpContext http, EnvironmentService environments, Guid id) => environments.RevisionsAsync(http.Caller(), id, Query.Page(http), http.RequestAborted))
            .WithName("ListRevisions").WithSummary("Revisions, newest first.");
        group.MapGet("/{id:guid}/findings", async Task<Page<FindingView>> (HttpContext http, EnvironmentService environments, Guid id) =>
                ApiSetup.Whole(await environments.FindingsAsync(http.Caller(), id, http.RequestAborted)))
            .WithName("ListFindings").WithSummary("Open findings.");
        group.MapGet("/{id:guid}/operations", (HttpContext http, EnvironmentService environments, Guid id) => environments.OperationsAsync(http.Caller(), id, Query.Page(http), http.RequestAborted))
            .WithName("ListOperations").WithSummary("Operations, newest first.");
        group.MapGet("/{id:guid}/health", async Task<Page<HealthBucket>> (HttpContext http, EnvironmentService environments, Guid id) =>
                ApiSetup.Whole(await environments.HealthHistoryAsync(http.Caller(), id, http.RequestAborted)))
            .WithName("GetHealthHistory").WithSummary("Health of the last 24 hours in bars of ten minutes.");

        Propose<ChangeBody>(group, "change", "Proposes other settings, size, network or profile.", (body, id) =>
        {
            var (spec, secrets) = body.Object("spec") is { } fields ? ProposeParser.ReadSpec(fields) : (null, new Dictionary<string, SecretValue>());
            return new() { Kind = RequestKind.Change, EnvironmentId = id, Profile = body.Text("profile", 200), ChartVersion = body.Text("chartVersion", 200), Spec = spec, Secrets = secrets };
        });
        Propose<UpgradeBody>(group, "upgrade", "Proposes another chart version.", (body, id) =>
            new() { Kind = RequestKind.Upgrade, EnvironmentId = id, ChartVersion = body.Required("chartVersion", 200) });
        group.MapPost("/{id:guid}/rotate", RotateAsync).Renders().Accepts<RotateBody>("application/json").Produces<RequestView>(201)
            .WithName("ProposeRotate").WithSummary("Proposes to use the newest stored version of one secret; with mint, has its provider make one first.");
        Propose<RollbackBody>(group, "rollback", "Proposes to go back to an earlier revision.", (body, id) =>
        {
            if (!body.Has("revision"))
            {
                body.Refuse("revision", "It is required.");
            }

            return new() { Kind = RequestKind.Rollback, EnvironmentId = id, ToRevision = body.Number("revision") };
        });
        Propose<DeleteBody>(group, "delete", "Proposes to remove the environment.", (_, id) => new() { Kind = RequestKind.Delete, EnvironmentId = id });
    }

    private static async Task<IResult> RotateAsync(HttpContext http, RequestService requests, MintDesk desk, Guid id)
    {
        var (key, mint, reason) = await ApiBody.ReadAsync(http, body => (body.Required("key", 200), body.Flag("mint"), body.Text("reason", ProposeParser.LongestReason) ?? ""));
        var command = new ProposeCommand { Kind = RequestKind.Rotate, EnvironmentId = id, RotateKey = key, Mint = mint, Reason = reason };
        var idempotency = http.Request.Headers["Idempotency-Key"].ToString();
        if (mint && !await requests.IsRepeatedAsync(http.Caller(), command with { IdempotencyKey = idempotency.Length == 0 ? null : idempotency }, http.RequestAborted))
        {
            await desk.ForRotationAsync(http.Caller(), id, key, http.RequestAborted);
        }

        return await RequestsApi.CreatedAsync(http, requests, command);
    }

    private static EnvironmentFilter Filter(HttpContext http) => new(
        Query.Text(http, "search"), Query.Text(http, "team"), Query.Text(http, "cluster"), Query.Word<HealthStatus>(http, "health"), Query.Flag(http, "includeDeleted"));

    private static void Propose<TBody>(RouteGroupBuilder group, string verb, string summary, Func<FieldReader, Guid, ProposeCommand> read) where TBody : notnull =>
        group.MapPost("/{id:guid}/" + verb, async Task<IResult> (HttpContext http, RequestService requests, Guid id) =>
            {
                var command = await ApiBody.ReadAsync(http, body => read(body, id) with { Reason = body.Text("reason", ProposeParser.LongestReason) ?? "" });
                return await RequestsApi.CreatedAsync(http, requests, command);
            })
            .Renders().Accepts<TBody>(isOptional: verb == "delete", "application/json").Produces<RequestView>(201)
            .WithName("Propose" + char.ToUpperInvariant(verb[0]) + verb[1..]).WithSummary(summary);
}
