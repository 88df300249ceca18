using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Web.Hosting;

/// <summary>For whatever starts and restarts the process; anonymous, and says nothing worth hiding.</summary>
internal static partial class HealthEndpoints
{
    public static void MapPortalHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/healthz").AllowAnonymous().ExcludeFromDescription();
        group.MapGet("/live", () => Results.Json(new { status = "live" }));
        group.MapGet("/ready", ReadyAsync);
    }

    private static async Task<IResult> ReadyAsync(PeopleService people, ILogger<Program> log, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            // The cheapest read that needs the database with its schema in place.
            await people.FindAsync("readiness", timeout.Token);
            return Results.Json(new { status = "ready", database = "ok" });
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotReady(log, e);
            return Results.Json(
                new { status = "not ready", database = "unreachable" },
                statusCode: StatusCodes.Status503ServiceUnavailable
            );
        }
    }

    [LoggerMessage(EventId = 5002, Level = LogLevel.Warning, Message = "Not ready: the database does not answer")]
    private static partial void LogNotReady(ILogger log, Exception exception);
}
