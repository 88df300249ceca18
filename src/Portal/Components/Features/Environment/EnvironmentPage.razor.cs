using Microsoft.AspNetCore.Components;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Web.Forms;

namespace Portkey.Portal.Web.Components.Features.Environment;

/// <summary>One environment: what it is, how it does, since when, and what can be done about it.</summary>
public sealed partial class EnvironmentPage
{
    private static readonly (string, string)[] Items =
    [
        ("overview", "Overview"), ("health", "Health"), ("releases", "Releases"), ("settings", "Settings"), ("secrets", "Secrets"), ("operations", "Operations"),
        ("connect", "Connect"), ("audit", "Audit"),
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
    private string? opened;

    /// <summary>Environment.</summary>
    [Parameter]
    public Guid Id { get; set; }

    [Inject]
    private EnvironmentService Environments { get; set; } = default!;

    [Inject]
    private FormProblems Forms { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? Tab { get; set; }

    [SupplyParameterFromQuery]
    private string? Stored { get; set; }

    [SupplyParameterFromQuery]
    private string? Version { get; set; }

    [SupplyParameterFromQuery(Name = "problems")]
    private string? ProblemsKey { get; set; }

    /// <summary>Secret whose rotation was asked for elsewhere: its dialog opens once.</summary>
    [SupplyParameterFromQuery]
    private string? Rotate { get; set; }

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
                (revisions, revisionsNext) = Of(await Environments.RevisionsAsync(Caller, Id, new PageRequest(Size: Math.Clamp(revisions.Count, 50, 200)), Gone));
                break;
            case "secrets":
                secrets = await Environments.SecretsAsync(Caller, Id, Gone);
                break;
            case "operations":
                (operations, operationsNext) = Of(await Environments.OperationsAsync(Caller, Id, new PageRequest(Size: Math.Clamp(operations.Count, 50, 200)), Gone));
                break;
        }

        environment = view;
        if (Rotate is { Length: > 0 } key && key != opened && view.May.Propose)
        {
            opened = key;
            Propose(RequestKind.Rotate, key);
        }
    }

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

    private void Propose(RequestKind kind, string? key = null, int? revision = null) => proposal = (kind, key, revision);
}
