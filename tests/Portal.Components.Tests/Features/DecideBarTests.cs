using Bunit;
using Portkey.Portal.Components.Tests.Shared;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Requests;
using Portkey.Portal.Web.Components.Features.Requests;

namespace Portkey.Portal.Components.Tests.Features;

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
    public void Bar_OfADecidedRequest_IsGone() => Assert.Empty(Bar(new DecisionRights(true, true, ""), RequestState.Applied).FindAll("section"));

    [Fact]
    public void Facts_HostileReason_StaysText()
    {
        var facts = Render<RequestFacts>(p => p.Add(f => f.Request, Request(new DecisionRights(false, false, ""), RequestState.Pending)));

        Assert.Empty(facts.FindAll("img"));
        Assert.Equal(Hostile, facts.Find("[data-testid=request-reason]").TextContent);
        Assert.Contains("Still needed: 1 approval", facts.Find("[data-testid=request-needed]").TextContent, StringComparison.Ordinal);
    }

    private IRenderedComponent<DecideBar> Bar(DecisionRights rights, RequestState state = RequestState.Pending) => Render<DecideBar>(p => p
        .Add(b => b.Request, Request(rights, state))
        .Add(b => b.OnApprove, (string reason) => done.Add("approve:" + reason))
        .Add(b => b.OnReject, (string reason) => done.Add("reject:" + reason))
        .Add(b => b.OnCancel, (string reason) => done.Add("cancel:" + reason)));

    private static RequestView Request(DecisionRights rights, RequestState state) => new(
        Guid.NewGuid(), RequestKind.Create, state, Guid.NewGuid(), "payments-dev", Guid.NewGuid(), "payments", "sandbox", "payments-dev", "dev", Edition.Oss, "gateway 1.0.0", 0,
        new EnvironmentSpec(), new Dictionary<string, string>(), "sha256:1", [], new PolicyView("administrator", 1, "One administrator."), Hostile, "lead-payments", "Lena",
        DateTime.UtcNow, null, null, "", [], rights, Preflight: null);
}
