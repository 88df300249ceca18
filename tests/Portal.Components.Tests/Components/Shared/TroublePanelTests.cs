using Bunit;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Components.Tests.Components.Shared;

/// <summary>What is wrong, since when and what helps, as the first thing on a page.</summary>
public sealed class TroublePanelTests : PageTest
{
    private static readonly Guid Id = Guid.Parse("0190aaaa-1111-7222-8333-444455556666");

    [Fact]
    public void Panel_OfTrouble_HasCauseSinceChangeAndTheActionThatHelps()
    {
        var panel = Show(Trouble());

        Assert.Contains("cannot get its image", panel.Find("[data-testid=trouble-cause]").TextContent, StringComparison.Ordinal);
        Assert.StartsWith("12 min ago", panel.Find("[data-testid=trouble-since]").TextContent.Trim(), StringComparison.Ordinal);
        Assert.Contains("Lea Lead asked to", panel.Find("[data-testid=trouble-change]").TextContent, StringComparison.Ordinal);
        Assert.Contains("Ada Admin approved", panel.Find("[data-testid=trouble-change]").TextContent, StringComparison.Ordinal);
        var action = panel.Find("[data-testid=trouble-action]");
        Assert.Equal(($"/environments/{Id}?cure=changeImage", "Change the image tag"), (action.GetAttribute("href"), action.TextContent));
        Assert.Contains("button-primary", action.ClassName, StringComparison.Ordinal);
        Assert.DoesNotContain("button-primary", panel.Find("[data-testid=retry-operation]").ClassName!, StringComparison.Ordinal);
    }

    [Fact]
    public void Panel_OfHostileWords_ShowsThemAsText()
    {
        var panel = Show(Trouble() with { Cause = Hostile, Detail = Hostile, Events = [new(PodEvent.Warning, Hostile, Hostile, 1, null)] });

        Assert.Empty(panel.FindAll("img"));
        Assert.Contains(Hostile, panel.Find("[data-testid=trouble-cause]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Panel_OfEvents_CountsEachAndMarksWarningsOnly()
    {
        var panel = Show(
            Trouble() with
            {
                Events = [new("Normal", "Pulling", "Pulling image", 4, null), new(PodEvent.Warning, "Failed", "Failed to pull", 4, null)],
            }
        );

        var rows = panel.FindAll("[data-testid=trouble-events] tbody tr");
        Assert.Equal(["4", "4"], rows.Select(r => r.QuerySelector("[data-label=Times]")!.TextContent));
        Assert.Single(panel.FindAll("[data-testid=trouble-events] .tone-warn"));
        Assert.Empty(panel.FindAll("[data-testid=trouble-events] .tone-bad"));
        Assert.Contains("2 events", panel.Find("[data-testid=trouble-more] summary").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Panel_ForWhoMayNotAct_SaysWhatHelpsWithoutButtons()
    {
        var panel = Show(Trouble(), mayAct: false);

        Assert.Empty(panel.FindAll("button.button, a.button"));
        Assert.Contains("Name a tag", panel.Find("[data-testid=trouble-cure]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Panel_WhereTryingAgainHelps_TriesAgainFirst()
    {
        var tried = false;
        var trouble = Trouble() with { Cure = new(CureKind.TryAgain, "Try again", "It does what was approved."), Others = [] };
        var panel = Render<TroublePanel>(p =>
            p.Add(t => t.Trouble, trouble).Add(t => t.EnvironmentId, Id).Add(t => t.MayAct, true).Add(t => t.OnRetry, () => tried = true)
        );

        panel.Find("[data-testid=retry-operation]").Click();

        Assert.True(tried);
        Assert.Contains("button-primary", panel.Find("[data-testid=retry-operation]").ClassName!, StringComparison.Ordinal);
    }

    [Fact]
    public void Panel_WithWhatWasChanged_ShowsBeforeAndAfter()
    {
        var panel = Show(Trouble(), changed: [new("Image tag", "1.2.3", "9.9.9"), new("Pods", "1", "")]);

        var changed = panel.Find("[data-testid=trouble-changed]");
        Assert.Equal(["1.2.3", "1"], changed.QuerySelectorAll("del").Select(d => d.TextContent));
        Assert.Equal(["9.9.9", "taken out"], changed.QuerySelectorAll("ins").Select(d => d.TextContent));
    }

    [Fact]
    public void Wait_ForTheNextAttempt_ShowsReasonAndCountdown()
    {
        var wait = Waiting(
            Operation() with
            {
                NextAttemptAt = DateTime.UtcNow.AddSeconds(42),
                Attempts = 3,
                ErrorMessage = "Cluster 'aks' cannot be reached.",
            }
        );

        Assert.Contains("Cluster 'aks' cannot be reached.", wait.Find(".waiting-why").TextContent, StringComparison.Ordinal);
        var left = wait.Find("[data-testid=countdown]");
        Assert.Matches("^0:4[0-2]", left.TextContent);
        Assert.Equal("left", left.GetAttribute("data-tick"));
        Assert.Contains("Attempt 3 of 20", wait.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Wait_ForPods_ShowsThePresentReasonAndWhenItGivesUp()
    {
        var wait = Waiting(
            Operation() with
            {
                WaitingFor = "pods: Deployment gateway: 0 of 1 pod is available; pod gateway-1 finds no node: no node has enough CPU free",
                WaitUntil = DateTime.UtcNow.AddSeconds(125),
            }
        );

        Assert.Contains("no node has enough CPU free", wait.Find(".waiting-why").TextContent, StringComparison.Ordinal);
        Assert.Matches("^2:0[0-5]", wait.Find("[data-testid=countdown]").TextContent);
    }

    [Fact]
    public void Wait_OfOneAtWork_IsEmpty() => Assert.Empty(Waiting(Operation()).Markup.Trim());

    private static OperationView Operation() =>
        new(
            Id,
            Id,
            "payments-dev",
            "payments",
            Id,
            RequestKind.Create,
            OperationState.Queued,
            1,
            0,
            null,
            DateTime.UtcNow,
            null,
            null,
            "",
            "",
            false,
            null,
            0,
            0,
            [],
            false,
            false
        );

    private static TroubleView Trouble() =>
        new(
            "image-pull",
            "The gateway cannot get its image gateway:9.9.9: the registry has no such image or tag.",
            "Nothing serves.",
            Serves: false,
            DateTime.UtcNow.AddMinutes(-12),
            new ChangeBefore(Id, RequestKind.Create, 1, "Lea Lead", "Ada Admin", DateTime.UtcNow.AddMinutes(-13), "for the checkout"),
            new CureView(CureKind.ChangeImage, "Change the image tag", "Name a tag that the registry has."),
            [new CureView(CureKind.TryAgain, "Try the same again", "")],
            []
        );

    private IRenderedComponent<OperationWait> Waiting(OperationView operation) =>
        Render<OperationWait>(p => p.Add(w => w.Operation, operation));

    private IRenderedComponent<TroublePanel> Show(TroubleView trouble, bool mayAct = true, IReadOnlyList<SpecChange>? changed = null) =>
        Render<TroublePanel>(p =>
            p.Add(t => t.Trouble, trouble).Add(t => t.EnvironmentId, Id).Add(t => t.MayAct, mayAct).Add(t => t.Changed, changed ?? [])
        );
}
