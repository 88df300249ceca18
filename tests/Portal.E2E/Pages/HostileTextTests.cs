using Microsoft.Playwright;
using Portkey.Portal.E2E.Support;

namespace Portkey.Portal.E2E.Pages;

/// <summary>What people write is shown as they wrote it, and is never run by a browser or by Helm.</summary>
[Collection(PagesCollection.Name)]
public sealed class HostileTextTests(Product product)
{
    private const string Reason = "<img src=x onerror=\"window.owned=1\"><script>window.owned=1</script> {{ .Values }} & \"quoted\"";
    private const string Setting = "{{ .Values }}<img src=x onerror=window.owned=1>";

    [Fact]
    public async Task ReasonAndSettings_WithMarkupAndTemplates_AreShownAsText()
    {
        using var lead = await product.ApiAsync("lead-payments");
        var request = await lead.CreatedAsync(Proposals.Enterprise("payments-hostile", "not-a-real-key", Setting, Reason));
        var id = request.Text("id");
        Assert.Equal(Setting, request["spec"]!["settings"]!.Text("ORGANISATIONS_TO_SYNC"));

        var page = await product.PageAsync("admin-1");
        await page.GotoAsync($"/requests/{id}");
        await page.SettledAsync();
        await page.SeesAsync("request-reason", Reason);
        await InnocentAsync(page);
        foreach (var tab in (string[])["values", "manifest"])
        {
            await page.GotoAsync($"/requests/{id}?tab={tab}");
            await page.SettledAsync();
            await Assertions.Expect(page.Locator("main")).ToContainTextAsync("{{ .Values }}");
            await InnocentAsync(page);
        }

        foreach (
            var address in (string[])
                [
                    "/",
                    "/requests",
                    "/approvals",
                    "/audit?action=request.proposed",
                    $"/environments/{request.Text("environmentId")}?tab=settings",
                ]
        )
        {
            await page.GotoAsync(address);
            await page.SettledAsync();
            await InnocentAsync(page);
        }

        await page.GotoAsync("/audit?action=request.proposed");
        await Assertions.Expect(page.ById("audit-row").Filter(new() { HasText = "payments-hostile" }).First).ToContainTextAsync(Reason);
    }

    private static async Task InnocentAsync(IPage page)
    {
        Assert.Equal(0, await page.Locator("img[src=x]").CountAsync());
        Assert.True(await page.EvaluateAsync<bool>("() => window.owned === undefined"), $"{page.Url} ran what a person wrote");
    }
}
