using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Support;

/// <summary>What a person does on a page. A page answers to clicks only once its circuit is up, so a click is repeated until it is seen to
/// work.</summary>
internal static class PageActions
{
    public static ILocator ById(this IPage page, string testId) => page.GetByTestId(testId);

    /// <summary>Does something until the page says that it happened.</summary>
    public static Task UntilAsync(this IPage page, Func<Task> act, Func<IPage, Task<bool>> happened, string what) =>
        Eventually.TrueAsync(
            async () =>
            {
                if (await happened(page))
                {
                    return true;
                }

                await act();
                for (var i = 0; i < 20; i++)
                {
                    if (await happened(page))
                    {
                        return true;
                    }

                    await Task.Delay(100);
                }

                return false;
            },
            what,
            TimeSpan.FromSeconds(45)
        );

    public static Task ClickUntilAsync(this IPage page, string testId, Func<IPage, bool> happened) =>
        page.UntilAsync(
            () => page.ById(testId).First.ClickAsync(new() { Timeout = 3000 }),
            p => Task.FromResult(happened(p)),
            $"'{testId}' works"
        );

    /// <summary>Until loading is over and the circuit has drawn.</summary>
    public static async Task SettledAsync(this IPage page)
    {
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await page.Locator("h1").First.WaitForAsync();
        await page.WaitForFunctionAsync("() => !document.querySelector('.skeleton')");
    }

    /// <summary>
    /// Waits until the page is at an address of this form (<c>*</c> within a segment, <c>**</c> across them) and has loaded. It asks again
    /// and again: a wait for the event of navigating misses one that comes between its look and its listening, which a busy machine shows.
    /// </summary>
    public static async Task ArrivesAsync(this IPage page, string form, float seconds = 20)
    {
        var address = Regex.Escape(form).Replace(@"\*\*", ".*", StringComparison.Ordinal).Replace(@"\*", "[^/]*", StringComparison.Ordinal);
        await Assertions.Expect(page).ToHaveURLAsync(new Regex($"^{address}$"), new() { Timeout = seconds * 1000 });
        await page.WaitForLoadStateAsync(LoadState.Load);
    }

    /// <summary>Fails with the texts seen when it does not come.</summary>
    public static async Task SeesAsync(this IPage page, string testId, string text, float seconds = 20)
    {
        try
        {
            await Assertions.Expect(page.ById(testId).First).ToContainTextAsync(text, new() { Timeout = seconds * 1000 });
        }
        catch (PlaywrightException e)
        {
            throw new InvalidOperationException(
                $"{page.Url} never showed '{text}' in {testId}. It shows:\n{await page.Locator("body").InnerTextAsync()}",
                e
            );
        }
    }
}
