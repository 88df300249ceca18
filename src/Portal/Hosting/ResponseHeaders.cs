using System.Diagnostics;
using System.Security.Cryptography;

namespace Portkey.Portal.Web.Hosting;

/// <summary>Headers of every answer: what a browser may do with it, and the id that ties it to log and audit.</summary>
internal sealed class ResponseHeaders(RequestDelegate next)
{
    private const string NonceKey = "portal.csp-nonce";

    /// <summary>Nonce for a script element of this answer.</summary>
    public static string Nonce(HttpContext context) => context.Items[NonceKey] as string ?? "";

    /// <summary>Trace id of the call; the same in header, problem, log and audit.</summary>
    public static string CorrelationId(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    public Task InvokeAsync(HttpContext context)
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        context.Items[NonceKey] = nonce;
        var correlation = CorrelationId(context);

        // On starting, not at once: Blazor and the exception path set or clear headers of their own before.
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            headers["X-Correlation-Id"] = correlation;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "same-origin";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
            headers.ContentSecurityPolicy =
                "default-src 'self'; "
                + $"script-src 'self' 'nonce-{nonce}'; "
                + "style-src 'self' 'unsafe-inline'; " // MudBlazor writes its theme into style elements
                + "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
                + "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
            if (
                context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
                || context.Request.Path.StartsWithSegments("/dev", StringComparison.OrdinalIgnoreCase)
            )
            {
                headers.CacheControl = "no-store";
            }

            return Task.CompletedTask;
        });
        return next(context);
    }
}
