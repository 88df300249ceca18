using Microsoft.Playwright;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Pages;

/// <summary>What the pages show when history and seals do not agree, in a portal of its own.</summary>
[Collection(PagesCollection.Name)]
public sealed class SealedHistoryPageTests(Product product)
{
    [Fact]
    public async Task Seals_EmptiedBySomebody_AreMissedOnAuditAndAbout_AndVerifySaysBroken()
    {
        await using var portal = await PortalProcess.StartAsync(
            new PortalOptions
            {
                Variables = new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["Portal__Roles__0"] = "web",
                    ["Portal__SealSeconds"] = "1",
                },
            }
        );
        await Eventually.TrueAsync(
            () =>
                Directory.Exists(Path.Combine(portal.DataFolder, "audit"))
                && Directory.GetFiles(Path.Combine(portal.DataFolder, "audit"), "seals-*.jsonl").Length > 0,
            "a seal is written"
        );
        var page = await product.PageAsync(null);
        await page.GotoAsync(new Uri(portal.BaseUrl, "/dev/sign-in?persona=auditor").ToString());
        await page.GotoAsync(new Uri(portal.BaseUrl, "/about").ToString());
        await Assertions.Expect(page.GetByTestId("seals-state")).ToContainTextAsync("Sealed");

        foreach (var file in Directory.GetFiles(Path.Combine(portal.DataFolder, "audit"), "seals-*.jsonl"))
        {
            await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        }

        await Eventually.TrueAsync(() => portal.Log.Contains("The seals in", StringComparison.Ordinal), "the sealer says so");
        await page.GotoAsync(new Uri(portal.BaseUrl, "/about").ToString());
        await Assertions.Expect(page.GetByTestId("seals-problem")).ToContainTextAsync("The seals in");
        await page.GotoAsync(new Uri(portal.BaseUrl, "/audit").ToString());
        await Assertions.Expect(page.GetByTestId("audit-seals")).ToContainTextAsync("The seals in");
        await page.GetByTestId("audit-verify").ClickAsync();
        await Assertions.Expect(page.GetByTestId("audit-verdict")).ToContainTextAsync("Broken");
    }
}
