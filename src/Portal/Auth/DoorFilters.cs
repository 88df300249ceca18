using Microsoft.AspNetCore.Antiforgery;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Teams;
using Portkey.Portal.Web.Hosting;

namespace Portkey.Portal.Web.Auth;

/// <summary>Lets in only people that the portal knows and has not disabled; the engine checks again what each may do.</summary>
internal sealed class KnownPersonFilter(PeopleService people) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        return http.User.PersonId() is { } id && await people.FindAsync(id, http.RequestAborted) is not null
            ? await next(context)
            : new ProblemResult(Problem.ForStatus(StatusCodes.Status403Forbidden));
    }
}

/// <summary>Endpoints for the person at this machine answer under its own names only, whatever else points here.</summary>
internal sealed class LoopbackFilter : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        PublicAddress.IsLoopback(context.HttpContext.Request.Host)
            ? next(context)
            : ValueTask.FromResult<object?>(new ProblemResult(Problem.ForStatus(StatusCodes.Status404NotFound)));
}

/// <summary>A browser sends its cookie by itself, so a change made with a cookie must carry the antiforgery token too. A bearer
/// token is proof enough.</summary>
internal sealed class AntiforgeryFilter(IAntiforgery antiforgery) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var safe = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        if (!safe && !AuthSetup.IsBearer(http) && !await antiforgery.IsRequestValidAsync(http))
        {
            SecurityNotes.Set(http, SecurityEventKind.Antiforgery);
            return new ProblemResult(
                new(
                    400,
                    "antiforgery",
                    "The antiforgery token is missing or old",
                    $"Get one from /api/v1/antiforgery and send it as {AuthSetup.CsrfHeader}, or use a bearer token. On a page: reload it and try again."
                )
            );
        }

        return await next(context);
    }
}
