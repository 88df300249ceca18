using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Imports;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Rotations;
using Portkey.Portal.Provisioning.UseCases.Teams;
using Portkey.Portal.Web.Components.Shared;
using Portkey.Portal.Web.Hosting.Forms;

namespace Portkey.Portal.Web.Features.NewRequest;

/// <summary>The wizard. Draft and step are in the address; the last step is a plain form, because secrets never enter the
/// circuit.</summary>
public sealed partial class NewRequestPage
{
    private const string StepHeading = "wizard-step";

    private readonly HashSet<string> visited = new(StringComparer.Ordinal);
    private WizardState state = new();
    private IReadOnlyList<TeamView> teams = [];
    private IReadOnlyList<ClusterView> clusters = [];
    private IReadOnlyList<ProfileView> profiles = [];
    private IReadOnlyList<SettingView> settings = [];
    private IReadOnlyList<ChartView> charts = [];
    private IReadOnlyList<DraftRow> others = [];
    private ImportView? import;
    private IReadOnlyList<FieldProblem> posted = [];
    private IReadOnlyList<FieldProblem> summary = [];
    private CheckView? check;
    private PortalError? saveError;
    private RevisionView? approved;
    private RequestRow? waiting;
    private IReadOnlyList<SharedCredentialChoice> shared = [];
    private string? sharedOf;
    private string changedTeam = "";
    private string cannotChange = "";
    private Guid? draft;
    private Guid? changing;
    private bool ready;
    private bool isGone;
    private bool wasReviewed;

    // Problems that were answered by typing on: their key may still be in the address.
    private string? answered;
    private (string Step, string? Problems, string? Field)? seen;
    private string? focus;

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

    [Inject]
    private IJSRuntime Js { get; set; } = default!;

    [SupplyParameterFromQuery(Name = "draft")]
    private Guid? DraftId { get; set; }

    [SupplyParameterFromQuery(Name = "environment")]
    private Guid? EnvironmentId { get; set; }

    [SupplyParameterFromQuery(Name = "step")]
    private string? Step { get; set; }

    /// <summary>Element of the step that is filled in first.</summary>
    [SupplyParameterFromQuery(Name = "field")]
    private string? FieldId { get; set; }

    [SupplyParameterFromQuery(Name = "problems")]
    private string? ProblemsKey { get; set; }

    private string Current =>
        Step is { } step && (WizardSteps.Exists(step) || (step == "yaml" && draft is not null)) ? step
        : posted.Count > 0 ? "review"
        : "where";

    private IReadOnlyList<SettingView> SecretsToCome =>
        [
            .. Asked.Where(s =>
                s.IsSecret
                && !state.Shared.ContainsKey(s.Key)
                && !state.FurtherSecrets.Contains(s.Key)
                && (state.Replaced.Contains(s.Key) || (SettingRules.IsRequired(s, state) && !KeptSecrets.ContainsKey(s.Key)))
            ),
            .. state
                .FurtherSecrets.Union(state.Replaced.Where(UnknownVariables.IsUnknown))
                .Where(k => !state.Shared.ContainsKey(k))
                .Select(k => settings.FirstOrDefault(s => s.Key == k) ?? SettingRules.Unknown(k)),
        ];

    // What the chart takes, and what is filled in although it does not: that has to be seen to be taken out.
    private IReadOnlyList<SettingView> Asked =>
        Chart is not { } chart ? settings : [.. settings.Where(s => chart.Settings.Contains(s.Key) || state.Value(s.Key).Length > 0)];

    private ChartView? Chart =>
        charts.FirstOrDefault(c =>
            c.Edition == state.Edition
            && (
                approved is { } revision ? $"{c.Name} {c.Version}" == revision.Chart
                : state.ChartVersion.Length > 0 ? c.Version == state.ChartVersion
                : c.IsDefault
            )
        );

    private IReadOnlyDictionary<string, string> KeptSecrets =>
        approved?.SecretVersions ?? import?.Secrets.ToDictionary(s => s, _ => "imported") ?? new Dictionary<string, string>();

    private string TeamName => state.IsChange ? changedTeam : state.Team;

    private IReadOnlyList<SpecChange> Changes =>
        approved is null ? [] : SpecChanges.Of(approved.Profile, approved.Spec, state.Profile, state.Spec());

    private ReviewSource Source =>
        new(state, Asked, SecretsToCome, KeptSecrets)
        {
            Teams = teams,
            Clusters = clusters,
            Profile = profiles.FirstOrDefault(p => p.Name == state.Profile),
            Chart = Chart,
        };

    private WizardProblems Problems => new(state, check?.Problems ?? [], posted);

    /// <inheritdoc/>
    protected override async Task LoadAsync()
    {
        if (!ready)
        {
            await LoadCatalogAsync();
        }
        else if (DraftId == draft && seen == (Current, ProblemsKey, FieldId))
        {
            return; // the draft got its address
        }

        if (DraftId != draft || (DraftId is null && EnvironmentId != changing) || !ready)
        {
            await LoadDraftAsync();
        }

        if (isGone)
        {
            ready = true;
            return;
        }

        await LoadEnvironmentAsync();
        import = state.ImportId is { } imported ? await Imports.FindAsync(Caller, imported, Gone) : null;
        if (import is not null && !state.IsChange)
        {
            state.Team =
                state.Team.Length > 0 ? state.Team
                : teams.Count > 0 ? teams[0].Name
                : "";
            state.Cluster =
                state.Cluster.Length > 0 ? state.Cluster
                : clusters.Count > 0 ? clusters[0].Name
                : "";
        }

        if (sharedOf != TeamName)
        {
            shared = TeamName.Length == 0 ? [] : await SharedOnes.ChoicesAsync(Caller, TeamName, Gone);
            sharedOf = TeamName;
        }

        posted = ProblemsKey == answered ? [] : Forms.Read(Caller.PersonId, ProblemsKey);
        Arrive();
        ready = true;
        StateHasChanged(); // the step is there before the check has an answer
        await CheckAsync();
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (ready && focus is { } element)
        {
            focus = null;
            await Js.InvokeVoidAsync("portal.goTo", element, StepHeading);
        }
    }

    // Another step is read from its top; what was refused, from what is wrong with it.
    private void Arrive()
    {
        var now = (Current, ProblemsKey, FieldId);
        if (seen == now)
        {
            return;
        }

        summary = visited.Contains(Current) ? Problems.On(Current) : [];
        wasReviewed |= Current == "review";
        focus =
            FieldId is { Length: > 0 } field ? field
            : posted.Count > 0 && Current is "review" or "yaml" && seen?.Problems != ProblemsKey ? ErrorSummary.ElementId
            : seen is null ? null
            : StepHeading;
        seen = now;
    }

    private async Task LoadCatalogAsync()
    {
        var access = await People.FindAsync(Caller.PersonId, Gone);
        teams =
            access is { Teams.Count: > 0 } ? access.Teams
            : access is { IsAdministrator: true } ? await Catalog.TeamsAsync(Caller, Gone)
            : [];
        clusters = [.. (await Catalog.ClustersAsync(Caller, Gone)).Where(c => c.IsEnabled)];
        profiles = await Catalog.ProfilesAsync(Caller, Gone);
        settings = await Catalog.SettingsAsync(Caller, Gone);
        charts = await Catalog.ChartsAsync(Caller, Gone);
    }

    private async Task LoadDraftAsync()
    {
        await KeepAsync();
        (draft, changing, isSaved) = (DraftId, EnvironmentId, false);
        (seen, summary, check, wasReviewed) = (null, [], null, false);
        visited.Clear();
        var json = draft is { } id ? await Drafts.LoadAsync(Caller, id, Gone) : null;
        isGone = draft is not null && json is null;
        others =
            draft is null && EnvironmentId is null && teams.Count > 0
                ? [.. (await Drafts.ListAsync(Caller, Gone)).Where(d => !d.IsChange).Take(3)]
                : [];
        state =
            json is not null ? WizardState.FromJson(json)
            : EnvironmentId is { } environment ? new WizardState { EnvironmentId = environment }
            : Fresh();
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
        waiting = (
            await Requests.ListAsync(Caller, new RequestFilter(RequestState.Pending, EnvironmentId: id), new PageRequest(Size: 1), Gone)
        ).Items
            is [var other, ..]
            ? other
            : null;
        if (draft is null && state.Name.Length == 0)
        {
            state = WizardState.Of(id, approved.Profile, approved.Spec);
        }

        (state.Name, state.Team, state.Cluster) = (environment.Name, environment.TeamDisplayName, environment.Cluster);
        (cannotChange, changedTeam) = (environment.May.WhyNot, environment.Team);
    }

    private WizardState Fresh() =>
        new()
        {
            Team = teams.Count > 0 ? teams[0].Name : "",
            Cluster = clusters.Count > 0 ? clusters[0].Name : "",
            Profile = profiles.Count > 0 ? profiles[0].Name : "dev",
        };

    // What is wrong with a field, once its step was left or sent; before that, nothing is reported that has not been typed yet.
    private string? Shown(string field) => visited.Contains(Current) || posted.Count > 0 ? Problems.Of(field) : null;

    private async Task CheckAsync()
    {
        if (state.IsChange ? cannotChange.Length == 0 : teams.Count > 0)
        {
            check = await Requests.CheckAsync(Caller, state.Command(SecretsToCome), Gone);
        }
    }
}
