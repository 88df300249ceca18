using System.Diagnostics;
using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Web.Components.Shared;

/// <summary>Who acts in this circuit. The id is fixed for the circuit's life; roles are not: every service reads the current
/// ones.</summary>
internal sealed class CallerSource(AuthenticationStateProvider authentication)
{
    /// <summary>Address from which the circuit's page was loaded; a circuit has no HTTP request of its own.</summary>
    public string SourceAddress { get; set; } = "";

    public async Task<Caller> GetAsync()
    {
        var state = await authentication.GetAuthenticationStateAsync();
        return new Caller(PersonId(state.User), SourceAddress, ActivityTraceId.CreateRandom().ToHexString());
    }

    private static string PersonId(ClaimsPrincipal user) =>
        user.FindFirstValue("sub") ?? user.FindFirstValue(ClaimTypes.NameIdentifier) ?? "";
}
