using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Playwright;
using Portkey.Portal.E2E.Support;

namespace Portkey.Portal.E2E.Journeys;

/// <summary>How much a person has to do for the two things that they do most. The browser counts, not the test.</summary>
[Collection(ProductCollection.Name)]
public sealed class ClickCountTests(Product product)
{
    [Fact]
    public async Task FirstRequest_OfALead_TakesAtMostSevenClicksOneFieldAndAMinute()
    {
        var page = await product.PageAsync("lead-payments");
        var done = await CountAsync(page);
        await page.GotoAsync("/");
        await page.SettledAsync();
        var watch = Stopwatch.StartNew();

        await page.ById("new-request").ClickAsync();
        await page.ById("field-name").ClickAsync();
        await page.Keyboard.TypeAsync("payments-first");
        await page.ById("wizard-review").ClickAsync();
        await page.ArrivesAsync("**step=review**");
        await page.ById("wizard-submit").ClickAsync();
        await page.ArrivesAsync("**/requests/*");

        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), $"It took {watch.Elapsed}.");
        Assert.InRange(done.Clicks, 1, 7);
        Assert.Equal(["field-name"], done.Fields);
        await page.SeesAsync("request-state", "Pending");
    }

    [Fact]
    public async Task Change_OfOneSetting_TakesAtMostFiveClicks()
    {
        using var asLead = await product.ApiAsync("lead-payments");
        using var asAdmin = await product.ApiAsync("admin-1");
        var proposal = Proposals.Oss(
            "payments-clicks",
            settings: new Dictionary<string, string>(StringComparer.Ordinal) { ["REQUEST_TIMEOUT"] = "30000" }
        );
        var environment = await asAdmin.AppliedAsync(await asAdmin.ApproveAsync(await asLead.CreatedAsync(proposal)));
        var page = await product.PageAsync("lead-payments");
        var done = await CountAsync(page);
        await page.GotoAsync($"/environments/{environment.Text("id")}");
        await page.SettledAsync();
        var watch = Stopwatch.StartNew();

        await page.ById("change-menu").ClickAsync();
        await page.ById("change-settings").ClickAsync();
        await page.ById("change-of-REQUEST_TIMEOUT").ClickAsync();
        await Assertions.Expect(page.ById("field-setting-REQUEST_TIMEOUT")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.TypeAsync("45000");
        await page.ById("wizard-review").ClickAsync();
        await page.SeesAsync("review-changes", "30000 → 45000");
        await page.ById("wizard-submit").ClickAsync();
        await page.ArrivesAsync("**/requests/*");

        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), $"It took {watch.Elapsed}.");
        Assert.InRange(done.Clicks, 1, 5);
        Assert.Equal(["field-setting-REQUEST_TIMEOUT"], done.Fields);
    }

    private static async Task<Deeds> CountAsync(IPage page)
    {
        var deeds = new Deeds();
        await page.ExposeFunctionAsync("personClicked", deeds.Click);
        await page.ExposeFunctionAsync("personTyped", (string id) => deeds.Type(id));
        await page.AddInitScriptAsync(
            """
            addEventListener('click', (event) => { if (event.isTrusted && event.detail > 0) { personClicked(); } }, true);
            addEventListener('input', (event) => { if (event.isTrusted) { personTyped(event.target.id); } }, true);
            """
        );
        return deeds;
    }

    private sealed class Deeds
    {
        private readonly ConcurrentDictionary<string, bool> fields = new(StringComparer.Ordinal);
        private int clicks;

        public int Clicks => clicks;

        public IEnumerable<string> Fields => fields.Keys.Order(StringComparer.Ordinal);

        public void Click() => Interlocked.Increment(ref clicks);

        public void Type(string field) => fields[field] = true;
    }
}
