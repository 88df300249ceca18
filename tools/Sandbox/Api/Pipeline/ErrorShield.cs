using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Pipeline;

/// <summary>Turns whatever goes wrong into a Status object: a caller never sees a stack trace.</summary>
internal sealed partial class ErrorShield(RequestDelegate next, ILogger<ErrorShield> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await DrainAsync(context);
            await Answer.StatusAsync(context, Translate(context, e));
        }
        catch (Exception e)
        {
            LogLate(log, context.Request.Method, e);
            context.Abort();
        }
    }

    // An answer before the body was read ends an HTTP/2 stream while the caller still sends, and a proxy between them reports that as a
    // broken connection.
    private static async Task DrainAsync(HttpContext context)
    {
        try
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        }
        catch (Exception e) when (e is IOException or BadHttpRequestException or OperationCanceledException or InvalidOperationException)
        {
            // Too large, or the caller has gone: the answer says what it can.
        }
    }

    private KubeStatusException Translate(HttpContext context, Exception error)
    {
        switch (error)
        {
            case KubeStatusException status:
                return status;
            case BadHttpRequestException { StatusCode: 413 }:
                return new KubeStatusException(413, "RequestEntityTooLarge", $"Request entity too large: limit is {ApiLimits.BodyBytes}");
            case BadHttpRequestException bad:
                return new KubeStatusException(bad.StatusCode, "BadRequest", bad.Message);
            default:
                LogUnexpected(log, context.Request.Method, error);
                return new KubeStatusException(
                    500,
                    "InternalError",
                    "Internal error occurred: the sandbox failed to handle this request; its log says why"
                );
        }
    }

    [LoggerMessage(LogLevel.Error, "A {Method} request failed in the sandbox")]
    private static partial void LogUnexpected(ILogger logger, string method, Exception error);

    [LoggerMessage(LogLevel.Error, "A {Method} request failed while it was being answered")]
    private static partial void LogLate(ILogger logger, string method, Exception error);
}
