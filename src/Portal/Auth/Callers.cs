using System.Security.Claims;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Web.Hosting;

namespace Portkey.Portal.Web.Auth;

/// <summary>Makes the engine's <see cref="Caller"/> from what sign-in knows. Roles are left out on purpose: the engine reads the current
/// ones.</summary>
internal static class Callers
{
    /// <summary>Subject claim; every way of signing in puts our person id there.</summary>
    public const string Subject = "sub";

    public static string? PersonId(this ClaimsPrincipal principal) => principal.FindFirstValue(Subject);

    /// <summary>The session that a browser is in; null for a bearer token.</summary>
    public static Guid? SessionId(this ClaimsPrincipal principal) =>
        Guid.TryParse(principal.FindFirstValue(SessionTicketStore.SessionId), out var id) ? id : null;

    /// <summary>For one HTTP request.</summary>
    public static Caller Caller(this HttpContext context) =>
        From(context.User, context.Connection.RemoteIpAddress?.ToString() ?? "", ResponseHeaders.CorrelationId(context));

    /// <summary>For a circuit, which has no HTTP request of its own.</summary>
    public static Caller From(ClaimsPrincipal principal, string sourceAddress, string correlationId) =>
        new(principal.PersonId() ?? "", sourceAddress, correlationId);

    /// <summary>An identity with only the person's id.</summary>
    public static ClaimsPrincipal Principal(string personId, string displayName, string scheme) =>
        new(new ClaimsIdentity([new Claim(Subject, personId), new Claim("name", displayName)], scheme, "name", null));
}
