using Portkey.Portal.Provisioning.Credentials;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Api;

/// <summary>Credentials of all environments: what, where, how old, until when. Values go in by /environments/{id}/secrets and never come out.</summary>
internal static class CredentialsApi
{
    public static void MapCredentials(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/credentials").WithTags("Credentials");
        group.MapGet("", (HttpContext http, CredentialService credentials) => credentials.ListAsync(http.Caller(), Filter(http), Query.Page(http), http.RequestAborted))
            .WithName("ListCredentials").WithSummary("Credentials by setting; filters: search, team, kind, state. With state due, expiring or expired the soonest comes first.");
        group.MapGet("/calendar", (HttpContext http, CredentialCalendars calendars) =>
                calendars.GetAsync(http.Caller(), Query.Number(http, "days", 1, CredentialCalendars.MostDays) ?? 90, http.RequestAborted))
            .WithName("GetCredentialCalendar").WithSummary("What expires on which day of the next days (90 where none are given).");
        group.MapGet("/orphans", (HttpContext http, CredentialService credentials) => credentials.OrphansAsync(http.Caller(), Query.Page(http), http.RequestAborted))
            .WithName("ListOrphans").WithSummary("In the vault and used by nothing, or used and missing or disabled there; newest first.");
        group.MapGet("/{id:guid}", (HttpContext http, CredentialService credentials, Guid id) => credentials.GetAsync(http.Caller(), id, http.RequestAborted))
            .WithName("GetCredential").WithSummary("One credential: where it is used, its versions, policy and dates; never its value.");
        group.MapPut("/{id:guid}/policy", SetPolicyAsync).Accepts<PolicyBody>("application/json").Produces<CredentialView>()
            .WithName("SetCredentialPolicy").WithSummary("Replaces the policy: when it expires, when it is to be rotated, in which window, and whether by itself.");
    }

    private static async Task<CredentialView> SetPolicyAsync(HttpContext http, CredentialService credentials, CredentialPolicies policies, Guid id)
    {
        await policies.SetAsync(http.Caller(), id, await ApiBody.ReadAsync(http, Policy), http.RequestAborted);
        return await credentials.GetAsync(http.Caller(), id, http.RequestAborted);
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
