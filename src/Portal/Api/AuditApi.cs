using Portkey.Portal.Provisioning.Audit;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Api;

/// <summary>History.</summary>
internal static class AuditApi
{
    public static void MapAudit(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/audit").WithTags("Audit");
        group.MapGet("", async Task<Page<AuditEventView>> (HttpContext http, AuditService audit, EnvironmentService environments) =>
                await audit.SearchAsync(http.Caller(), await Query.AuditAsync(http, environments, http.Caller()), Query.Page(http), http.RequestAborted))
            .WithName("SearchAudit").WithSummary("Events, newest first; filters: actor, action, environment, from, to.");
        group.MapGet("/export", ExportAsync).Produces<string>(200, "text/csv", "application/x-ndjson")
            .WithName("ExportAudit").WithSummary("Everything that matches, oldest first, as format=csv or format=jsonl.");
        group.MapGet("/verify", (HttpContext http, AuditService audit) => audit.VerifyAsync(http.Caller(), http.RequestAborted))
            .WithName("VerifyAudit").WithSummary("Walks every chain and names the first event that does not fit.");
    }

    private static async Task ExportAsync(HttpContext http, AuditService audit, EnvironmentService environments)
    {
        AuditFormat format = Query.Text(http, "format") switch
        {
            "csv" => new CsvFormat(),
            null or "jsonl" => new JsonLinesFormat(),
            _ => throw new InvalidInputException("format", "It must be csv or jsonl."),
        };
        var filter = await Query.AuditAsync(http, environments, http.Caller());
        await using var events = audit.ExportAsync(http.Caller(), filter, http.RequestAborted).GetAsyncEnumerator(http.RequestAborted);

        // The first step may refuse; only after it is the answer known to be 200.
        var more = await events.MoveNextAsync();
        http.Response.ContentType = format.ContentType;
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"audit.{format.Extension}\"";
        await http.Response.WriteAsync(format.Head, http.RequestAborted);
        for (; more; more = await events.MoveNextAsync())
        {
            await http.Response.WriteAsync(format.Line(events.Current), http.RequestAborted);
        }
    }
}
