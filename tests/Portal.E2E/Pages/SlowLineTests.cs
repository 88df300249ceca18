using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Portkey.Portal.E2E.Support;

namespace Portkey.Portal.E2E.Pages;

/// <summary>What is typed faster than the server answers, or before the circuit is up, stays as it was typed.</summary>
[Collection(PagesCollection.Name)]
public sealed class SlowLineTests(Product product)
{
    private static readonly TimeSpan Lag = TimeSpan.FromMilliseconds(250);

    [Fact]
    public async Task Palette_TypedIntoOverASlowLine_FindsWhatWasTyped()
    {
        var seed = await product.SeedAsync();
        var page = await SlowPageAsync("lead-payments", "/about");
        await page.UntilAsync(
            () => page.Keyboard.PressAsync("Control+K"),
            p => p.ById("palette-input").IsVisibleAsync(),
            "the palette opens"
        );
        await TypedAsync(page, "palette-input", "payments-seed");

        await page.Keyboard.PressAsync("Enter");
        await page.ArrivesAsync($"**/environments/{seed.Environment}");
    }

    [Theory]
    [InlineData("lead-payments", "/environments", "environments-search", "payments-seed")]
    [InlineData("lead-payments", "/credentials", "credentials-search", "payments-keys")]
    [InlineData("admin-1", "/requests/{waiting}", "decide-reason", "It is not needed before the next quarter.")]
    public async Task Field_TypedIntoOverASlowLine_KeepsEveryKey(string persona, string address, string field, string text)
    {
        var seed = await product.SeedAsync();
        var page = await SlowPageAsync(persona, address.Replace("{waiting}", seed.WaitingRequest, StringComparison.Ordinal));

        await TypedAsync(page, field, text);
    }

    [Fact]
    public async Task Step_ThatArrivesLate_TakesNobodyFromWhereTheyAre()
    {
        var page = await SlowPageAsync("lead-payments", "/new");
        await page.ChooseAsync("edition-oss");
        await page.TypeAtAsync("field-name", "payments-slow");
        await page.PressAtAsync("wizard-next");
        await page.Keyboard.PressAsync("Shift+Tab");
        Assert.True(await page.IsAtAsync("wizard-review"), "Review stands before Next");

        await page.ArrivesAsync("**step=size**");
        await page.WaitForTimeoutAsync((float)Lag.TotalMilliseconds * 6); // nothing is to come: no condition says so
        Assert.True(await page.IsAtAsync("wizard-review"), "the focus stayed");

        // Who waits for the step is led to its beginning.
        await page.PressAtAsync("wizard-next");
        await page.ArrivesAsync("**step=settings**");
        await page.StepHasFocusAsync();
    }

    // Each key comes before the answer to the one before, and the last answer is waited for.
    private static async Task TypedAsync(IPage page, string field, string text)
    {
        await page.ById(field).PressSequentiallyAsync(text, new() { Delay = 40 });
        await page.WaitForTimeoutAsync((float)Lag.TotalMilliseconds * 6); // nothing is to come: no condition says so
        await Assertions.Expect(page.ById(field)).ToHaveValueAsync(text);
    }

    private async Task<IPage> SlowPageAsync(string persona, string address)
    {
        var page = await product.PageAsync(persona);
        await page.RouteWebSocketAsync(
            new Regex("/_blazor"),
            browser =>
            {
                var server = browser.ConnectToServer();
                var last = Task.CompletedTask;
                server.OnMessage(frame => last = LaterAsync(last, browser, frame));
            }
        );
        await page.GotoAsync(address);
        await page.SettledAsync();
        return page;
    }

    private static async Task LaterAsync(Task before, IWebSocketRoute browser, IWebSocketFrame frame)
    {
        await Task.WhenAll(before, Task.Delay(Lag));
        if (frame.Binary is { } bytes)
        {
            browser.Send(bytes);
        }
        else
        {
            browser.Send(frame.Text!);
        }
    }
}
