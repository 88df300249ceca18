using Microsoft.AspNetCore.Components;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Imports;
using Portkey.Portal.Provisioning.Requests;
using Portkey.Portal.Provisioning.Rotations;
using Portkey.Portal.Provisioning.Teams;
using Portkey.Portal.Web.Components.Shared;
using Portkey.Portal.Web.Forms;

namespace Portkey.Portal.Web.Components.Features.NewRequest;

/// <summary>The wizard. Draft and step are in the address; the last step is a plain form, because secrets never enter the circuit.</summary>
public sealed partial class NewRequestPage
{
    private readonly HashSet<string> visited = new(StringComparer.Ordinal);
    private WizardState state = new();
    private IReadOnlyList<TeamView> teams = [];
    private IReadOnlyList<ClusterView> clusters = [];
    private IReadOnlyList<ProfileView> profiles = [];
    private IReadOnlyList<SettingView> settings = [];
    private IReadOnlyList<ChartView> charts = [];
    private ImportView? import;
    private IReadOnlyList<FieldProblem> posted = [];
    private CheckView? check;
    private PortalError? saveError;
    private PortalError? submitted;
    private RevisionView? approved;
    private RequestRow? waiting;
    private IReadOnlyList<SharedCredentialChoice> shared = [];
    private string? sharedOf;
    private string changedTeam = "";
    private string cannotChange = "";
    private Guid? draft;
    private Guid? changing;
    private bool ready;
    private int checks;

    [Inject]
    private CatalogService Catalog { get; set; } = default!;

    [Inject]
    private RequestService Requests { get; set; } = default!;

    [Inject]
    private EnvironmentService Environments { get; set; } = default!;

    [Inject]
    private SharedCredentials SharedOnes { get; set; } = default!;

    [Inject]
    private DraftService Drafts { get; set; } = default!;

    [Inject]
    private ImportService Imports { get; set; } = default!;

    [Inject]
    private PeopleService People { get; set; } = default!;

    [Inject]
    private FormProblems Forms { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "draft")]
    private Guid? DraftId { get; set; }

    [SupplyParameterFromQuery(Name = "environment")]
    private Guid? EnvironmentId { get; set; }

    [SupplyParameterFromQuery(Name = "step")]
    private string? Step { get; set; }

    [SupplyParameterFromQuery(Name = "problems")]
    private string? ProblemsKey { get; set; }

    private string Current => Step is { } step && (WizardSteps.Exists(step) || (step == "yaml" && draft is not null)) ? step : posted.Count > 0 ? "review" : state.IsChange ? "size" : "where";

    private IReadOnlyList<SettingView> SecretsToCome => [.. Asked.Where(s => s.IsSecret && !state.Shared.ContainsKey(s.Key) && (state.Replaced.Contains(s.Key) || (SettingRules.IsRequired(s, state) && !KeptSecrets.ContainsKey(s.Key))))];

    // What the chart takes, and what is filled in although it does not: that has to be seen to be taken out.
    private IReadOnlyList<SettingView> Asked => Chart is not { } chart ? settings : [.. settings.Where(s => chart.Settings.Contains(s.Key) || state.Value(s.Key).Length > 0)];

    private ChartView? Chart => charts.FirstOrDefault(c => c.Edition == state.Edition
        && (approved is { } revision ? $"{c.Name} {c.Version}" == revision.Chart : state.ChartVersion.Length > 0 ? c.Version == state.ChartVersion : c.IsDefault));

    private IReadOnlyDictionary<string, string> KeptSecrets => approved?.SecretVersions ?? import?.Secrets.ToDictionary(s => s, _ => "imported") ?? new Dictionary<string, string>();

    private string TeamName => state.IsChange ? changedTeam : state.Team;

    private IReadOnlyList<SpecChange> Changes => approved is null ? [] : SpecChanges.Of(approved.Profile, approved.Spec, state.Profile, state.Spec());

    /// <inheritdoc/>
    protected override async Task LoadAsync()
    {
        if (!ready)
        {
            var access = await People.FindAsync(Caller.PersonId, Gone);
            teams = access is { Teams.Count: > 0 } ? access.Teams : access is { IsAdministrator: true } ? await Catalog.TeamsAsync(Caller, Gone) : [];
            clusters = [.. (await Catalog.ClustersAsync(Caller, Gone)).Where(c => c.IsEnabled)];
            profiles = await Catalog.ProfilesAsync(Caller, Gone);
            settings = await Catalog.SettingsAsync(Caller, Gone);
            charts = await Catalog.ChartsAsync(Caller, Gone);
        }

        if (DraftId != draft || (DraftId is null && EnvironmentId != changing) || !ready)
        {
            (draft, changing) = (DraftId, EnvironmentId);
            state = draft is { } id && await Drafts.LoadAsync(Caller, id, Gone) is { } json ? WizardState.FromJson(json) : EnvironmentId is { } environment ? new WizardState { EnvironmentId = environment } : Fresh();
        }

        await LoadEnvironmentAsync();
        import = state.ImportId is { } imported ? await Imports.FindAsync(Caller, imported, Gone) : null;
        if (import is not null && !state.IsChange)
        {
            state.Team = state.Team.Length > 0 ? state.Team : teams.Count > 0 ? teams[0].Name : "";
            state.Cluster = state.Cluster.Length > 0 ? state.Cluster : clusters.Count > 0 ? clusters[0].Name : "";
        }

        if (sharedOf != TeamName)
        {
            shared = TeamName.Length == 0 ? [] : await SharedOnes.ChoicesAsync(Caller, TeamName, Gone);
            sharedOf = TeamName;
        }

        posted = Forms.Read(Caller.PersonId, ProblemsKey);
        submitted = posted.Count == 0 || Step == "yaml" ? null : PortalError.Of(new InvalidInputException(posted), "send this request", "");
        ready = true;
        await CheckAsync();
    }

    // Read again at every step: meanwhile somebody may have changed, deleted or asked for something else.
    private async Task LoadEnvironmentAsync()
    {
        if (state.EnvironmentId is not { } id)
        {
            (approved, waiting, cannotChange, changedTeam) = (null, null, "", "");
            return;
        }

        var environment = await Environments.GetAsync(Caller, id, Gone);
        approved = (await Environments.RevisionsAsync(Caller, id, new PageRequest(Size: 1), Gone)).Items[0];
        waiting = (await Requests.ListAsync(Caller, new RequestFilter(RequestState.Pending, EnvironmentId: id), new PageRequest(Size: 1), Gone)).Items is [var other, ..] ? other : null;
        if (draft is null && state.Name.Length == 0)
        {
            state = WizardState.Of(id, approved.Profile, approved.Spec);
        }

        (state.Name, state.Team, state.Cluster) = (environment.Name, environment.TeamDisplayName, environment.Cluster);
        (cannotChange, changedTeam) = (environment.May.WhyNot, environment.Team);
    }

    private WizardState Fresh() => new()
    {
        Team = teams.Count > 0 ? teams[0].Name : "",
        Cluster = clusters.Count > 0 ? clusters[0].Name : "",
        Profile = profiles.Count > 0 ? profiles[0].Name : "dev",
    };

    // Words for a field, once its step was left or sent; before that nobody is told off for what they have not typed yet.
    private string? Shown(string field) => visited.Contains(Current) || posted.Count > 0 ? ProblemOf(field) : null;

    private string? ProblemOf(string field) =>
        field == "name" && !state.IsChange && NameRule.WhatIsWrong(state.Name) is { } wrong
            ? wrong
            : (check?.Problems ?? []).Concat(posted).FirstOrDefault(p => p.Field == field)?.Message;

    private async Task ChangedAsync()
    {
        posted = [];
        var mine = ++checks;
        await Task.Delay(250, Gone);
        if (mine == checks)
        {
            saveError = await TryAsync("check this request", CheckAsync);
        }
    }

    private async Task CheckAsync()
    {
        if (state.IsChange ? cannotChange.Length == 0 : teams.Count > 0)
        {
            check = await Requests.CheckAsync(Caller, state.Command(SecretsToCome), Gone);
        }
    }

    private async Task SaveAsync() =>
        saveError = await TryAsync("save the draft", async () => draft = await Drafts.SaveAsync(Caller, draft, state.ToJson(), Gone));

    private async Task NextAsync()
    {
        visited.Add(Current);
        saveError = await TryAsync("check this request", CheckAsync);
        if (saveError is not null || WizardSteps.FieldsOf(Current, settings).Any(f => ProblemOf(f) is not null))
        {
            return;
        }

        await GoAsync(WizardSteps.After(Current));
    }

    private Task YamlAsync() => GoAsync("yaml");

    private Task BackAsync() => GoAsync(WizardSteps.Before(Current));

    private async Task GoAsync(string step)
    {
        await SaveAsync();
        if (saveError is null)
        {
            Navigation.NavigateTo(PortalUrls.Wizard(draft, step));
        }
    }
}
