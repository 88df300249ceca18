using System.Text.Json;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Operations;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Api;

/// <summary>Progress of the provisioner's work.</summary>
internal static class OperationsApi
{
    public static void MapOperations(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/operations/{id:guid}").WithTags("Operations");
        group.MapGet("", (HttpContext http, OperationService operations, Guid id) => operations.GetAsync(http.Caller(), id, http.RequestAborted))
            .WithName("GetOperation").WithSummary("One operation with its steps.");
        group.MapGet("/log", LogAsync).Produces<LogLineView>(200, "application/x-ndjson")
            .WithName("GetOperationLog").WithSummary("Log as JSON lines, at most 1000 after the id given as after=N.");
        group.MapPost("/cancel", async Task<OperationView> (HttpContext http, OperationService operations, Guid id) =>
                await operations.CancelAsync(http.Caller(), id, await ReasonAsync(http), http.RequestAborted))
            .Accepts<ReasonBody>(isOptional: true, "application/json").WithName("CancelOperation").WithSummary("Asks the worker to stop at the next safe point.");
        group.MapPost("/retry", async Task<OperationView> (HttpContext http, OperationService operations, Guid id) =>
                await operations.RetryAsync(http.Caller(), id, await ReasonAsync(http), http.RequestAborted))
            .Accepts<ReasonBody>(isOptional: true, "application/json").WithName("RetryOperation").WithSummary("Tries what was approved once more, as a new operation.");
    }

    private static Task<string> ReasonAsync(HttpContext http) => ApiBody.ReadAsync(http, body => body.Text("reason", ProposeParser.LongestReason) ?? "");

    private static async Task LogAsync(HttpContext http, OperationService operations, Guid id)
    {
        var after = Query.Text(http, "after") is { } text
            ? long.TryParse(text, out var number) && number >= 0 ? number : throw new InvalidInputException("after", "It must be the id of a log line.")
            : 0;
        var lines = await operations.LogAsync(http.Caller(), id, after, http.RequestAborted);
        http.Response.ContentType = "application/x-ndjson";
        foreach (var line in lines)
        {
            await http.Response.WriteAsync(JsonSerializer.Serialize(line, ApiJson.Options) + "\n", http.RequestAborted);
        }
    }
}
