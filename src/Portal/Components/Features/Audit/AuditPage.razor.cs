using Microsoft.AspNetCore.Components;
using Portkey.Portal.Provisioning.Audit;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Teams;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Web.Components.Features.Audit;

/// <summary>History: search, histogram, export, verdict.</summary>
public sealed partial class AuditPage
{
    private List<AuditEventView> rows = [];
    private IReadOnlyList<AuditDay> days = [];
    private AuditEventView? opened;
    private AuditVerdict? verdict;
    private SealStatus? seals;
    private PortalError? verifyError;
    private string? next;
    private bool verifying;

    [Inject]
    private AuditService Audit { get; set; } = default!;

    [CascadingParameter]
    private Access? Access { get; set; }

    [SupplyParameterFromQuery]
    private string? Actor { get; set; }

    [SupplyParameterFromQuery]
    private string? Action { get; set; }

    [SupplyParameterFromQuery(Name = "environment")]
    private string? Environment { get; set; }

    [SupplyParameterFromQuery]
    private string? From { get; set; }

    [SupplyParameterFromQuery]
    private string? To { get; set; }

    private Guid? EnvironmentId => Guid.TryParse(Environment, out var id) ? id : null;

    private DateOnly? FromDay => DateOnly.TryParse(From, out var day) ? day : null;

    private DateOnly? ToDay => DateOnly.TryParse(To, out var day) ? day : null;

    private IEnumerable<(string Name, string Label, string Type, string? Value)> Fields =>
        [("actor", "Who", "text", Actor), ("action", "Action", "text", Action), ("from", "From day (UTC)", "date", From), ("to", "To day (UTC)", "date", To)];

    // The last day counts whole.
    private AuditFilter Filter => new(
        string.IsNullOrWhiteSpace(Actor) ? null : Actor.Trim(),
        string.IsNullOrWhiteSpace(Action) ? null : Action.Trim(),
        EnvironmentId,
        FromDay?.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc),
        ToDay?.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));

    /// <inheritdoc/>
    protected override async Task LoadAsync()
    {
        Watch(LiveUpdates.All);
        var page = await Audit.SearchAsync(Caller, Filter, new PageRequest(Size: Math.Clamp(rows.Count, 50, 200)), Gone);
        (rows, next) = ([.. page.Items], page.Next);
        days = await Audit.HistogramAsync(Caller, Filter, Gone);
        seals = await Audit.SealsAsync(Caller, Gone);
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
}
