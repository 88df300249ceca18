using Microsoft.AspNetCore.Components;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Web.Components.Shared;
using Portkey.Portal.Web.Hosting.Api;
using Portkey.Portal.Web.Hosting.Forms;

namespace Portkey.Portal.Web.Features.Environments;

/// <summary>One environment: what it is, its health and since when, and what can be done about it.</summary>
public sealed partial class EnvironmentPage
{
    private static readonly (string, string)[] Items =
    [
        ("overview", "Overview"),
        ("health", "Health"),
        ("releases", "Releases"),
        ("settings", "Settings"),
        ("secrets", "Secrets"),
        ("operations", "Operations"),
        ("connect", "Connect"),
        ("audit", "Audit"),
    ];

    private EnvironmentView? environment;
    private IReadOnlyList<HealthBucket> history = [];
    private IReadOnlyList<SecretView> secrets = [];
    private IReadOnlyList<FieldProblem> posted = [];
    private List<RevisionView> revisions = [];
    private List<OperationRow> operations = [];
    private string? revisionsNext;
    private string? operationsNext;
    private (RequestKind Kind, string? Key, int? Revision)? proposal;
    private IReadOnlyList<SpecChange> changed = [];
    private (int Revision, int Applied) changedOf;
    private PortalError? retryError;
    private CureKind? cure;
    private string? cureOpened;
    private string? opened;

    /// <summary>Environment.</summary>
    [Parameter]
    public Guid Id { get; set; }

    [Inject]
    private EnvironmentService Environments { get; set; } = default!;

    [Inject]
    private FormProblems Forms { get; set; } = default!;

    [Inject]
    private OperationService Operations { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? Tab { get; set; }

    /// <summary>What is to be done about trouble: its dialog opens once.</summary>
    [SupplyParameterFromQuery]
    private string? Cure { get; set; }

    /// <summary>Revision that it goes back to.</summary>
    [SupplyParameterFromQuery]
    private string? To { get; set; }

    /// <summary>Secret that comes first on its tab, with its field open.</summary>
    [SupplyParameterFromQuery]
    private string? Key { get; set; }

    [SupplyParameterFromQuery]
    private string? Stored { get; set; }

    [SupplyParameterFromQuery]
    private string? Version { get; set; }

    [SupplyParameterFromQuery(Name = "problems")]
    private string? ProblemsKey { get; set; }

    /// <summary>Secret whose rotation was asked for elsewhere: its dialog opens once.</summary>
    [SupplyParameterFromQuery]
    private string? Rotate { get; set; }

    /// <summary>Kind of request that was asked for elsewhere: its dialog opens once.</summary>
    [SupplyParameterFromQuery(Name = "propose")]
    private string? Wanted { get; set; }

    private string Current => Items.Any(i => i.Item1 == Tab) ? Tab! : "overview";

    /// <inheritdoc/>
    protected override async Task LoadAsync()
    {
        Watch(Id.ToString());
        Poll(TimeSpan.FromSeconds(5));
        var view = await Environments.GetAsync(Caller, Id, Gone);
        posted = Forms.Read(Caller.PersonId, ProblemsKey);
        switch (Current)
        {
            case "overview" or "health":
                history = await Environments.HealthHistoryAsync(Caller, Id, Gone);
                break;
            case "releases":
                (revisions, revisionsNext) = Of(
                    await Environments.RevisionsAsync(Caller, Id, new PageRequest(Size: Math.Clamp(revisions.Count, 50, 200)), Gone)
                );
                break;
            case "secrets":
                secrets = await Environments.SecretsAsync(Caller, Id, Gone);
                break;
            case "operations":
                (operations, operationsNext) = Of(
                    await Environments.OperationsAsync(Caller, Id, new PageRequest(Size: Math.Clamp(operations.Count, 50, 200)), Gone)
                );
                break;
        }

        changed = await ChangedAsync(view);
        environment = view;
        OpenCure(view);
        if (Rotate is { Length: > 0 } key && key != opened && view.May.Propose)
        {
            opened = key;
            Propose(RequestKind.Rotate, key);
        }
        else if (
            Wanted != opened
            && view.May.Propose
            && Enum.TryParse<RequestKind>(Wanted, ignoreCase: true, out var kind)
            && kind is RequestKind.Upgrade or RequestKind.Rotate or RequestKind.Rollback or RequestKind.Delete
        )
        {
            opened = Wanted;
            Propose(kind);
        }
    }

    /// <summary>Findings besides what the panel of its trouble says.</summary>
    internal static IReadOnlyList<FindingView> Besides(EnvironmentView view) =>
        view.Trouble is null ? view.Findings : [.. view.Findings.Where(f => f.Kind is not ("health" or "operation"))];

    /// <summary>What to say where there is none.</summary>
    internal static string NoneBesides(EnvironmentView view) =>
        view.Trouble is null ? "Nothing deviates." : "Nothing besides what is said above.";

    private static (List<T>, string?) Of<T>(Page<T> page) => ([.. page.Items], page.Next);

    private async Task MoreRevisionsAsync()
    {
        var page = await Environments.RevisionsAsync(Caller, Id, new PageRequest(revisionsNext), Gone);
        revisions.AddRange(page.Items);
        revisionsNext = page.Next;
    }

    private async Task MoreOperationsAsync()
    {
        var page = await Environments.OperationsAsync(Caller, Id, new PageRequest(operationsNext), Gone);
        operations.AddRange(page.Items);
        operationsNext = page.Next;
    }

    // What the last change changed, against the revision that ran before it. It does not change any more, so it is read once.
    private async Task<IReadOnlyList<SpecChange>> ChangedAsync(EnvironmentView view)
    {
        if (view.Trouble?.Change is not { Revision: > 1 } change)
        {
            return [];
        }

        if (changedOf == (change.Revision, view.Revision))
        {
            return changed;
        }

        changedOf = (change.Revision, view.Revision);
        var all = (await Environments.RevisionsAsync(Caller, Id, new PageRequest(Size: 50), Gone)).Items;
        var now = all.FirstOrDefault(r => r.Number == change.Revision);
        var before = all.FirstOrDefault(r => r.Number < change.Revision && r.AppliedAt is not null);
        return now is null || before is null ? [] : RevisionChanges.Of(before, now);
    }

    private void OpenCure(EnvironmentView view)
    {
        if (Cure is null || !view.May.Propose || cureOpened == Navigation.Uri || !EnumNames.TryParse<CureKind>(Cure, out var kind))
        {
            return;
        }

        cureOpened = Navigation.Uri;
        if (kind == CureKind.Rollback)
        {
            Propose(RequestKind.Rollback, revision: int.TryParse(To, out var number) ? number : null);
        }
        else if (kind is CureKind.ChangeImage or CureKind.ChangeSize or CureKind.ApplyAgain)
        {
            cure = kind;
        }
    }

    private void CloseCure()
    {
        cure = null;
        Forget();
    }

    private void CloseProposal()
    {
        proposal = null;
        Forget();
    }

    // The dialog was asked for by the address; closed, it is to be asked for again. It is also closed when somebody goes to another
    // page, and then the address is that page's.
    private void Forget()
    {
        cureOpened = null;
        var here = new Uri(Navigation.Uri).AbsolutePath == PortalUrls.Environment(Id);
        if (Cure is not null && here)
        {
            Navigation.NavigateTo(PortalUrls.Environment(Id, Current), replace: true);
        }
    }

    private async Task RetryAsync()
    {
        retryError = await TryAsync(
            "try again",
            async () =>
            {
                var again = await Operations.RetryAsync(Caller, environment!.Trouble!.OperationId!.Value, "Tried again on its page", Gone);
                Navigation.NavigateTo(PortalUrls.Operation(again.Id));
            }
        );
    }

    private void Propose(RequestKind kind, string? key = null, int? revision = null) => proposal = (kind, key, revision);
}
