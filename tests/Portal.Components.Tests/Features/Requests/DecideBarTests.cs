using Bunit;
using Portkey.Portal.Components.Tests.Components.Shared;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Web.Features.Requests;

namespace Portkey.Portal.Components.Tests.Features.Requests;

public sealed class DecideBarTests : PageTest
{
    private readonly List<string> done = [];

    [Fact]
    public void Bar_WhoMayNotDecide_SeesWhyAndNoButtons()
    {
        var bar = Bar(new DecisionRights(false, false, "You asked for it yourself."));

        Assert.Contains("yourself", bar.Find("[data-testid=why-not-decide]").TextContent, StringComparison.Ordinal);
        Assert.Empty(bar.FindAll("button"));
    }

    [Fact]
    public void Approve_NamesWhatItDoes_AndNeedsNoReason()
    {
        var bar = Bar(new DecisionRights(true, false, ""));

        Assert.Equal("Approve: create payments-dev", bar.Find("[data-testid=approve]").TextContent);
        bar.Find("[data-testid=approve]").Click();

        Assert.Equal(["approve:"], done);
    }

    [Fact]
    public void Reject_WithoutReason_AsksForIt()
    {
        var bar = Bar(new DecisionRights(true, false, ""));

        bar.Find("[data-testid=reject]").Click();
        Assert.Empty(done);
        Assert.NotEmpty(bar.FindAll("#decide-missing"));

        bar.Find("[data-testid=decide-reason]").Input(Hostile);
        bar.Find("[data-testid=reject]").Click();
        Assert.Equal(["reject:" + Hostile], done);
    }

    [Fact]
    public void Bar_OfADecidedRequest_IsGone() =>
        Assert.Empty(Bar(new DecisionRights(true, true, ""), RequestState.Applied).FindAll("section"));

    [Fact]
    public void Facts_HostileReason_StaysText()
    {
        var facts = Render<RequestFacts>(p => p.Add(f => f.Request, Request(new DecisionRights(false, false, ""), RequestState.Pending)));

        Assert.Empty(facts.FindAll("img"));
        Assert.Equal(Hostile, facts.Find("[data-testid=request-reason]").TextContent);
        Assert.Contains("Still needed: 1 approval", facts.Find("[data-testid=request-needed]").TextContent, StringComparison.Ordinal);
    }

    private IRenderedComponent<DecideBar> Bar(DecisionRights rights, RequestState state = RequestState.Pending) =>
        Render<DecideBar>(p =>
            p.Add(b => b.Request, Request(rights, state))
                .Add(b => b.OnApprove, (string reason) => done.Add("approve:" + reason))
                .Add(b => b.OnReject, (string reason) => done.Add("reject:" + reason))
                .Add(b => b.OnCancel, (string reason) => done.Add("cancel:" + reason))
        );

    private static RequestView Request(DecisionRights rights, RequestState state) =>
        TestRequests.Of(RequestKind.Create, state) with
        {
            BaseRevision = 0,
            Reason = Hostile,
            May = rights,
        };
}
