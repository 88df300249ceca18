using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Teams;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Web.Features.Audit;

/// <summary>History: search, histogram, export, verdict.</summary>
public sealed partial class AuditPage
{
    private const int Suggestions = 12;

    private List<AuditEventView> rows = [];
    private IReadOnlyList<TeamView> teams = [];
    private IReadOnlyList<AuditDay> days = [];
    private AuditVerdict? verdict;
    private SealStatus? seals;
    private PortalError? verifyError;
    private string? next;
    private bool verifying;

    [Inject]
    private AuditService Audit { get; set; } = default!;

    [Inject]
    private PeopleService People { get; set; } = default!;

    [Inject]
    private CatalogService Catalog { get; set; } = default!;

    [Inject]
    private EnvironmentService Environments { get; set; } = default!;

    [CascadingParameter]
    private Access? Access { get; set; }

    [SupplyParameterFromQuery]
    private string? Actor { get; set; }

    [SupplyParameterFromQuery]
    private string? Action { get; set; }

    [SupplyParameterFromQuery(Name = "environment")]
    private string? Environment { get; set; }

    [SupplyParameterFromQuery]
    private string? Team { get; set; }

    [SupplyParameterFromQuery]
    private string? Text { get; set; }

    [SupplyParameterFromQuery]
    private string? From { get; set; }

    [SupplyParameterFromQuery]
    private string? To { get; set; }

    /// <summary>Verified at once: the palette asks for that.</summary>
    [SupplyParameterFromQuery]
    private bool Verify { get; set; }

    private AuditAsked Asked => new(Actor, Action, Environment, Team, Text, From, To);

    // The last day counts whole; a file is asked for by times.
    private AuditAsked Exported => Asked with { From = Word(FromDay), To = Word(ToDay?.AddDays(1)) };

    private Guid? EnvironmentId => Guid.TryParse(Environment, out var id) ? id : null;

    private DateOnly? FromDay => Day(From);

    private DateOnly? ToDay => Day(To);

    private string? ActionWords => string.IsNullOrEmpty(Action) ? Action : AuditActions.Words.GetValueOrDefault(Action, Action);

    // A link names it by id; people know it by name.
    private string? EnvironmentName =>
        EnvironmentId is not null && rows.FirstOrDefault()?.EnvironmentName is { Length: > 0 } name ? name : Environment;

    private AuditFilter Filter =>
        new(
            Actor,
            Action,
            EnvironmentId,
            FromDay?.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc),
            ToDay?.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc),
            Team,
            EnvironmentId is null ? Environment : null,
            Text
        );

    /// <inheritdoc/>
    protected override async Task LoadAsync()
    {
        Watch(LiveUpdates.All);
        var page = await Audit.SearchAsync(Caller, Filter, new PageRequest(Size: Math.Clamp(rows.Count, 50, 200)), Gone);
        (rows, next) = ([.. page.Items], page.Next);
        days = await Audit.HistogramAsync(Caller, Filter, Gone);
        teams = await Catalog.TeamsAsync(Caller, Gone);
        seals = await Audit.SealsAsync(Caller, Gone);
        if (Verify && verdict is null && !verifying && Access is { ReadsAll: true })
        {
            await VerifyAsync();
        }
    }

    private async Task MoreAsync()
    {
        var page = await Audit.SearchAsync(Caller, Filter, new PageRequest(next), Gone);
        rows.AddRange(page.Items);
        next = page.Next;
    }

    private async Task VerifyAsync()
    {
        verifying = true;
        verifyError = await TryAsync("verify the history", async () => verdict = await Audit.VerifyAsync(Caller, Gone));
        verifying = false;
    }

    private void Go(AuditAsked asked)
    {
        if (PortalUrls.Audit(asked) is var address && address != PortalUrls.Audit(Asked))
        {
            Navigation.NavigateTo(address, replace: true);
        }
    }

    private async Task<IEnumerable<string>> PeopleAsync(string text, CancellationToken cancellationToken)
    {
        var names = await People.NamesAsync(Caller, text, Suggestions, cancellationToken);
        return AuditActions.Portal.Contains(text, StringComparison.OrdinalIgnoreCase) ? [.. names, AuditActions.Portal] : names;
    }

    private async Task<IEnumerable<string>> EnvironmentsAsync(string text, CancellationToken cancellationToken)
    {
        var like = new EnvironmentFilter(text, IncludeDeleted: true);
        var found = await Environments.ListAsync(Caller, like, new PageRequest(Size: Suggestions), cancellationToken);
        return found.Items.Select(e => e.Name).Distinct();
    }

    private Task<IEnumerable<string>> ActionsAsync(string text, CancellationToken cancellationToken) =>
        Task.FromResult(AuditActions.Words.Values.Where(w => Has(w, text)));

    private Task<IEnumerable<string>> TeamsAsync(string text, CancellationToken cancellationToken) =>
        Task.FromResult(teams.Where(t => Has(t.DisplayName, text) || Has(t.Name, text)).Select(t => t.DisplayName));

    private static string? CodeOf(string? words) => AuditActions.Words.FirstOrDefault(w => w.Value == words).Key ?? words;

    private static bool Has(string text, string part) => text.Contains(part.Trim(), StringComparison.OrdinalIgnoreCase);

    private static DateOnly? Day(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static string? Word(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
