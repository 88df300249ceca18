using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Security;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting.Api;

namespace Portkey.Portal.Web.Features.Security;

/// <summary>Sign-ins, sign-outs and refusals.</summary>
internal static class SecurityLogApi
{
    private static readonly Parameter<string> Person = Parameters.Text("person", "Id of a person.");
    private static readonly Parameter<SecurityEventKind?> Kind = Parameters.Choice<SecurityEventKind>("kind", "What happened.");
    private static readonly Parameter<string> Address = Parameters.Text("address", "Source address.");
    private static readonly Parameter<DateTime?> From = Parameters.Time("from", "From this time on.");
    private static readonly Parameter<DateTime?> To = Parameters.Time("to", "Before this time.");

    public static void MapSecurityLog(this RouteGroupBuilder api) =>
        api.MapGet(
                "/security-log",
                Task<Page<SecurityEventView>> (HttpContext http, SecurityLogService log) =>
                    log.SearchAsync(
                        http.Caller(),
                        new SecurityLogFilter(Person.Of(http), Kind.Of(http), Address.Of(http), From.Of(http), To.Of(http)),
                        Parameters.Page(http),
                        http.RequestAborted
                    )
            )
            .Takes(Person, Kind, Address, From, To)
            .Pages()
            .WithTags("Audit")
            .WithName("SearchSecurityLog")
            .WithSummary("Sign-ins, sign-outs and refusals, newest first, for administrators and auditors.");
}
