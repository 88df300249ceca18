using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Portkey.Portal.Provisioning.UseCases.Changes;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Rotations;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting.Api;
using Portkey.Portal.Web.Hosting.Pipeline;

namespace Portkey.Portal.Web.Features.Credentials;

/// <summary>Credentials of all environments: what, where, how old, until when. Values go in by /environments/{id}/secrets and never come
/// out.</summary>
internal static class CredentialsApi
{
    private static readonly Parameter<string> Search = Parameters.Text(
        "search",
        "Part of the setting's, environment's or credential's name."
    );
    private static readonly Parameter<string> Team = Parameters.Text("team", "Name of a team.");
    private static readonly Parameter<CredentialState?> State = Parameters.Choice<CredentialState>(
        "state",
        "With due, expiring or expired, the soonest comes first."
    );
    private static readonly Parameter<CredentialKind?> Kind = Parameters.Choice<CredentialKind>("kind", "What it opens.");
    private static readonly Parameter<int?> CalendarDays = Parameters.Number(
        "days",
        "Days to look ahead; 90 if left out.",
        1,
        CredentialCalendars.MostDays
    );
    private static readonly Parameter<int?> WaveSize = Parameters.Number("waveSize", "Environments at once after the first.", 1, 50);
    private static readonly Parameter<DateTime?> Expires = Parameters.Day(
        "expires",
        "When the value expires: a day such as 2027-01-31, or a time."
    );
    private static readonly Parameter<string> NewName = new("name", "Name by which requests choose it.", 200, t => t, Parameters.NameSchema)
    {
        IsRequired = true,
    };
    private static readonly Parameter<string> NewKey = new(
        "key",
        "Setting that it is for, such as REDIS_URL.",
        200,
        t => t,
        Parameters.NameSchema
    )
    {
        IsRequired = true,
    };
    private static readonly Parameter<string> NewTeam = Parameters.Text(
        "team",
        "Team whose environments may use it; left out for all teams, by administrators."
    );
    private static readonly Parameter<string> UsingTeam = new(
        "team",
        "Name the team whose environment is to use it: ?team=payments.",
        200,
        t => t,
        Parameters.NameSchema
    )
    {
        IsRequired = true,
    };

    public static void MapCredentials(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/credentials").WithTags("Credentials");
        group
            .MapGet(
                "",
                (HttpContext http, CredentialService credentials) =>
                    credentials.ListAsync(
                        http.Caller(),
                        new CredentialFilter(Search.Of(http), Team.Of(http), State.Of(http), Kind.Of(http)),
                        Parameters.Page(http),
                        http.RequestAborted
                    )
            )
            .Takes(Search, Team, State, Kind)
            .Pages()
            .WithName("ListCredentials")
            .WithSummary("Credentials by setting; with state due, expiring or expired the soonest comes first.");
        group
            .MapPost("", CreateAsync)
            .Takes(NewName, NewKey, NewTeam, Expires)
            .TakesText("The value, exactly as sent.", "redis://cache.example.com:6379")
            .Produces<CredentialView>(201)
            .WithName("CreateSharedCredential")
            .WithSummary("Creates a credential that several environments use; the value is the body.");
        group
            .MapGet(
                "/shared",
                async Task<Page<SharedCredentialChoice>> (HttpContext http, SharedCredentials shared) =>
                    ApiSetup.Whole(
                        await shared.ChoicesAsync(
                            http.Caller(),
                            UsingTeam.Of(http) ?? throw new InvalidInputException("team", UsingTeam.Description),
                            http.RequestAborted
                        )
                    )
            )
            .Takes(UsingTeam)
            .WithName("ListSharedCredentials")
            .WithSummary("Shared credentials that environments of a team may name in spec.sharedSecrets.");
        group
            .MapGet(
                "/calendar",
                (HttpContext http, CredentialCalendars calendars) =>
                    calendars.GetAsync(http.Caller(), CalendarDays.Of(http) ?? 90, http.RequestAborted)
            )
            .Takes(CalendarDays)
            .WithName("GetCredentialCalendar")
            .WithSummary("What expires in the coming days, by day.");
        group
            .MapGet(
                "/orphans",
                (HttpContext http, CredentialService credentials) =>
                    credentials.OrphansAsync(http.Caller(), Parameters.Page(http), http.RequestAborted)
            )
            .Pages()
            .WithName("ListOrphans")
            .WithSummary("In the vault but unused, or used but missing or disabled there; newest first.");
        group
            .MapDelete(
                "/orphans/{id:guid}",
                async Task<IResult> (HttpContext http, OrphanRemoval orphans, Guid id) =>
                {
                    await orphans.RemoveAsync(http.Caller(), id, http.RequestAborted);
                    return Results.NoContent();
                }
            )
            .Produces(204)
            .WithName("RemoveOrphan")
            .WithSummary("Disables for good, in the vault, a version that nothing uses.");
        group
            .MapGet(
                "/{id:guid}",
                (HttpContext http, CredentialService credentials, Guid id) => credentials.GetAsync(http.Caller(), id, http.RequestAborted)
            )
            .Tagged()
            .WithName("GetCredential")
            .WithSummary("One credential: where it is used, its versions, policy and dates; never its value.");
        group
            .MapPut(
                "/{id:guid}/value",
                async Task<SecretVersionShape> (HttpContext http, SharedCredentials shared, CredentialService credentials, Guid id) =>
                {
                    var version = await shared.StoreAsync(
                        http.Caller(),
                        id,
                        new SecretValue(await ApiBody.TextAsync(http, "value")),
                        Expires.Of(http),
                        http.RequestAborted
                    );
                    return new((await credentials.GetAsync(http.Caller(), id, http.RequestAborted)).Credential.Key, version);
                }
            )
            .Takes(Expires)
            .TakesText("The new value, exactly as sent.", "redis://cache.example.com:6379")
            .WithName("PutCredentialValue")
            .WithSummary("Stores a new version; nothing uses it before a rotation.");
        group
            .MapGet(
                "/{id:guid}/rotation-plan",
                (HttpContext http, RotationService rotations, Guid id) =>
                    rotations.PlanAsync(http.Caller(), id, WaveSize.Of(http) ?? RotationService.DefaultWaveSize, http.RequestAborted)
            )
            .Takes(WaveSize)
            .WithName("PlanRotation")
            .WithSummary("Every environment that a rotation of this shared credential would touch, in waves, and what stands in the way.");
        group
            .MapPost("/{id:guid}/rotations", ProposeRotationAsync)
            .Renders()
            .Accepts<ProposeRotationBody>(isOptional: true, "application/json")
            .Produces<RotationView>(201)
            .WithName("ProposeRotation")
            .WithSummary("Asks to bring every environment that uses this shared credential to its newest version.");
        group
            .MapPut("/{id:guid}/policy", SetPolicyAsync)
            .Accepts<PolicyBody>("application/json")
            .Produces<CredentialView>()
            .Produces<ChangeAccepted>(202)
            .WithName("SetCredentialPolicy")
            .WithSummary(
                "Replaces the policy: when it expires, when it is to be rotated, in which window, and whether by itself, which waits for a second administrator (202)."
            );
        group
            .MapPut("/{id:guid}/provider", SetProviderAsync)
            .Accepts<ProviderBody>("application/json")
            .Produces<CredentialView>()
            .Produces<ChangeAccepted>(202)
            .WithName("SetCredentialProvider")
            .WithSummary(
                "Replaces what makes new values: provider random, redis-acl or azure-storage with its settings, or none. Never a secret."
            );
        group
            .MapPost("/{id:guid}/issue", IssueAsync)
            .Produces<IssueView>()
            .Produces<IssueView>(202)
            .WithName("IssueCredential")
            .WithSummary(
                "Has the provider make a new value and stores it as a new version; 202 while it is still being made. It is used once a rotation is approved."
            );
    }

    private static async Task<IResult> SetProviderAsync(
        HttpContext http,
        CredentialService credentials,
        CredentialProviders providers,
        ChangeService changes,
        Guid id
    )
    {
        var body = await ApiBody.ReadAsync<ProviderBody>(http);
        var outcome = await providers.SetAsync(http.Caller(), id, body.Provider, body.Settings, http.RequestAborted);
        return await ChangeAnswers.AnswerAsync(
            http,
            changes,
            outcome,
            async () => Results.Ok(await credentials.GetAsync(http.Caller(), id, http.RequestAborted))
        );
    }

    private static async Task<IResult> IssueAsync(HttpContext http, IssueRequests issuing, Guid id)
    {
        var view = await issuing.IssueAsync(http.Caller(), id, http.RequestAborted);
        if (!view.UnderWay)
        {
            return Results.Ok(view);
        }

        Waiting.LookAgain(http, Waiting.OperationSeconds);
        return Results.Accepted($"/api/v1/credentials/{id}", view);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, SharedCredentials shared, CredentialService credentials)
    {
        var wanted = new NewSharedCredential(NewName.Of(http) ?? "", NewKey.Of(http) ?? "", NewTeam.Of(http) ?? "", Expires.Of(http));
        var id = await shared.CreateAsync(
            http.Caller(),
            wanted,
            new SecretValue(await ApiBody.TextAsync(http, "value")),
            http.RequestAborted
        );
        return Results.Created($"/api/v1/credentials/{id}", await credentials.GetAsync(http.Caller(), id, http.RequestAborted));
    }

    private static async Task<IResult> ProposeRotationAsync(HttpContext http, RotationService rotations, Guid id)
    {
        var body = await ApiBody.ReadAsync<ProposeRotationBody>(http);
        var rotation = await rotations.ProposeAsync(
            http.Caller(),
            id,
            body.WaveSize ?? RotationService.DefaultWaveSize,
            body.Reason,
            http.RequestAborted
        );
        return Results.Created($"/api/v1/rotations/{rotation}", await rotations.GetAsync(http.Caller(), rotation, http.RequestAborted));
    }

    private static async Task<IResult> SetPolicyAsync(
        HttpContext http,
        CredentialService credentials,
        CredentialPolicies policies,
        ChangeService changes,
        Guid id
    )
    {
        var outcome = await policies.SetAsync(http.Caller(), id, (await ApiBody.ReadAsync<PolicyBody>(http)).Policy(), http.RequestAborted);
        return await ChangeAnswers.AnswerAsync(
            http,
            changes,
            outcome,
            async () => Results.Ok(await credentials.GetAsync(http.Caller(), id, http.RequestAborted))
        );
    }
}
