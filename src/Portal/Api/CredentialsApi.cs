using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Credentials;
using Portkey.Portal.Provisioning.Governance;
using Portkey.Portal.Provisioning.Minting;
using Portkey.Portal.Provisioning.Rotations;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting;

namespace Portkey.Portal.Web.Api;

/// <summary>Credentials of all environments: what, where, how old, until when. Values go in by /environments/{id}/secrets and never come out.</summary>
internal static class CredentialsApi
{
    public static void MapCredentials(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/credentials").WithTags("Credentials");
        group.MapGet("", (HttpContext http, CredentialService credentials) => credentials.ListAsync(http.Caller(), Filter(http), Query.Page(http), http.RequestAborted))
            .WithName("ListCredentials").WithSummary("Credentials by setting; filters: search, team, kind, state. With state due, expiring or expired the soonest comes first.");
        group.MapPost("", CreateAsync).Produces<CredentialView>(201)
            .WithName("CreateSharedCredential").WithSummary("Makes a credential that several environments use: ?name=&key=, ?team= for one team's (without it for all, by administrators), ?expires=2027-01-31; the value is the raw body (text/plain).");
        group.MapGet("/shared", async Task<Page<SharedCredentialChoice>> (HttpContext http, SharedCredentials shared) =>
                ApiSetup.Whole(await shared.ChoicesAsync(http.Caller(), Query.Text(http, "team") ?? throw new InvalidInputException("team", "Name the team whose environment is to use it: ?team=payments."), http.RequestAborted)))
            .WithName("ListSharedCredentials").WithSummary("Shared credentials that environments of a team may name in spec.sharedSecrets.");
        group.MapGet("/calendar", (HttpContext http, CredentialCalendars calendars) =>
                calendars.GetAsync(http.Caller(), Query.Number(http, "days", 1, CredentialCalendars.MostDays) ?? 90, http.RequestAborted))
            .WithName("GetCredentialCalendar").WithSummary("What expires on which day of the next days (90 where none are given).");
        group.MapGet("/orphans", (HttpContext http, CredentialService credentials) => credentials.OrphansAsync(http.Caller(), Query.Page(http), http.RequestAborted))
            .WithName("ListOrphans").WithSummary("In the vault and used by nothing, or used and missing or disabled there; newest first.");
        group.MapDelete("/orphans/{id:guid}", async Task<IResult> (HttpContext http, OrphanRemoval orphans, Guid id) =>
            {
                await orphans.RemoveAsync(http.Caller(), id, http.RequestAborted);
                return Results.NoContent();
            })
            .Produces(204).WithName("RemoveOrphan").WithSummary("Disables for good, in the vault, a version that nothing uses.");
        group.MapGet("/{id:guid}", (HttpContext http, CredentialService credentials, Guid id) => credentials.GetAsync(http.Caller(), id, http.RequestAborted))
            .WithName("GetCredential").WithSummary("One credential: where it is used, its versions, policy and dates; never its value.");
        group.MapPut("/{id:guid}/value", async Task<SecretVersionShape> (HttpContext http, SharedCredentials shared, CredentialService credentials, Guid id) =>
            {
                var version = await shared.StoreAsync(http.Caller(), id, new SecretValue(await ApiBody.TextAsync(http, "value")), Query.Day(http, "expires"), http.RequestAborted);
                return new((await credentials.GetAsync(http.Caller(), id, http.RequestAborted)).Credential.Key, version);
            })
            .WithName("PutCredentialValue").WithSummary("Stores a new version, the raw body exactly as sent (text/plain); nothing uses it before a rotation.");
        group.MapGet("/{id:guid}/rotation-plan", (HttpContext http, RotationService rotations, Guid id) =>
                rotations.PlanAsync(http.Caller(), id, Query.Number(http, "waveSize", 1, 50) ?? RotationService.DefaultWaveSize, http.RequestAborted))
            .WithName("PlanRotation").WithSummary("Every environment that a rotation of this shared credential would touch, in waves, and what stands in the way.");
        group.MapPost("/{id:guid}/rotations", ProposeRotationAsync).Renders().Accepts<ProposeRotationBody>(isOptional: true, "application/json").Produces<RotationView>(201)
            .WithName("ProposeRotation").WithSummary("Asks to bring every environment that uses this shared credential to its newest version.");
        group.MapPut("/{id:guid}/policy", SetPolicyAsync).Accepts<PolicyBody>("application/json").Produces<CredentialView>().Produces<ChangeAccepted>(202)
            .WithName("SetCredentialPolicy").WithSummary("Replaces the policy: when it expires, when it is to be rotated, in which window, and whether by itself, which waits for a second administrator (202).");
        group.MapPut("/{id:guid}/provider", SetProviderAsync).Accepts<ProviderBody>("application/json").Produces<CredentialView>().Produces<ChangeAccepted>(202)
            .WithName("SetCredentialProvider").WithSummary("Replaces what makes new values: provider random, redis-acl or azure-storage with its settings, or none. Never a secret.");
        group.MapPost("/{id:guid}/mint", MintAsync).Produces<MintView>().Produces<MintView>(202)
            .WithName("MintCredential").WithSummary("Has the provider make a new value and stores it as a new version; 202 while it is being made still. It is used once a rotation is approved.");
    }

    private static async Task<IResult> SetProviderAsync(HttpContext http, CredentialService credentials, CredentialProviders providers, ChangeService changes, Guid id)
    {
        var (provider, settings) = await ApiBody.ReadAsync(http, body => (body.Text("provider", 40) ?? "", body.Map("settings", 200, scalars: true)));
        var outcome = await providers.SetAsync(http.Caller(), id, provider, settings, http.RequestAborted);
        return await ChangesApi.AnswerAsync(http, changes, outcome, async () => Results.Ok(await credentials.GetAsync(http.Caller(), id, http.RequestAborted)));
    }

    private static async Task<IResult> MintAsync(HttpContext http, MintDesk desk, Guid id)
    {
        var view = await desk.MintAsync(http.Caller(), id, http.RequestAborted);
        return view.UnderWay ? Results.Accepted($"/api/v1/credentials/{id}", view) : Results.Ok(view);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, SharedCredentials shared, CredentialService credentials)
    {
        var wanted = new NewSharedCredential(Query.Text(http, "name") ?? "", Query.Text(http, "key") ?? "", Query.Text(http, "team") ?? "", Query.Day(http, "expires"));
        var id = await shared.CreateAsync(http.Caller(), wanted, new SecretValue(await ApiBody.TextAsync(http, "value")), http.RequestAborted);
        return Results.Created($"/api/v1/credentials/{id}", await credentials.GetAsync(http.Caller(), id, http.RequestAborted));
    }

    private static async Task<IResult> ProposeRotationAsync(HttpContext http, RotationService rotations, Guid id)
    {
        var (size, reason) = await ApiBody.ReadAsync(http, body => (body.Number("waveSize"), body.Text("reason", ProposeParser.LongestReason) ?? ""));
        var rotation = await rotations.ProposeAsync(http.Caller(), id, size ?? RotationService.DefaultWaveSize, reason, http.RequestAborted);
        return Results.Created($"/api/v1/rotations/{rotation}", await rotations.GetAsync(http.Caller(), rotation, http.RequestAborted));
    }

    private static async Task<IResult> SetPolicyAsync(HttpContext http, CredentialService credentials, CredentialPolicies policies, ChangeService changes, Guid id)
    {
        var outcome = await policies.SetAsync(http.Caller(), id, await ApiBody.ReadAsync(http, Policy), http.RequestAborted);
        return await ChangesApi.AnswerAsync(http, changes, outcome, async () => Results.Ok(await credentials.GetAsync(http.Caller(), id, http.RequestAborted)));
    }

    private static CredentialPolicy Policy(FieldReader body)
    {
        var expires = body.Text("expiresAt", 40);
        var at = expires is null ? null : Days.Parse(expires);
        if (expires is not null && at is null)
        {
            body.Refuse("expiresAt", Days.Wanted);
        }

        return new CredentialPolicy(at, body.Number("rotateEveryDays"), body.Number("rotateBeforeDays"), body.Text("window", MaintenanceWindow.Longest) ?? "", body.Flag("unattended"));
    }

    private static CredentialFilter Filter(HttpContext http) => new(
        Query.Text(http, "search"), Query.Text(http, "team"), Query.Word<CredentialState>(http, "state"), Query.Word<CredentialKind>(http, "kind"));
}
