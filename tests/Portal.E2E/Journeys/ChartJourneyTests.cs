using System.Net;
using Microsoft.Playwright;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Journeys;

/// <summary>An administrator takes a chart version out of the choice, and puts it back.</summary>
[Collection(ProductCollection.Name)]
public sealed class ChartJourneyTests(Product product) : IDisposable
{
    private const string Version = "1.9.7";

    private readonly TemporaryFolder chart = new();

    [Fact]
    public async Task Chart_RetiredInTheBrowser_IsNotOfferedToLeads_UntilItIsRestored()
    {
        using var admin = await product.ApiAsync("admin-1");
        ChartCopy.Write(chart.Path, Version);
        (
            await admin.PostAsync(
                "/api/v1/charts",
                new
                {
                    source = "directory",
                    location = chart.Path,
                    edition = "oss",
                }
            )
        ).Expect(HttpStatusCode.Created);
        Assert.True(await IsOfferedAsync());

        var page = await product.PageAsync("admin-1");
        await page.GotoAsync("/charts");
        var retire = page.GetByLabel($"Retire gateway {Version}, open source");
        await page.UntilAsync(
            () => retire.ClickAsync(new() { Timeout = 3000 }),
            p => p.ById("retire-submit").IsVisibleAsync(),
            "the dialog opens"
        );
        await page.ById("retire-submit").ClickAsync();
        await Assertions.Expect(page.GetByText("why it is retired")).ToBeVisibleAsync();
        await page.ById("retire-reason").FillAsync("Its gateway loses cost attribution.");
        await page.ById("retire-submit").ClickAsync();
        await page.SeesAsync("chart-table", "Its gateway loses cost attribution.");
        Assert.False(await IsOfferedAsync());

        await page.GetByLabel($"Restore gateway {Version}, open source").ClickAsync();
        await Assertions.Expect(retire).ToBeVisibleAsync();
        Assert.True(await IsOfferedAsync());
    }

    public void Dispose() => chart.Dispose();

    private async Task<bool> IsOfferedAsync()
    {
        var lead = await product.PageAsync("lead-payments");
        await lead.GotoAsync("/new");
        await lead.UntilAsync(
            () => lead.ById("edition-oss").CheckAsync(new() { Timeout = 3000 }),
            p => p.ById("field-name").IsVisibleAsync(),
            "the wizard is there"
        );
        await lead.SettledAsync();
        return await lead.Locator("#field-chart option", new() { HasText = Version }).CountAsync() > 0;
    }
}
