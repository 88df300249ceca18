using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Requests;

namespace Portkey.Portal.Tests.Features.NewRequest;

public sealed class DraftTests(PortalHost host) : IClassFixture<PortalHost>
{
    private static readonly Caller Lead = new("lead-payments", "", "test");
    private static readonly Caller Other = new("lead-search", "", "test");

    private DraftService Drafts => host.Services.GetRequiredService<DraftService>();

    [Fact]
    public async Task List_OfAPerson_NamesWhatEachIsAboutAndNobodyElsesDrafts()
    {
        using var lead = await host.BrowserAsync("lead-payments");
        using var other = await host.BrowserAsync("lead-search");
        var mine = await Drafts.SaveAsync(Lead, null, PortalHost.Create("half-done").ToJsonString(), default);
        var change = await Drafts.SaveAsync(Lead, null, $$"""{"kind":"change","environmentId":"{{Guid.NewGuid()}}"}""", default);
        var broken = await Drafts.SaveAsync(Lead, null, "{", default);
        var theirs = await Drafts.SaveAsync(Other, null, PortalHost.Create("not-yours").ToJsonString(), default);

        var rows = (await Drafts.ListAsync(Lead, default)).ToDictionary(r => r.Id);

        Assert.Equal(("half-done", "payments", false), (rows[mine].Name, rows[mine].Team, rows[mine].IsChange));
        // An environment that is not there, or that the person may not see, is named to nobody.
        Assert.Equal(("", true), (rows[change].Name, rows[change].IsChange));
        Assert.Equal("", rows[broken].Name);
        Assert.False(rows.ContainsKey(theirs));
    }

    [Fact]
    public async Task Delete_OfADraft_TakesOnesOwnAndNobodyElses()
    {
        using var lead = await host.BrowserAsync("lead-payments");
        using var other = await host.BrowserAsync("lead-search");
        var mine = await Drafts.SaveAsync(Lead, null, PortalHost.Create("to-go").ToJsonString(), default);

        await Drafts.DeleteAsync(Other, mine, default);
        Assert.NotNull(await Drafts.LoadAsync(Lead, mine, default));
        await Drafts.DeleteAsync(Lead, mine, default);
        Assert.Null(await Drafts.LoadAsync(Lead, mine, default));
    }
}
