using System.Net;
using System.Text.Json.Nodes;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Hosting;

/// <summary>Turns exceptions and bare error statuses into problem details; a person's browser outside the API gets a small page instead.</summary>
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
            await WriteAsync(context, problem);
            return;
        }

        var response = context.Response;
        if (response is { HasStarted: false, StatusCode: >= 400, ContentType: null } && response.ContentLength is null or 0 && !IsPage(context))
        {
            await WriteAsync(context, Problem.ForStatus(response.StatusCode));
        }
    }

    /// <summary>Answers with the problem, as JSON or for people.</summary>
    public static Task WriteAsync(HttpContext context, Problem problem)
    {
        var response = context.Response;
        response.StatusCode = problem.Status;
        if (problem.RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString();
        }

        var trace = ResponseHeaders.CorrelationId(context);
        if (IsPage(context))
        {
            response.ContentType = "text/html; charset=utf-8";
            return response.WriteAsync($"""
                <!DOCTYPE html><html lang="en"><title>{Html(problem.Title)} · Portkey Portal</title><main data-testid="error-page">
                <h1>{Html(problem.Title)}</h1><p>{Html(problem.Detail)}</p><p>Reference: <code>{trace}</code></p><p><a href="/">Home</a></p></main></html>
                """, context.RequestAborted);
        }

        var body = new JsonObject
        {
            ["type"] = $"urn:portkey-portal:problem:{problem.Code}",
            ["title"] = problem.Title,
            ["status"] = problem.Status,
            ["detail"] = problem.Detail,
            ["instance"] = context.Request.Path.Value,
            ["code"] = problem.Code,
            ["traceId"] = trace,
        };
        if (problem.Errors is { } errors)
        {
            body["errors"] = new JsonObject(errors.Select(e => KeyValuePair.Create(e.Key, (JsonNode?)new JsonArray([.. e.Value.Select(m => JsonValue.Create(m))]))));
        }

        response.ContentType = "application/problem+json";
        return response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }

    private static string Html(string text) => WebUtility.HtmlEncode(text);

    private static bool IsPage(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        && context.Request.Headers.Accept.Any(a => a?.Contains("text/html", StringComparison.OrdinalIgnoreCase) == true);

    [LoggerMessage(EventId = 1001, Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailed(ILogger log, Exception exception, string method, string path);
}
