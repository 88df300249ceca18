using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Portkey.Portal.E2E.Support;

namespace Portkey.Portal.E2E.Pages;

/// <summary>Every page is gone through by Tab, and whoever has no mouse asks, approves and rotates as well.</summary>
[Collection(PagesCollection.Name)]
public sealed class KeyboardTests(Product product)
{
    // Notes each element that gets the focus, with the ring that it shows at that moment.
    private const string Watch = """
        () => {
          const named = e => `${e.tagName.toLowerCase()}${e.dataset?.testid ? `[${e.dataset.testid}]` : ''} "${
            (e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.textContent || '').trim().slice(0, 60)}"`;
          const ringed = e => { const s = getComputedStyle(e); return s.outlineStyle === 'solid' && parseFloat(s.outlineWidth) >= 2; };
          const reachable = () => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter(e =>
            e.tabIndex >= 0 && !e.disabled && e.type !== 'hidden' && e.checkVisibility({ visibilityProperty: true })
            && !(e.type === 'radio' && e.name && (document.querySelector(`input[name="${e.name}"]:checked`) ?? e) !== e));
          const stops = new Map();
          document.addEventListener('focusin', ({ target }) => {
            const box = target.getBoundingClientRect();
            const problems = [];
            // A card that is a radio button shows the ring itself: its button covers it, and is not seen.
            if (![target, target.closest('.choice'), target.closest('.mud-input')].some(e => e && ringed(e))) { problems.push('has no ring'); }
            if (box.width < 1 || box.height < 1) { problems.push('has no size'); }
            if (target.tabIndex > 0) { problems.push('is out of the order that is read'); }
            stops.set(target, problems.map(p => `${named(target)} ${p}`));
          });
          window.keyboardStops = () => ({
            count: stops.size,
            problems: [...stops.values()].flat(),
            missed: reachable().filter(e => !stops.has(e)).map(named),
          });
        }
        """;

    [Theory]
    [InlineData(null, "/sign-in")]
    [InlineData("admin-1", "/")]
    [InlineData("admin-1", "/environments")]
    [InlineData("lead-payments", "/environments/{Environment}")]
    [InlineData("lead-payments", "/environments/{Environment}?tab=health")]
    [InlineData("lead-payments", "/environments/{Environment}?tab=releases")]
    [InlineData("lead-payments", "/environments/{Environment}?tab=secrets")]
    [InlineData("lead-payments", "/environments/{Environment}?tab=connect")]
    [InlineData("lead-payments", "/new")]
    [InlineData("lead-payments", "/new?draft={Draft}&step=size")]
    [InlineData("lead-payments", "/new?draft={Draft}&step=settings")]
    [InlineData("lead-payments", "/new?draft={Draft}&step=secrets")]
    [InlineData("lead-payments", "/new?draft={Draft}&step=network")]
    [InlineData("lead-payments", "/new?draft={Draft}&step=review")]
    [InlineData("lead-payments", "/import")]
    [InlineData("admin-1", "/requests")]
    [InlineData("admin-1", "/requests/{WaitingRequest}")]
    [InlineData("admin-1", "/approvals")]
    [InlineData("admin-1", "/operations/{Operation}")]
    [InlineData("lead-payments", "/credentials")]
    [InlineData("lead-payments", "/credentials/{Credential}")]
    [InlineData("lead-payments", "/credentials/{Shared}/rotate")]
    [InlineData("admin-1", "/rotations/{Rotation}")]
    [InlineData("admin-1", "/charts")]
    [InlineData("admin-1", "/clusters")]
    [InlineData("admin-1", "/clusters/sandbox")]
    [InlineData("admin-2", "/changes/{Change}")]
    [InlineData("auditor", "/audit")]
    [InlineData("auditor", "/audit/1")]
    [InlineData("auditor", "/security-log")]
    [InlineData("admin-1", "/sessions")]
    [InlineData("admin-1", "/about")]
    public async Task Page_GoneThroughByTab_ReachesEverythingAndShowsWhereTheFocusIs(string? persona, string address)
    {
        var seed = await product.SeedAsync();
        foreach (var property in typeof(Seed).GetProperties().Where(p => p.PropertyType == typeof(string)))
        {
            address = address.Replace($"{{{property.Name}}}", (string)property.GetValue(seed)!, StringComparison.Ordinal);
        }

        var page = await product.PageAsync(persona);
        await page.GotoAsync(address);
        await page.SettledAsync();
        await page.EvaluateAsync("() => document.querySelectorAll('details').forEach(d => d.open = true)");
        await page.EvaluateAsync(Watch);

        // Twice round: what came between two looks is reached the second time.
        for (var round = 0; round < 2; round++)
        {
            await page.EvaluateAsync("() => document.activeElement?.blur()");
            for (var i = 0; i < 400; i++)
            {
                await page.Keyboard.PressAsync("Tab");
                if (await page.EvaluateAsync<bool>("() => document.activeElement === document.body"))
                {
                    break;
                }
            }

            if ((await StopsAsync(page)).Missed.Length == 0)
            {
                break;
            }
        }

        var stops = await StopsAsync(page);
        await page.Context.CloseAsync();
        Assert.True(stops.Count > 3, $"Tab reaches {stops.Count} elements");
        Assert.True(stops.Problems.Length == 0, string.Join('\n', stops.Problems));
        Assert.True(stops.Missed.Length == 0, $"Tab does not reach:\n{string.Join('\n', stops.Missed)}");
    }

    [Fact]
    public async Task Dialog_OpenedAndClosedByKeyboard_HasTheFocusAndGivesItBack()
    {
        var seed = await product.SeedAsync();
        var page = await product.PageAsync("lead-payments");
        await page.GotoAsync($"/environments/{seed.Environment}");
        await page.SettledAsync();
        // Again and again: a dialog that comes while it is closed, or twice, shows on a busy machine only.
        foreach (var close in Enumerable.Range(0, 8).Select(i => i % 2 == 0 ? "Escape" : "button"))
        {
            await page.PressAtAsync("delete-environment");
            await page.ById("field-confirm").WaitForAsync();
            await Eventually(page, "() => !!document.activeElement.closest('[role=dialog], dialog')", "the dialog has the focus");

            // However often Tab is pressed, the page behind is not reached.
            for (var i = 0; i < 12; i++)
            {
                await page.Keyboard.PressAsync("Tab");
                Assert.True(
                    await page.EvaluateAsync<bool>("() => !document.activeElement.closest('main, header, nav') || !!document.activeElement.closest('[role=dialog], dialog')"),
                    "Tab left the dialog"
                );
            }

            if (close == "Escape")
            {
                await page.Keyboard.PressAsync("Escape");
            }
            else
            {
                await page.PressAtAsync("dialog-cancel");
            }

            await Eventually(page, "() => document.activeElement?.dataset?.testid === 'delete-environment'", "the focus is back");
        }
    }

    [Fact]
    public async Task Palette_OpenedByItsKeys_LeadsToAnEnvironment()
    {
        var seed = await product.SeedAsync();
        var page = await product.PageAsync("lead-payments");
        await page.GotoAsync("/about");
        await page.SettledAsync();
        await page.Keyboard.PressAsync("Control+K");
        await Eventually(page, "() => document.activeElement?.dataset?.testid === 'palette-input'", "the palette has the focus");
        await page.Keyboard.TypeAsync("payments-seed");
        await Assertions.Expect(page.ById("palette-item").First).ToContainTextAsync("payments-seed");
        await page.Keyboard.PressAsync("Enter");
        await page.ArrivesAsync($"**/environments/{seed.Environment}");
    }

    [Fact]
    public async Task Request_AskedForAndApproved_ByKeyboardAlone()
    {
        var lead = await product.PageAsync("lead-payments");
        await lead.GotoAsync("/");
        await lead.SettledAsync();
        await lead.PressAtAsync("new-request");
        await lead.ArrivesAsync("**/new**");
        await lead.SettledAsync();
        await lead.ChooseAsync("edition-oss");
        await lead.TypeAtAsync("field-name", "payments-keyboard");
        await lead.PressAtAsync("wizard-next");
        await lead.ArrivesAsync("**step=size**");
        await lead.ChooseAsync("profile-dev");
        foreach (var step in (string[])["settings", "secrets", "network", "review"])
        {
            await lead.PressAtAsync("wizard-next");
            await lead.ArrivesAsync($"**step={step}**");
            await lead.StepHasFocusAsync();
        }

        await lead.TypeAtAsync("field-reason", "asked for without a mouse");
        await lead.PressAtAsync("wizard-submit");
        await lead.ArrivesAsync("**/requests/*");
        await lead.SeesAsync("request-state", "Pending");
        await ApproveAsync(new Uri(lead.Url).AbsolutePath);
        await lead.SeesAsync("request-state", "Applied", 120);
    }

    [Fact]
    public async Task Rotation_StoredAskedForAndApproved_ByKeyboardAlone()
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        var environment = (
            await admin.AppliedAsync(await admin.ApproveAsync(await lead.CreatedAsync(Proposals.Enterprise("payments-keys-tab", "first-key"))))
        ).Text("id");
        var page = await product.PageAsync("lead-payments");
        await page.GotoAsync($"/environments/{environment}?tab=secrets");
        await page.SettledAsync();
        await page.TypeAtAsync("field-secret-PORTKEY_CLIENT_AUTH", "second-key");
        await page.Keyboard.PressAsync("Enter");
        await page.SeesAsync("secret-stored", "v2");
        await page.SettledAsync();
        await page.PressAtAsync("rotate-PORTKEY_CLIENT_AUTH");
        await page.TypeAtAsync("field-reason", "rotated without a mouse");
        await page.PressAtAsync("propose-submit");
        await page.ArrivesAsync("**/requests/*");
        await page.SettledAsync();
        await ApproveAsync(new Uri(page.Url).AbsolutePath);
        await page.SeesAsync("request-state", "Applied", 120);
        var secrets = (await lead.GetAsync($"/api/v1/environments/{environment}/secrets")).Expect(HttpStatusCode.OK)["items"]!.AsArray();
        Assert.Equal("v2", secrets.Single(s => s!.Text("key") == "PORTKEY_CLIENT_AUTH")!.Text("currentVersion"));
    }

    private async Task ApproveAsync(string request)
    {
        var page = await product.PageAsync("admin-1");
        await page.GotoAsync("/approvals");
        await page.SettledAsync();
        for (var i = 0; i < 100 && await page.EvaluateAsync<string?>("() => document.activeElement?.getAttribute('href')") != request; i++)
        {
            await page.Keyboard.PressAsync("Tab");
        }

        await page.Keyboard.PressAsync("Enter");
        await page.ArrivesAsync($"**{request}");
        await page.SettledAsync();
        await page.TypeAtAsync("decide-reason", "read and decided without a mouse");
        await page.PressAtAsync("approve");
        await page.ById("operation-link").First.WaitForAsync();
        await page.Context.CloseAsync();
    }

    private static Task Eventually(IPage page, string expression, string what) =>
        Shared.Eventually.TrueAsync(() => page.EvaluateAsync<bool>(expression), what);

    private static async Task<(int Count, string[] Problems, string[] Missed)> StopsAsync(IPage page)
    {
        var stops = JsonNode.Parse(await page.EvaluateAsync<string>("() => JSON.stringify(window.keyboardStops())"))!;
        return (stops["count"]!.GetValue<int>(), Texts(stops["problems"]), Texts(stops["missed"]));
    }

    private static string[] Texts(JsonNode? node) => [.. node!.AsArray().Select(t => t!.GetValue<string>())];
}
