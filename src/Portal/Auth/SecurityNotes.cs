using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Security;
using Portkey.Portal.Web.Hosting;

namespace Portkey.Portal.Web.Auth;

/// <summary>Tells the security log what a request was: noted where it is known, recorded once the response is final.</summary>
internal sealed class SecurityNotes(RequestDelegate next, SecurityLog log)
{
    private const string Key = "portal.security-note";

    /// <summary>Notes what the request turned out to be. The first note counts: it is the reason for what follows.</summary>
    public static void Set(HttpContext context, SecurityEventKind kind, string? personId = null) =>
        context.Items.TryAdd(Key, (kind, personId));

    /// <summary>Notes a refusal that is answered in another way than by its status.</summary>
    public static void Set(HttpContext context, Exception refusal)
    {
        if (KindOf(refusal) is { } kind)
        {
            Set(context, kind);
        }
    }

    /// <summary>What the security log calls this refusal; null for those it ignores.</summary>
    public static SecurityEventKind? KindOf(Exception refusal) =>
        refusal switch
        {
            ForbiddenException => SecurityEventKind.Forbidden,
            NotFoundException { IsSomebodyElses: true } => SecurityEventKind.NotTheirs,
            Microsoft.AspNetCore.Authentication.AuthenticationFailureException => SecurityEventKind.SignInFailed,
            _ => null,
        };

    /// <summary>Records at once what the response does not show.</summary>
    public static void Record(HttpContext context, SecurityEventKind kind, string? personId) =>
        Record(context.RequestServices.GetRequiredService<SecurityLog>(), context, kind, personId);

    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        if (context.Items[Key] is ValueTuple<SecurityEventKind, string?> note)
        {
            Record(log, context, note.Item1, note.Item2);
        }
        else if (context.Response.StatusCode is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden)
        {
            Record(
                log,
                context,
                context.Response.StatusCode == StatusCodes.Status401Unauthorized
                    ? SecurityEventKind.Unauthenticated
                    : SecurityEventKind.Forbidden,
                null
            );
        }
    }

    private static void Record(SecurityLog log, HttpContext context, SecurityEventKind kind, string? personId) =>
        log.Record(
            new SecurityNotice(
                kind,
                personId ?? context.User.PersonId() ?? "",
                context.Connection.RemoteIpAddress?.ToString() ?? "",
                context.Request.Method,
                context.Request.Path.Value ?? "",
                ResponseHeaders.CorrelationId(context),
                context.Request.Headers.UserAgent.ToString()
            )
        );
}
