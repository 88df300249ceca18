using Bunit;
using Portkey.Portal.Components.Tests.Components.Shared;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Web.Features.Requests;

namespace Portkey.Portal.Components.Tests.Features.Requests;

public sealed class HooksCardTests : PageTest
{
    [Fact]
    public void Card_OfHooks_SaysWhenEachRunsAndWhenItGoes()
    {
        var card = Render<HooksCard>(p =>
            p.Add(c => c.Hooks, [new HelmHook("Job", "migrate", ["pre-install", "pre-upgrade"], -5, ["hook-succeeded"])])
        );

        var text = card.Find("[data-testid=hook-migrate]").TextContent;
        Assert.Contains("Job migrate", text, StringComparison.Ordinal);
        Assert.Contains("before the first installation, before each change", text, StringComparison.Ordinal);
        Assert.Contains("weight -5", text, StringComparison.Ordinal);
        Assert.Contains("removed when it succeeded", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Card_OfAHostileEventName_StaysText()
    {
        var card = Render<HooksCard>(p => p.Add(c => c.Hooks, [new HelmHook("Job", "x", [Hostile], 0, [Hostile])]));

        Assert.Empty(card.FindAll("img"));
        Assert.Contains(Hostile, card.Find("[data-testid=hook-x]").TextContent, StringComparison.Ordinal);
    }
}
