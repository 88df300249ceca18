using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Teams;
using Portkey.Portal.Web.Components.Shared;
using Portkey.Portal.Web.Hosting.Api;

namespace Portkey.Portal.Web.Features.Credentials;

/// <summary>Every credential that the person may see, what expires when, and where vault and portal differ.</summary>
public sealed partial class CredentialListPage
{
    private const int CalendarDays = 90;

    private static readonly (string, string)[] Items = [("all", "All credentials"), ("orphans", "Orphans")];

    private List<CredentialRow> rows = [];
    private List<OrphanRow> orphans = [];
    private IReadOnlyList<TeamView> teams = [];
    private CredentialCalendar? calendar;
    private string? next;
    private string? orphansNext;
    private OrphanRow? doomed;
    private PortalError? removeError;
    private bool removing;

    [Inject]
    private CredentialService Credentials { get; set; } = default!;

    [Inject]
    private OrphanRemoval Removal { get; set; } = default!;

    [Inject]
    private CredentialCalendars Calendars { get; set; } = default!;

    [Inject]
    private CatalogService Catalog { get; set; } = default!;

    [Inject]
    private Toasts Toasts { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? Tab { get; set; }

    [SupplyParameterFromQuery]
    private string? Search { get; set; }

    [SupplyParameterFromQuery]
    private string? Team { get; set; }

    [SupplyParameterFromQuery]
    private string? State { get; set; }

    [SupplyParameterFromQuery]
    private string? Kind { get; set; }

    [SupplyParameterFromQuery]
    private string? Day { get; set; }

    [CascadingParameter]
    private Access? Access { get; set; }

    private string Current => Tab == "orphans" ? "orphans" : "all";

    private CredentialState? ChosenState => EnumNames.TryParse<CredentialState>(State ?? "", out var state) ? state : null;

    private CredentialKind? ChosenKind => EnumNames.TryParse<CredentialKind>(Kind ?? "", out var kind) ? kind : null;

    private DateOnly? SelectedDay =>
        DateOnly.TryParseExact(Day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private CredentialFilter Filter => new(string.IsNullOrWhiteSpace(Search) ? null : Search, Team, ChosenState, ChosenKind);

    private ChipFilter.Choice[] StateChoices =>
        [
            new("All", PortalUrls.Credentials(Search, Team, null, ChosenKind), ChosenState is null),
            .. (
                (CredentialState[])
                    [CredentialState.Due, CredentialState.Expiring, CredentialState.Expired, CredentialState.NotInUse, CredentialState.Fine]
            ).Select(s => new ChipFilter.Choice(
                StatusLabel.Of(s).Text,
                PortalUrls.Credentials(Search, Team, s, ChosenKind),
                ChosenState == s,
                "filter-" + s
            )),
        ];

    private ChipFilter.Choice[] TeamChoices =>
        [
            new("All teams", PortalUrls.Credentials(Search, null, ChosenState, ChosenKind), Team is null),
            .. teams.Select(t => new ChipFilter.Choice(
                t.DisplayName,
                PortalUrls.Credentials(Search, t.Name, ChosenState, ChosenKind),
                t.Name == Team
            )),
        ];

    /// <inheritdoc/>
    protected override async Task LoadAsync()
    {
        Watch(LiveUpdates.All);
        if (Current == "orphans")
        {
            var found = await Credentials.OrphansAsync(Caller, new PageRequest(Size: Math.Clamp(orphans.Count, 50, 200)), Gone);
            (orphans, orphansNext) = ([.. found.Items], found.Next);
            return;
        }

        teams = await Catalog.TeamsAsync(Caller, Gone);
        var page = await Credentials.ListAsync(Caller, Filter, new PageRequest(Size: Math.Clamp(rows.Count, 50, 200)), Gone);
        (rows, next) = ([.. page.Items], page.Next);
        calendar = await Calendars.GetAsync(Caller, CalendarDays, Gone);
    }

    private async Task MoreAsync()
    {
        var page = await Credentials.ListAsync(Caller, Filter, new PageRequest(next), Gone);
        rows.AddRange(page.Items);
        next = page.Next;
    }

    private async Task MoreOrphansAsync()
    {
        var page = await Credentials.OrphansAsync(Caller, new PageRequest(orphansNext), Gone);
        orphans.AddRange(page.Items);
        orphansNext = page.Next;
    }

    private void AskToRemove(OrphanRow row) => (doomed, removeError) = (row, null);

    private void KeepOrphan() => (doomed, removeError) = (null, null);

    private async Task RemoveOrphanAsync()
    {
        if (doomed is not { } orphan || removing)
        {
            return;
        }

        removing = true;
        removeError = await TryAsync("remove it", () => Removal.RemoveAsync(Caller, orphan.Id, Gone));
        removing = false;
        if (removeError is null)
        {
            doomed = null;
            Toasts.Done($"{orphan.VaultName}, version {orphan.VaultVersion}, is removed from the vault.");
            await ReloadAsync();
        }
    }

    private void Go(string? search = null, string? kind = null) =>
        Navigation.NavigateTo(
            PortalUrls.Credentials(
                search ?? Search,
                Team,
                ChosenState,
                kind is null ? ChosenKind
                    : EnumNames.TryParse<CredentialKind>(kind, out var k) ? k
                    : null
            ),
            replace: true
        );
}
