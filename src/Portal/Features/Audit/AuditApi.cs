using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting.Api;

namespace Portkey.Portal.Web.Features.Audit;

/// <summary>History.</summary>
internal static class AuditApi
{
    private static readonly Parameter<string> Actor = Parameters.Text("actor", "Id of a person, or part of the name.");
    private static readonly Parameter<string> Action = Parameters.Text("action", "What was done: its code, such as request.approved, or its words.");
    private static readonly Parameter<string> Team = Parameters.Text("team", "Team that it concerns, by name.");
    private static readonly Parameter<string> Words = Parameters.Text("text", "Words of target, reason, address, correlation or digest.");
    private static readonly Parameter<DateTime?> From = Parameters.Time("from", "From this time on.");
    private static readonly Parameter<DateTime?> To = Parameters.Time("to", "Before this time.");
    private static readonly Parameter<string> Format = Parameters.OneOf("format", "jsonl if left out.", "csv", "jsonl");

    public static void MapAudit(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/audit").WithTags("Audit");
        group
            .MapGet(
                "",
                async Task<Page<AuditEventView>> (HttpContext http, AuditService audit, EnvironmentService environments) =>
                    await audit.SearchAsync(
                        http.Caller(),
                        await FilterAsync(http, environments),
                        Parameters.Page(http),
                        http.RequestAborted
                    )
            )
            .Takes(Actor, Action, EnvironmentParameter.Declared, From, To, Team, Words)
            .Pages()
            .WithName("SearchAudit")
            .WithSummary("Events, newest first.");
        group
            .MapGet(
                "/{id:long}",
                (HttpContext http, AuditService audit, long id) => audit.GetAsync(http.Caller(), id, http.RequestAborted)
            )
            .WithName("GetAuditEvent")
            .WithSummary("One event, with its links in the chain.");
        group
            .MapGet("/export", ExportAsync)
            .Takes(Actor, Action, EnvironmentParameter.Declared, From, To, Team, Words, Format)
            .Produces<string>(200, "text/csv", "application/x-ndjson")
            .WithName("ExportAudit")
            .WithSummary("Everything that matches, oldest first, as one file.");
        group
            .MapGet("/verify", (HttpContext http, AuditService audit) => audit.VerifyAsync(http.Caller(), http.RequestAborted))
            .WithName("VerifyAudit")
            .WithSummary("Walks every chain and names the first event that does not fit.");
    }

    private static async Task ExportAsync(HttpContext http, AuditService audit, EnvironmentService environments)
    {
        AuditFormat format = Format.Of(http) == "csv" ? new CsvFormat() : new JsonLinesFormat();
        var filter = await FilterAsync(http, environments);
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

    // An unknown environment is an error, not an empty history.
    private static async Task<AuditFilter> FilterAsync(HttpContext http, EnvironmentService environments)
    {
        var (name, id) = (EnvironmentParameter.Declared.Of(http), (Guid?)null);
        if (name is not null && Guid.TryParse(name, out var given))
        {
            (name, id) = (null, given);
        }
        else if (name is not null)
        {
            var like = new EnvironmentFilter(name, IncludeDeleted: true);
            var found = await environments.ListAsync(http.Caller(), like, new PageRequest(null, 1), http.RequestAborted);
            _ = found.Items.Count > 0 ? found : throw new NotFoundException($"environment '{name}'");
        }

        return new(Actor.Of(http), Action.Of(http), id, From.Of(http), To.Of(http), Team.Of(http), name, Words.Of(http));
    }
}
