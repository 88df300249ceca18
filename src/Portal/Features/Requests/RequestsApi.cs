using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting.Api;
using Portkey.Portal.Web.Hosting.Pipeline;

namespace Portkey.Portal.Web.Features.Requests;

/// <summary>Proposals and decisions.</summary>
internal static class RequestsApi
{
    private delegate Task<RequestView> Decide(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken);

    private static readonly Parameter<RequestState?> State = Parameters.Choice<RequestState>("state", "How far it is.");
    private static readonly Parameter<string> Team = Parameters.Text("team", "Name of a team.");
    private static readonly Parameter<bool> WaitingForMe = Parameters.Flag("waitingForMe", "Only those that the caller may decide on.");
    private static readonly Parameter<bool> Mine = Parameters.Flag("mine", "Only those that the caller made.");
    private static readonly Parameter<ExportFormat?> Format = Parameters.Choice<ExportFormat>("format", "values if left out.");
    private static readonly Parameter<SecretsBy?> Secrets = Parameters.Choice<SecretsBy>(
        "secrets",
        "Who puts the secrets into the cluster; externalSecrets if left out."
    );

    public static void MapRequests(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/requests").WithTags("Requests");
        group
            .MapPost("", ProposeAsync)
            .Renders()
            .Idempotent()
            .Accepts<ProposeBody>("application/json")
            .Produces<RequestView>(201)
            .WithName("Propose")
            .WithSummary("Makes a proposal.");
        group
            .MapPost(
                "/check",
                async Task<CheckView> (HttpContext http, RequestService requests) =>
                    await requests.CheckAsync(http.Caller(), (await ApiBody.ReadAsync<ProposeBody>(http)).Command(), http.RequestAborted)
            )
            .Renders()
            .Accepts<ProposeBody>("application/json")
            .WithName("CheckProposal")
            .WithSummary("Everything that is wrong with a proposal and what it would cost; nothing is stored.");
        group
            .MapGet("", ListAsync)
            .Takes(State, Team, EnvironmentParameter.Declared, WaitingForMe, Mine)
            .Pages()
            .WithName("ListRequests")
            .WithSummary("Requests, newest first.");
        group
            .MapGet(
                "/{id:guid}",
                (HttpContext http, RequestService requests, Guid id) => requests.GetAsync(http.Caller(), id, http.RequestAborted)
            )
            .Tagged()
            .WithName("GetRequest")
            .WithSummary("One request.");
        group
            .MapGet(
                "/{id:guid}/preview",
                (HttpContext http, RequestService requests, Guid id) => requests.PreviewAsync(http.Caller(), id, http.RequestAborted)
            )
            .Tagged()
            .WithName("PreviewRequest")
            .WithSummary("Rendered values and manifests, and how they differ from what runs.");
        group
            .MapPost(
                "/{id:guid}/preflight",
                async Task<RequestView> (HttpContext http, RequestService requests, Guid id) =>
                    await requests.PreflightAsync(http.Caller(), id, http.RequestAborted)
            )
            .WithName("PreflightRequest")
            .WithSummary("Checks again whether what it asks for can work; the result follows in the request's field preflight.");
        group
            .MapGet("/{id:guid}/export", ExportAsync)
            .Takes(Format, Secrets)
            .Produces<string>(200, "application/yaml")
            .WithName("ExportRequest")
            .WithSummary("The proposal as YAML for GitOps. Secrets appear as references to the vault.");
        Decision(
            group,
            "approve",
            "Approves exactly the content with this digest; 409 when it has changed since.",
            requests => requests.ApproveAsync
        );
        Decision(group, "reject", "Rejects it; the reason is required.", requests => requests.RejectAsync);
        Decision(group, "cancel", "Takes it back.", requests => requests.CancelAsync);
    }

    private static async Task<IResult> ExportAsync(HttpContext http, RequestService requests, Guid id)
    {
        var format = Format.Of(http) ?? ExportFormat.Values;
        var text = await requests.ExportAsync(
            http.Caller(),
            id,
            format,
            Secrets.Of(http) ?? SecretsBy.ExternalSecrets,
            http.RequestAborted
        );
        return Results.File(
            System.Text.Encoding.UTF8.GetBytes(text),
            "application/yaml",
            format == ExportFormat.Values ? "values.yaml" : $"{EnumNames.Of(format)}.yaml"
        );
    }

    private static async Task<IResult> ProposeAsync(HttpContext http, RequestService requests) =>
        await RequestAnswers.CreatedAsync(http, requests, (await ApiBody.ReadAsync<ProposeBody>(http)).Command());

    private static async Task<Page<RequestRow>> ListAsync(HttpContext http, RequestService requests, EnvironmentService environments)
    {
        var filter = new RequestFilter(
            State.Of(http),
            Team.Of(http),
            await EnvironmentParameter.OfAsync(http, environments),
            WaitingForMe.Of(http),
            Mine.Of(http)
        );
        return await requests.ListAsync(http.Caller(), filter, Parameters.Page(http), http.RequestAborted);
    }

    private static void Decision(RouteGroupBuilder group, string verb, string summary, Func<RequestService, Decide> decide) =>
        group
            .MapPost(
                "/{id:guid}/" + verb,
                async Task<RequestView> (HttpContext http, RequestService requests, Guid id) =>
                {
                    var decision = await ApiBody.ReadAsync<DecisionBody>(http);
                    return await decide(requests)(http.Caller(), id, decision.Digest, decision.Reason, http.RequestAborted);
                }
            )
            .Accepts<DecisionBody>("application/json")
            .WithName(char.ToUpperInvariant(verb[0]) + verb[1..] + "Request")
            .WithSummary(summary);
}
