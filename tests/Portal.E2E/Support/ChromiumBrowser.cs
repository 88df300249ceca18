using Microsoft.Playwright;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Support;

/// <summary>A browser for tests whose product is not the shared one.</summary>
public sealed class ChromiumBrowser : IAsyncLifetime
{
    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(
            new()
            {
                ExecutablePath = Tools.Chromium,
                Args =
                [
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                ],
            }
        );
    }

    /// <summary>A window of its own, signed in as that persona, or as nobody.</summary>
    public async Task<IPage> PageAsync(PortalProcess portal, string? persona)
    {
        var context = await browser!.NewContextAsync(
            new()
            {
                BaseURL = portal.BaseUrl.ToString(),
                ViewportSize = new() { Width = 1440, Height = 900 },
                ReducedMotion = ReducedMotion.Reduce,
                ColorScheme = ColorScheme.Light,
            }
        );
        context.SetDefaultTimeout(20_000);
        var page = await context.NewPageAsync();
        if (persona is not null)
        {
            await page.GotoAsync($"/dev/sign-in?persona={persona}");
        }

        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
    }
}
