using Bunit;
using Portkey.Portal.Components.Tests.Components.Shared;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Web.Features.Home;

namespace Portkey.Portal.Components.Tests.Features.Home;

public sealed class DraftsCardTests : PageTest
{
    private static readonly DraftRow New = new(Guid.NewGuid(), false, "payments-dev", "payments", DateTime.UtcNow);
    private static readonly DraftRow Change = new(Guid.NewGuid(), true, Hostile, "", DateTime.UtcNow);

    [Fact]
    public void Drafts_OfAPerson_AreNamedAndLeadToWhereTheyWereLeft()
    {
        var card = Render<DraftsCard>(p => p.Add(c => c.Drafts, [New, Change, New with { Id = Guid.NewGuid(), Name = "" }]));

        var rows = card.FindAll("[data-testid=draft]");
        Assert.Contains("new gateway of payments", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Contains(Hostile, rows[1].TextContent, StringComparison.Ordinal);
        Assert.Contains("change", rows[1].TextContent, StringComparison.Ordinal);
        Assert.Contains("without a name", rows[2].TextContent, StringComparison.Ordinal);
        Assert.Equal($"/new?draft={New.Id}", card.Find("[data-testid=draft-continue]").GetAttribute("href"));
        Assert.Empty(card.FindAll("img"));
    }

    [Fact]
    public void Delete_OfADraft_NamesItAndCanBeTakenBack()
    {
        DraftRow? deleted = null;
        var undone = false;
        var card = Render<DraftsCard>(p =>
            p.Add(c => c.Drafts, [New]).Add(c => c.OnDelete, d => deleted = d).Add(c => c.OnUndo, () => undone = true)
        );
        Assert.Equal("Delete the draft payments-dev", card.Find("[data-testid=draft-delete]").GetAttribute("aria-label"));

        card.Find("[data-testid=draft-delete]").Click();
        card.Render(p => p.Add(c => c.Drafts, []).Add(c => c.Deleted, "payments-dev"));
        card.Find("[data-testid=draft-undo]").Click();

        Assert.Equal(New, deleted);
        Assert.True(undone);
        Assert.Contains("payments-dev", card.Find("[role=status]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Drafts_MoreThanAFew_AreFoldedAfterTheNewest()
    {
        var drafts = Enumerable.Range(0, 6).Select(i => New with { Id = Guid.NewGuid(), Name = $"draft-{i}" }).ToList();
        var card = Render<DraftsCard>(p => p.Add(c => c.Drafts, drafts));

        Assert.Equal("2 older", card.Find("details:not([open]) > summary").TextContent);
        Assert.Equal(["draft-4", "draft-5"], card.FindAll("details a.name").Select(a => a.TextContent));
    }

    [Fact]
    public void Card_WithoutDrafts_IsNotThere() => Assert.Empty(Render<DraftsCard>(p => p.Add(c => c.Drafts, [])).Markup.Trim());
}
