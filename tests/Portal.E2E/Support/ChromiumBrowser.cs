using Microsoft.Playwright;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Support;

/// <summary>A browser for tests whose product is not the shared one.</summary>
public sealed class ChromiumBrowser : IAsyncLifetime
{
    private IPlaywright? playwright;
    private readonly List<(string Test, IBrowserContext Context)> windows = [];
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

    /// <summary>
    /// A window of its own, signed in as that persona, or as nobody. Those of earlier tests are closed: each that stays open is drawn anew
    /// whenever something happens in the portal.
    /// </summary>
    public async Task<IPage> PageAsync(PortalProcess portal, string? persona)
    {
        var test = TestContext.Current.Test?.UniqueID ?? "";
        foreach (var window in windows.Where(w => w.Test != test).ToList())
        {
            windows.Remove(window);
            await window.Context.CloseAsync();
        }

        var context = await browser!.NewContextAsync(
            new()
            {
                BaseURL = portal.BaseUrl.ToString(),
                ViewportSize = new() { Width = 1440, Height = 900 },
                ReducedMotion = ReducedMotion.Reduce,
                ColorScheme = ColorScheme.Light,
            }
        );
        windows.Add((test, context));
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
