using Portkey.Portal.Data;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Hosting.Pipeline;

/// <summary>
/// A browser sends its cookie along with what any page asks for, from wherever that page is; what it never lets a page choose is the Origin
/// header. So whatever changes something, and whatever opens or feeds a circuit, must come from the portal's own pages, or from a program
/// with a bearer token, which is no browser and has no Origin. It stands behind authentication, so that the security log knows whose
/// browser it was; the identity provider's answer, which another site's page posts, has been taken by then.
/// </summary>
internal sealed class OriginGate(RequestDelegate next, PublicAddress address)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!NeedsOrigin(context.Request) || IsOurs(context))
        {
            return next(context);
        }

        SecurityNotes.Set(context, SecurityEventKind.ForeignOrigin);
        return ProblemResult.WriteAsync(
            context,
            new(
                403,
                "foreign-origin",
                "This did not come from a page of the portal",
                $"Only pages of {address.EnumNames} may ask for this: send that as the header Origin. Programs send a bearer token and no Origin."
            )
        );
    }

    private static bool NeedsOrigin(HttpRequest request) => IsCircuit(request) || !IsSafe(request);

    private bool IsOurs(HttpContext context)
    {
        var request = context.Request;
        return request.Headers.Origin switch
        {
            [{ } origin] => address.IsOurOrigin(request, origin),
            [] => AuthSetup.IsBearer(context) || IsReadOfOurs(request) || IsNobodys(context),
            _ => false,
        };
    }

    // A browser leaves Origin out where a page reads from its own host, and then says so in a header that no page can set either.
    private static bool IsReadOfOurs(HttpRequest request) =>
        IsSafe(request) && !IsUpgrade(request) && request.Headers["Sec-Fetch-Site"] == "same-origin";

    // Without a cookie nobody can be harmed; the caller is told to sign in.
    private static bool IsNobodys(HttpContext context) =>
        !IsCircuit(context.Request) && context.User.Identity is not { IsAuthenticated: true };

    private static bool IsCircuit(HttpRequest request) =>
        request.Path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase) || IsUpgrade(request);

    private static bool IsUpgrade(HttpRequest request) => request.Headers.Upgrade.Count > 0;

    private static bool IsSafe(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
        || HttpMethods.IsHead(request.Method)
        || HttpMethods.IsOptions(request.Method)
        || HttpMethods.IsTrace(request.Method);
}
