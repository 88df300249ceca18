using System.Net;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Web.Hosting;

/// <summary>Answers with a problem from where an exception would only be a detour.</summary>
internal sealed class ProblemResult(Problem problem) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, problem);

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
            return response.WriteAsync(
                $"""
                <!DOCTYPE html><html lang="en"><title>{Html(problem.Title)} · Portkey Portal</title><main data-testid="error-page">
                <h1>{Html(problem.Title)}</h1><p>{Html(
                    problem.Detail
                )}</p><p>Reference: <code>{trace}</code></p><p><a href="/">Home</a></p></main></html>
                """,
                context.RequestAborted
            );
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
            body["errors"] = new JsonObject(
                errors.Select(e => KeyValuePair.Create(e.Key, (JsonNode?)new JsonArray([.. e.Value.Select(m => JsonValue.Create(m))])))
            );
        }

        response.ContentType = "application/problem+json";
        return response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }

    private static string Html(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Whether a person waits for a page, not a program for data.</summary>
    public static bool IsPage(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        && context.Request.Headers.Accept.Any(a => a?.Contains("text/html", StringComparison.OrdinalIgnoreCase) == true);
}
