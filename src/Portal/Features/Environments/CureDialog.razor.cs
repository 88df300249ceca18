using Microsoft.AspNetCore.Components;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Web.Features.Environments;

/// <summary>Asks for the one change that mends a failing environment, starting from what was approved last, even if that failed.</summary>
public sealed partial class CureDialog
{
    private readonly string idempotency = Guid.NewGuid().ToString("N");
    private RevisionView? approved;
    private IReadOnlyList<ProfileView> profiles = [];
    private ChartView? chart;
    private PortalError? error;
    private string tag = "";
    private string repository = "";
    private string profile = "";
    private string reason = "";
    private int? pods;
    private bool busy;

    /// <summary>Environment.</summary>
    [Parameter, EditorRequired]
    public EnvironmentView Environment { get; set; } = default!;

    /// <summary>What is to be changed.</summary>
    [Parameter, EditorRequired]
    public CureKind Kind { get; set; }

    /// <summary>Closed without a request.</summary>
    [Parameter, EditorRequired]
    public EventCallback OnClose { get; set; }

    private string Title =>
        Kind switch
        {
            CureKind.ChangeImage => $"Change the image of {Environment.Name}",
            CureKind.ChangeSize => $"Change the size of {Environment.Name}",
            _ => $"Apply v{approved?.Number ?? Environment.ApprovedRevision} of {Environment.Name} again",
        };

    private string TagHelp =>
        chart is { ImageTag.Length: > 0 } known
            ? $"Empty for {known.ImageTag}, which chart {known.Version} is made for."
            : "Empty for the one that the chart is made for.";

    private string SendLabel => Kind == CureKind.ApplyAgain ? $"Ask to apply v{approved?.Number} again" : "Ask for this change";

    /// <inheritdoc/>
    protected override async Task LoadAsync()
    {
        if (Loaded)
        {
            return;
        }

        var newest = (await Environments.RevisionsAsync(Caller, Environment.Id, new PageRequest(Size: 1), Gone)).Items[0];
        profiles = Kind == CureKind.ChangeSize ? await Catalog.ProfilesAsync(Caller, Gone) : [];
        chart =
            Kind == CureKind.ChangeImage
                ? (await Catalog.ChartsAsync(Caller, Gone)).FirstOrDefault(c =>
                    c.Edition == Environment.Edition && $"{c.Name} {c.Version}" == newest.Chart
                )
                : null;
        (tag, repository) = (newest.Spec.ImageTag ?? "", newest.Spec.ImageRepository ?? "");
        (profile, pods) = (newest.Profile, newest.Spec.Replicas);
        approved = newest;
    }

    private static string Text(ChangeEventArgs e) => e.Value?.ToString() ?? "";

    private static string SizeText(ProfileView one) =>
        one.MaxReplicas > one.Replicas ? $"{one.Replicas} to {Plural.Of(one.MaxReplicas, "pod")}" : Plural.Of(one.Replicas, "pod");

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

    private ProposeCommand Command()
    {
        var spec = approved!.Spec;
        return new()
        {
            Kind = RequestKind.Change,
            EnvironmentId = Environment.Id,
            Profile = Kind == CureKind.ChangeSize ? profile : approved.Profile,
            Spec = Kind switch
            {
                CureKind.ChangeImage => spec with { ImageTag = OrNull(tag), ImageRepository = OrNull(repository) },
                CureKind.ChangeSize => spec with { Replicas = pods },
                _ => spec,
            },
            Reason = reason.Trim(),
            IdempotencyKey = idempotency,
        };
    }

    private static string? OrNull(string text) => text.Trim() is { Length: > 0 } given ? given : null;
}
