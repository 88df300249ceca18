using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Requests;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting;

namespace Portkey.Portal.Web.Api;

/// <summary>Proposals and decisions.</summary>
internal static class RequestsApi
{
    private delegate Task<RequestView> Decide(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken);

    public static void MapRequests(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/requests").WithTags("Requests");
        group.MapPost("", ProposeAsync).Renders().Accepts<ProposeBody>("application/json").Produces<RequestView>(201)
            .WithName("Propose").WithSummary("Makes a proposal. A repeated Idempotency-Key answers with the request that it made the first time.");
        group.MapPost("/check", async Task<CheckView> (HttpContext http, RequestService requests) =>
                await requests.CheckAsync(http.Caller(), await ApiBody.ReadAsync(http, ProposeParser.Read), http.RequestAborted))
            .Renders().Accepts<ProposeBody>("application/json").WithName("CheckProposal").WithSummary("Everything that is wrong with a proposal and what it would cost; nothing is stored.");
        group.MapGet("", ListAsync).WithName("ListRequests").WithSummary("Requests, newest first; filters: state, team, environment, waitingForMe, mine.");
        group.MapGet("/{id:guid}", (HttpContext http, RequestService requests, Guid id) => requests.GetAsync(http.Caller(), id, http.RequestAborted))
            .WithName("GetRequest").WithSummary("One request.");
        group.MapGet("/{id:guid}/preview", (HttpContext http, RequestService requests, Guid id) => requests.PreviewAsync(http.Caller(), id, http.RequestAborted))
            .WithName("PreviewRequest").WithSummary("Rendered values and manifests, and how they differ from what runs.");
        group.MapPost("/{id:guid}/preflight", async Task<RequestView> (HttpContext http, RequestService requests, Guid id) => await requests.PreflightAsync(http.Caller(), id, http.RequestAborted))
            .WithName("PreflightRequest").WithSummary("Looks again at whether what it asks for can work; the result follows in the request's field preflight.");
        group.MapGet("/{id:guid}/export", ExportAsync).Produces<string>(200, "application/yaml")
            .WithName("ExportRequest").WithSummary("The proposal as YAML: format=values, flux or argoCd; secrets=externalSecrets or csiDriver. Secrets appear as references to the vault.");
        Decision(group, "approve", "Approves exactly the content with this digest; 409 when it is another by now.", requests => requests.ApproveAsync);
        Decision(group, "reject", "Rejects it; the reason is required.", requests => requests.RejectAsync);
        Decision(group, "cancel", "Takes it back.", requests => requests.CancelAsync);
    }

    /// <summary>Proposes and answers 201 with the request.</summary>
    public static async Task<IResult> CreatedAsync(HttpContext http, RequestService requests, ProposeCommand command)
    {
        var key = http.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length > 200)
        {
            throw new InvalidInputException("Idempotency-Key", "At most 200 characters are taken.");
        }

        var view = await requests.ProposeAsync(http.Caller(), command with { IdempotencyKey = key.Length == 0 ? null : key }, http.RequestAborted);
        return Results.Created($"/api/v1/requests/{view.Id}", view);
    }

    private static async Task<IResult> ExportAsync(HttpContext http, RequestService requests, Guid id)
    {
        var format = Query.Word<ExportFormat>(http, "format") ?? ExportFormat.Values;
        var text = await requests.ExportAsync(http.Caller(), id, format, Query.Word<SecretsBy>(http, "secrets") ?? SecretsBy.ExternalSecrets, http.RequestAborted);
        return Results.File(System.Text.Encoding.UTF8.GetBytes(text), "application/yaml", format == ExportFormat.Values ? "values.yaml" : $"{Words.Of(format)}.yaml");
    }

    private static async Task<IResult> ProposeAsync(HttpContext http, RequestService requests) =>
        await CreatedAsync(http, requests, await ApiBody.ReadAsync(http, ProposeParser.Read));

    private static async Task<Page<RequestRow>> ListAsync(HttpContext http, RequestService requests, EnvironmentService environments)
    {
        var caller = http.Caller();
        var filter = new RequestFilter(Query.Word<RequestState>(http, "state"), Query.Text(http, "team"), await Query.EnvironmentAsync(http, environments, caller),
            Query.Flag(http, "waitingForMe"), Query.Flag(http, "mine"));
        return await requests.ListAsync(caller, filter, Query.Page(http), http.RequestAborted);
    }

    private static void Decision(RouteGroupBuilder group, string verb, string summary, Func<RequestService, Decide> decide) =>
        group.MapPost("/{id:guid}/" + verb, async Task<RequestView> (HttpContext http, RequestService requests, Guid id) =>
            {
                var (digest, reason) = await ApiBody.ReadAsync(http, body => (body.Required("digest", 200), body.Text("reason", ProposeParser.LongestReason) ?? ""));
                return await decide(requests)(http.Caller(), id, digest, reason, http.RequestAborted);
            })
            .Accepts<DecisionBody>("application/json").WithName(char.ToUpperInvariant(verb[0]) + verb[1..] + "Request").WithSummary(summary);
}
