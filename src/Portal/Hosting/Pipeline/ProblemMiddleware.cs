using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Hosting.Pipeline;

/// <summary>Turns exceptions and bare error statuses into problem details; a person's browser outside the API gets a small page
/// instead.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // nobody is there to answer
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            SecurityNotes.Set(context, e);
            var problem = Problem.From(e);
            if (problem.Status >= 500)
            {
                LogFailed(log, e, context.Request.Method, context.Request.Path);
            }

            context.Response.Clear();
            await ProblemResult.WriteAsync(context, problem);
            return;
        }

        var response = context.Response;
        if (
            response is { HasStarted: false, StatusCode: >= 400, ContentType: null }
            && response.ContentLength is null or 0
            && !ProblemResult.IsPage(context)
        )
        {
            await ProblemResult.WriteAsync(context, Problem.ForStatus(response.StatusCode));
        }
    }

    [LoggerMessage(EventId = 5001, Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailed(ILogger log, Exception exception, string method, string path);
}
