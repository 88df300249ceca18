using Microsoft.AspNetCore.Components;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Web.Features.Environments;

/// <summary>Asks for one change of an environment: what exactly, and why. Sends a request; nothing changes before it is approved.</summary>
public sealed partial class ProposeDialog
{
    private readonly string idempotency = Guid.NewGuid().ToString("N");
    private IReadOnlyList<(string Value, string Text)> choices = [];
    private IReadOnlyList<SecretView> secrets = [];
    private IReadOnlyList<ChartView> charts = [];
    private PortalError? error;
    private string choice = "";
    private string confirm = "";
    private string reason = "";
    private bool busy;

    /// <summary>Environment.</summary>
    [Parameter, EditorRequired]
    public EnvironmentView Environment { get; set; } = default!;

    /// <summary>What is asked for.</summary>
    [Parameter, EditorRequired]
    public RequestKind Kind { get; set; }

    /// <summary>Secret that is chosen already.</summary>
    [Parameter]
    public string? Key { get; set; }

    /// <summary>Revision that is chosen already.</summary>
    [Parameter]
    public int? Revision { get; set; }

    /// <summary>Closed without a request.</summary>
    [Parameter, EditorRequired]
    public EventCallback OnClose { get; set; }

    private string Title =>
        Kind switch
        {
            RequestKind.Upgrade => $"Upgrade {Environment.Name}",
            RequestKind.Rotate => $"Rotate a secret of {Environment.Name}",
            RequestKind.Rollback => $"Roll back {Environment.Name}",
            _ => $"Delete {Environment.Name}",
        };

    private string Explanation =>
        Kind switch
        {
            RequestKind.Rotate => "The newest stored version takes over. Nothing happens before an administrator approves it.",
            RequestKind.Rollback => "The spec of the earlier revision is applied as a new one. Disabled secrets are not revived.",
            RequestKind.Delete =>
                $"Removes the gateway with everything in namespace {Environment.Namespace}. Callers get no answer from then on. The history stays.",
            _ => "An administrator sees the difference before anything happens; the present gateway serves until the new one is ready.",
        };

    private string ChoiceLabel =>
        Kind switch
        {
            RequestKind.Upgrade => "Chart version",
            RequestKind.Rotate => "Secret",
            _ => "Revision",
        };

    private string NoChoice =>
        Kind switch
        {
            RequestKind.Upgrade => "No newer chart version of its edition is allowed. An administrator registers one first.",
            RequestKind.Rotate => "No secret has a stored version that is not in use. Store a new version under Secrets first.",
            _ => "There is no earlier revision to go back to.",
        };

    private string SendLabel =>
        Kind switch
        {
            RequestKind.Upgrade => $"Ask to upgrade {Environment.Name}",
            RequestKind.Rotate => $"Ask to rotate {choice}",
            RequestKind.Rollback => $"Ask to roll back to v{choice}",
            _ => $"Ask to delete {Environment.Name}",
        };

    private bool CanSend => !busy && (Kind == RequestKind.Delete ? confirm == Environment.Name : choice.Length > 0);

    /// <inheritdoc/>
    protected override async Task LoadAsync()
    {
        if (Loaded)
        {
            return;
        }

        // A shared one is rotated for all that use it, from its own page.
        secrets =
            Kind != RequestKind.Rotate
                ? []
                :
                [
                    .. (await Environments.SecretsAsync(Caller, Environment.Id, Gone)).Where(s =>
                        s.SharedName.Length == 0 && s.NewestVersion != s.CurrentVersion && s.Key != SettingKeys.RedisAdminUrl
                    ),
                ];
        charts =
            Kind != RequestKind.Upgrade
                ? []
                :
                [
                    .. (await Catalog.ChartsAsync(Caller, Gone))
                        .Where(c => c.Edition == Environment.Edition && Environment.Upgrades.Contains(c.Version))
                        .OrderByDescending(c => VersionRange.Parse(c.Version)),
                ];
        choices = Kind switch
        {
            RequestKind.Upgrade => [.. charts.Select(c => (c.Version, $"{c.Name} {c.Version} (app {c.AppVersion})"))],
            RequestKind.Rotate => [.. secrets.Select(s => (s.Key, $"{s.Key}: {s.CurrentVersion} → {s.NewestVersion}"))],
            RequestKind.Rollback =>
            [
                .. (await Environments.RevisionsAsync(Caller, Environment.Id, new PageRequest(Size: 200), Gone))
                    .Items.Where(r => r.Number != Environment.ApprovedRevision && r.AppliedAt is not null)
                    .Select(r => (r.Number.ToString(), $"v{r.Number}: {r.Kind}, {r.Chart}, {r.Profile}")),
            ],
            _ => [],
        };
        var wanted = Key ?? Revision?.ToString();
        choice =
            choices.Any(c => c.Value == wanted) ? wanted!
            : choices.Count > 0 ? choices[0].Value
            : "";
    }

    // An upgrade of the chart leaves an image that the spec names.
    private ImageVersionView UpgradeImage(ChartView chart) =>
        Environment.Spec.ImageTag is { } own ? ImageVersions.Of(chart.Edition, own.Split('@')[0]) : chart.PinnedImage;

    private string ImageText(ChartView chart) =>
        Environment.Spec.ImageTag is { } own
            ? $"The gateway stays at {own}, which the environment names itself; the chart version pins {chart.ImageTag}."
            : $"The gateway's image becomes {chart.ImageTag}, which the chart version pins.";

    private async Task SendAsync()
    {
        busy = true;
        error = await TryAsync(
            "send this request",
            async () =>
            {
                var request = await Requests.ProposeAsync(Caller, Command(), Gone);
                Navigation.NavigateTo(PortalUrls.Request(request.Id));
            }
        );
        busy = false;
    }

    private ProposeCommand Command() =>
        new()
        {
            Kind = Kind,
            EnvironmentId = Environment.Id,
            ChartVersion = Kind == RequestKind.Upgrade ? choice : null,
            RotateKey = Kind == RequestKind.Rotate ? choice : null,
            ToRevision = Kind == RequestKind.Rollback ? int.Parse(choice) : null,
            Reason = reason.Trim(),
            IdempotencyKey = idempotency,
        };
}
