using Portkey.Portal.Data;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Hosting.Pipeline;

/// <summary>Requests under a Host name other than the portal's are not for us: somebody made that name point here.</summary>
internal sealed class HostGate(RequestDelegate next, PublicAddress address)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        // Probes of a cluster name the pod's own address. What they may ask is harmless and the same for everybody.
        var probe = HttpMethods.IsGet(request.Method) && request.Path.StartsWithSegments("/healthz", StringComparison.Ordinal);
        if (probe || address.IsOurHost(request.Host))
        {
            return next(context);
        }

        SecurityNotes.Set(context, SecurityEventKind.ForeignHost);
        return ProblemResult.WriteAsync(
            context,
            new(
                400,
                "foreign-host",
                "This host is not the portal",
                $"The portal answers at {address.EnumNames}. Open it there; an operator can change that with Portal:PublicUrl."
            )
        );
    }
}
