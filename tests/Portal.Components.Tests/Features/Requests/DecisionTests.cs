using Bunit;
using Portkey.Portal.Components.Tests.Components.Shared;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Web.Features.Requests;

namespace Portkey.Portal.Components.Tests.Features.Requests;

/// <summary>What is offered to whom, and the list of what waits.</summary>
public sealed class DecisionTests : PageTest
{
    [Fact]
    public void Bar_WhoMayDecide_IsOfferedThatAlone()
    {
        var bar = Bar(RequestKind.Change, new DecisionRights(true, true, ""));

        Assert.Equal(["approve", "reject"], Actions(bar));
    }

    [Fact]
    public void Bar_WhoAsked_TakesItBackAndSeesWhyNotMore()
    {
        var bar = Bar(RequestKind.Change, new DecisionRights(false, true, "You made this request yourself."));

        Assert.Equal(["cancel-request"], Actions(bar));
        Assert.Contains("yourself", bar.Find("[data-testid=why-not-decide]").TextContent, StringComparison.Ordinal);
        Assert.Contains("optional", bar.Find("label").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Bar_OfADeletion_LooksLikeOne()
    {
        var approve = Bar(RequestKind.Delete, new DecisionRights(true, false, "")).Find("[data-testid=approve]");

        Assert.Contains("button-removes", approve.ClassName, StringComparison.Ordinal);
        Assert.Equal("Approve: delete payments-dev", approve.TextContent);
        Assert.DoesNotContain(
            "button-removes",
            Bar(RequestKind.Change, new DecisionRights(true, false, "")).Find("[data-testid=approve]").ClassName,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Reason_OnceTyped_IsNotMissedAnyMore()
    {
        var bar = Bar(RequestKind.Change, new DecisionRights(true, false, ""));
        bar.Find("[data-testid=reject]").Click();
        Assert.NotEmpty(bar.FindAll("#decide-missing"));

        bar.Find("[data-testid=decide-reason]").Input("too big");

        Assert.Empty(bar.FindAll("#decide-missing"));
    }

    [Theory]
    [InlineData(RequestKind.Create, "ask-again-wizard")]
    [InlineData(RequestKind.Change, "ask-again-wizard")]
    [InlineData(RequestKind.Delete, "ask-again-same")]
    [InlineData(RequestKind.Rotate, "ask-again-same")]
    public void AskAgain_OfARejectedRequest_OpensTheWizardOrAsksForTheSame(RequestKind kind, string button)
    {
        var asked = new List<string>();
        var card = Render<AskAgainCard>(p =>
            p.Add(c => c.Request, Rejected(kind))
                .Add(c => c.OnDraft, () => asked.Add("draft"))
                .Add(c => c.OnAsk, (string reason) => asked.Add(reason))
        );

        card.Find($"[data-testid={button}]").Click();

        Assert.Contains(button == "ask-again-wizard" ? "draft" : "too big", Assert.Single(asked), StringComparison.Ordinal);
        Assert.Empty(card.FindAll("img"));
    }

    [Fact]
    public void Reason_OfWhatIsAskedAgain_KeepsTheFirstAndSaysWhyItWasRejected()
    {
        Assert.Equal(
            "for the checkout\nAsked again; Ada rejected it before: “too big " + Hostile + "”",
            AskAgain.ReasonOf(Rejected(RequestKind.Delete))
        );
        Assert.Equal(1000, AskAgain.ReasonOf(Rejected(RequestKind.Delete) with { Reason = new string('x', 1000) }).Length);
        Assert.Equal("for the checkout", AskAgain.ReasonOf(TestRequests.Of(RequestKind.Delete, RequestState.Cancelled)));
    }

    [Fact]
    public void Waiting_SaysForHowLongWhatItCostsAndWhatWarns()
    {
        var table = Render<WaitingTable>(p =>
            p.Add(
                t => t.Rows,
                [
                    new(Row(DateTime.UtcNow.AddHours(-3), new(PreflightState.Finished, 1, 0)), 279, 186, 2),
                    new(Row(DateTime.UtcNow.AddDays(-3), null), null, null, 0),
                ]
            )
        );

        Assert.Equal(["3 h", "3 days"], Texts("waiting-time").Select(t => t.Split(',')[0]));
        Assert.Equal(["$279 $186 more", "not known"], Texts("waiting-cost"));
        Assert.Equal(["1 failed 2 warnings", "no warnings"], Texts("waiting-checks"));

        IEnumerable<string> Texts(string id) =>
            table
                .FindAll($"[data-testid={id}]")
                .Select(e => string.Join(' ', e.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }

    private IRenderedComponent<DecideBar> Bar(RequestKind kind, DecisionRights rights) =>
        Render<DecideBar>(p => p.Add(b => b.Request, TestRequests.Of(kind) with { May = rights }));

    private static IEnumerable<string?> Actions(IRenderedComponent<DecideBar> bar) =>
        bar.FindAll("button").Select(b => b.GetAttribute("data-testid")).Where(t => t is not null);

    private static RequestView Rejected(RequestKind kind) =>
        TestRequests.Of(kind, RequestState.Rejected) with
        {
            MayAskAgain = true,
            Decisions = [new("admin-1", "Ada", Decision.Reject, "sha256:1", "too big " + Hostile, DateTime.UtcNow)],
        };

    private static RequestRow Row(DateTime at, PreflightSummary? preflight) =>
        new(
            Guid.NewGuid(),
            RequestKind.Change,
            RequestState.Pending,
            Guid.NewGuid(),
            "payments-dev",
            "payments",
            "sandbox",
            "dev",
            "lead-payments",
            "Lena",
            at,
            "sha256:1",
            null,
            preflight
        );
}
