using System.Text.Json;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting.Api;

namespace Portkey.Portal.Web.Features.Operations;

/// <summary>Progress of the provisioner's work.</summary>
internal static class OperationsApi
{
    // A retry that is far off is not worth asking for every other second.
    private const int LongestWaitSeconds = 60;

    private static readonly Parameter<long?> After = Parameters.Line("after", "Id of the last line that you have.");
    private static readonly Parameter<long?> LastEventId = Parameters.Line(
        "Last-Event-ID",
        "Id of the last event that you have; browsers send it by themselves.",
        isHeader: true
    );

    public static void MapOperations(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/operations/{id:guid}").WithTags("Operations");
        group
            .MapGet("", GetAsync)
            .Tagged()
            .WithName("GetOperation")
            .WithSummary("One operation with its steps; Retry-After says when to look again while it is under way.");
        group
            .MapGet("/log", LogAsync)
            .Takes(After)
            .Produces<string>(200, "application/x-ndjson")
            .WithName("GetOperationLog")
            .WithSummary("Log as JSON lines (id, at, step, severity, text), at most 1000.");
        group
            .MapGet("/events", EventsAsync)
            .Takes(LastEventId)
            .RequireRateLimiting(OperationEvents.Policy)
            .Produces<string>(200, "text/event-stream")
            .WithName("FollowOperation")
            .WithSummary(
                "Server-sent events until the operation ends: progress (the operation, at each change and every 15 seconds), log (a line, with its id as the event's) and end (the operation)."
            );
        group
            .MapPost(
                "/cancel",
                async Task<OperationView> (HttpContext http, OperationService operations, Guid id) =>
                    await operations.CancelAsync(http.Caller(), id, await ApiBody.ReasonAsync(http), http.RequestAborted)
            )
            .Accepts<ReasonBody>(isOptional: true, "application/json")
            .WithName("CancelOperation")
            .WithSummary("Asks the worker to stop at the next safe point.");
        group
            .MapPost(
                "/retry",
                async Task<OperationView> (HttpContext http, OperationService operations, Guid id) =>
                    await operations.RetryAsync(http.Caller(), id, await ApiBody.ReasonAsync(http), http.RequestAborted)
            )
            .Accepts<ReasonBody>(isOptional: true, "application/json")
            .WithName("RetryOperation")
            .WithSummary("Tries what was approved once more, as a new operation.");
    }

    private static async Task<OperationView> GetAsync(HttpContext http, OperationService operations, TimeProvider time, Guid id)
    {
        var operation = await operations.GetAsync(http.Caller(), id, http.RequestAborted);
        if (operation.EndedAt is null)
        {
            var seconds = operation.NextAttemptAt is { } next ? (int)(next - time.GetUtcNow().UtcDateTime).TotalSeconds : 0;
            Waiting.LookAgain(http, Math.Clamp(seconds, Waiting.OperationSeconds, LongestWaitSeconds));
        }

        return operation;
    }

    // Looks once before anything is sent, so that who may not read it hears so.
    private static async Task<IResult> EventsAsync(HttpContext http, OperationService operations, OperationEvents events, Guid id)
    {
        await operations.GetAsync(http.Caller(), id, http.RequestAborted);
        return TypedResults.ServerSentEvents(events.FollowAsync(http, id, LastEventId.Of(http) ?? 0, http.RequestAborted));
    }

    private static async Task LogAsync(HttpContext http, OperationService operations, Guid id)
    {
        var lines = await operations.LogAsync(http.Caller(), id, After.Of(http) ?? 0, http.RequestAborted);
        http.Response.ContentType = "application/x-ndjson";
        foreach (var line in lines)
        {
            await http.Response.WriteAsync(JsonSerializer.Serialize(line, ApiJson.Options) + "\n", http.RequestAborted);
        }
    }
}
