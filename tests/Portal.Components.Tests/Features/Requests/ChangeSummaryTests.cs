using Bunit;
using Portkey.Portal.Components.Tests.Components.Shared;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Web.Features.Requests;

namespace Portkey.Portal.Components.Tests.Features.Requests;

/// <summary>What each kind of change is said to change, before anything else on its page.</summary>
public sealed class ChangeSummaryTests : PageTest
{
    private const string Image = "docker.io/portkeyai/gateway:1.15.2";

    private static EnvironmentSpec Spec =>
        new() { Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["REQUEST_TIMEOUT"] = "60000" } };

    private static PreviewSide Side(EnvironmentSpec? spec = null, string chart = "gateway 1.0.0", string image = Image) =>
        new("dev", chart, spec ?? Spec, [image]);

    private static SizeView Size(int pods = 1, int usd = 93) =>
        new(pods, pods, "500m", "1Gi", usd) { Cost = new MonthlyCost(usd, usd, "Standard_F2s_v2", 2, 4, 1, 1, 0, "the list of prices") };

    private static PreviewView Preview(PreviewSide? to, SizeView? after = null, params SecretDiff[] secrets) =>
        new("", "", [new("Deployment", "gateway", DiffChange.Changed, [])], secrets, "sha256:1", Size(), to is null ? null : after ?? Size())
        {
            From = Side(),
            To = to,
        };

    [Fact]
    public void Summary_OfASetting_NamesItWithBeforeAndAfter()
    {
        var spec = Spec with { Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["REQUEST_TIMEOUT"] = Hostile } };

        var summary = ChangeSummary.Of(TestRequests.Of(RequestKind.Change), Preview(Side(spec)));

        Assert.Equal(
            new SummaryLine(SummaryPart.Settings, "Request timeout", "60000", Hostile) { Key = "REQUEST_TIMEOUT", Warns = true },
            Assert.Single(summary.Lines)
        );
        Assert.Equal("Changes 1 setting of payments-dev.", summary.Lead);
        Assert.Equal("As before: exposure, secrets, size, cost, chart and image.", summary.Same);
    }

    [Fact]
    public void Summary_OfANewSecret_SaysItsVersions()
    {
        var line = Assert.Single(
            ChangeSummary.Of(TestRequests.Of(RequestKind.Change), Preview(Side(), null, new("REDIS_URL", "v1", "v2"), new("OTHER", "v3", "v3"))).Lines
        );

        Assert.Equal((SummaryPart.Secrets, "REDIS_URL", "v1", "v2"), (line.Part, line.Key, line.Before, line.After));
    }

    [Fact]
    public void Summary_OfPods_SaysThemInNumbersWithTheCost()
    {
        var lines = ChangeSummary.Of(TestRequests.Of(RequestKind.Change), Preview(Side(Spec with { Replicas = 3 }), Size(3, 279))).Lines;

        Assert.Equal(
            ["Pods 1 3", "Estimated cost $93 a month $279 a month"],
            lines.Select(l => $"{l.What} {l.Before} {l.After}")
        );
        Assert.Equal("$186 a month more", lines[1].Note);
    }

    [Fact]
    public void Summary_OfALoadBalancerForAnyone_StandsFirstAndWarns()
    {
        var spec = Spec with
        {
            Settings = new Dictionary<string, string>(StringComparer.Ordinal),
            Network = new NetworkSpec { Exposure = Exposure.LoadBalancer },
        };

        var lines = ChangeSummary.Of(TestRequests.Of(RequestKind.Change), Preview(Side(spec))).Lines;

        Assert.Equal(("Reached", "inside the cluster", "load balancer"), (lines[0].What, lines[0].Before, lines[0].After));
        Assert.Equal(("Anyone on the internet may call it.", true), (lines[0].Note, lines[0].Warns));
        Assert.Equal(("60000", ""), (lines[1].Before, lines[1].After));
    }

    [Fact]
    public void Summary_OfAnUpgrade_NamesChartAndImage() =>
        Assert.Equal(
            [
                new SummaryLine(SummaryPart.Chart, "Chart", "gateway 1.0.0", "gateway 1.1.0"),
                new SummaryLine(SummaryPart.Image, "Image", Image, "docker.io/portkeyai/gateway:1.16.0"),
            ],
            ChangeSummary
                .Of(
                    TestRequests.Of(RequestKind.Upgrade),
                    Preview(Side(chart: "gateway 1.1.0", image: "docker.io/portkeyai/gateway:1.16.0"))
                )
                .Lines
        );

    [Fact]
    public void Summary_OfADeletion_SaysWhatIsGoneForGood()
    {
        var card = Card(RequestKind.Delete, Preview(null, null, new SecretDiff("REDIS_URL", "v1", "")));

        Assert.Contains("deleted for good", card.Find("[data-testid=summary-lead]").TextContent, StringComparison.Ordinal);
        Assert.Contains("no answer any more", card.Find("[data-testid=summary-exposure]").TextContent, StringComparison.Ordinal);
        Assert.Contains("disabled", card.Find("[data-testid=summary-secrets]").TextContent, StringComparison.Ordinal);
        Assert.Contains("danger", card.Find("section").ClassName, StringComparison.Ordinal);
    }

    [Fact]
    public void Summary_OfARotation_SaysBothVersionsAndWhatBecomesOfTheOld() =>
        Assert.StartsWith(
            "REDIS_URL goes from v1 to v2. v1 stays valid until v2 was seen to work",
            ChangeSummary.Of(TestRequests.Of(RequestKind.Rotate), Preview(Side(), null, new SecretDiff("REDIS_URL", "v1", "v2"))).Lead,
            StringComparison.Ordinal
        );

    [Fact]
    public void Summary_OfARollback_NamesBothRevisions() =>
        Assert.Equal(
            "payments-dev goes back from revision v4 to what revision v2 was.",
            ChangeSummary.Of(TestRequests.Of(RequestKind.Rollback), Preview(Side()) with { ToRevision = 2 }).Lead
        );

    [Fact]
    public void Summary_OfANewEnvironment_SaysReachSizeCostAndSettings()
    {
        var preview = Preview(Side()) with { From = null, Before = null };

        var lines = ChangeSummary.Of(TestRequests.Of(RequestKind.Create), preview).Lines;

        Assert.All(lines, l => Assert.Empty(l.Before));
        Assert.Equal(
            ["inside the cluster", "dev", "1", "CPU 500m, memory 1Gi", "$93 a month", "gateway 1.0.0", Image, "60000"],
            lines.Select(l => l.After)
        );
    }

    [Fact]
    public void Summary_WhereOnlyTheRenderingDiffers_SaysSo() =>
        Assert.Contains(
            "1 object is rendered differently",
            ChangeSummary.Of(TestRequests.Of(RequestKind.Change), Preview(Side())).Lead,
            StringComparison.Ordinal
        );

    [Fact]
    public void Card_OfHostileValues_ShowsThemAsText()
    {
        var spec = Spec with { Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["MY_FLAG"] = Hostile } };

        var card = Card(RequestKind.Change, Preview(Side(spec)));

        Assert.Empty(card.FindAll("img"));
        Assert.Contains(card.FindAll("[data-testid=summary-settings]"), l => l.TextContent.Contains(Hostile, StringComparison.Ordinal));
    }

    [Fact]
    public void Risks_AreCountedAndLeadToWhatWasCounted()
    {
        var request = TestRequests.Of(RequestKind.Change) with
        {
            Preflight = new PreflightView(PreflightState.Finished, DateTime.UtcNow, DateTime.UtcNow, 1, 2, []),
            Findings =
            [
                new(Severity.Warning, "validation", "", "Open."),
                new(Severity.Info, "validation", "", "Fine."),
                new(Severity.Warning, "preflight", "", "Seen above."),
            ],
        };

        var risks = Render<RequestRisks>(p => p.Add(r => r.Request, request).Add(r => r.Preview, Preview(Side())));

        Assert.Equal(
            [("1 check failed", "preflight"), ("2 checks warn", "preflight"), ("1 warning", "findings")],
            risks.FindAll("a").Select(a => (a.TextContent, a.GetAttribute("href")!.Split('#')[1]))
        );
    }

    [Fact]
    public void Risks_WhereThereAreNone_SaySo() =>
        Assert.Contains(
            "No warnings",
            Render<RequestRisks>(p =>
                p.Add(r => r.Request, TestRequests.Of(RequestKind.Change)).Add(r => r.Preview, Preview(Side()))
            ).Markup,
            StringComparison.Ordinal
        );

    [Fact]
    public void Risks_OfADeletion_AreNotCalm()
    {
        var risks = Render<RequestRisks>(p =>
            p.Add(r => r.Request, TestRequests.Of(RequestKind.Delete)).Add(r => r.Preview, Preview(null))
        );

        Assert.Equal("It cannot be undone", Assert.Single(risks.FindAll("li")).TextContent.Trim());
    }

    [Fact]
    public void Card_OfASettingThatWasNotSet_SaysSo()
    {
        var spec = Spec with { Settings = Spec.Settings.Append(new("MY_FLAG", "on")).ToDictionary(StringComparer.Ordinal) };

        var line = Card(RequestKind.Change, Preview(Side(spec))).Find("[data-testid=summary-settings]").TextContent;

        Assert.Contains("not set", line, StringComparison.Ordinal);
    }

    private IRenderedComponent<ChangeSummaryCard> Card(RequestKind kind, PreviewView preview) =>
        Render<ChangeSummaryCard>(p => p.Add(c => c.Request, TestRequests.Of(kind)).Add(c => c.Preview, preview));
}
