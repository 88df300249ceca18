using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Security;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Api;

/// <summary>Who came in, left, or was turned away.</summary>
internal static class SecurityLogApi
{
    public static void MapSecurityLog(this RouteGroupBuilder api) =>
        api.MapGet("/security-log", Task<Page<SecurityEventView>> (HttpContext http, SecurityLogService log) => log.SearchAsync(
                http.Caller(),
                new SecurityLogFilter(Query.Text(http, "person"), Query.Word<SecurityEventKind>(http, "kind"), Query.Text(http, "address"), Query.Time(http, "from"), Query.Time(http, "to")),
                Query.Page(http),
                http.RequestAborted))
            .WithTags("Audit").WithName("SearchSecurityLog")
            .WithSummary("Sign-ins, sign-outs and refusals, newest first, for administrators and auditors; filters: person, kind, address, from, to.");
}
