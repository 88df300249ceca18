using Microsoft.Playwright;

namespace Portkey.Portal.E2E.Support;

/// <summary>What a person does who has no mouse: Tab, arrows, typing, Enter. Nothing here clicks or sets the focus.</summary>
internal static class Keyboard
{
    private const int Most = 200;

    /// <summary>Tabs on from where the focus is until it is on this element; fails when the whole page was gone through.</summary>
    public static async Task TabToAsync(this IPage page, string testId)
    {
        for (var i = 0; i < Most; i++)
        {
            if (await page.IsAtAsync(testId))
            {
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"'{testId}' cannot be reached by Tab on {page.Url}:\n{await page.Locator("body").InnerTextAsync()}");
    }

    /// <summary>Tabs to it and presses a key.</summary>
    public static async Task PressAtAsync(this IPage page, string testId, string key = "Enter")
    {
        await page.ById(testId).First.WaitForAsync();
        await page.TabToAsync(testId);
        await page.Keyboard.PressAsync(key);
    }

    /// <summary>Tabs to a field and writes over what stands in it.</summary>
    public static async Task TypeAtAsync(this IPage page, string testId, string text)
    {
        await page.ById(testId).First.WaitForAsync();
        await page.TabToAsync(testId);
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.TypeAsync(text);
    }

    /// <summary>Tabs into a group of radio buttons and goes to one of them by arrows.</summary>
    public static async Task ChooseAsync(this IPage page, string testId)
    {
        await page.ById(testId).WaitForAsync();
        for (var i = 0; i < Most && !await page.IsInGroupAsync(testId); i++)
        {
            await page.Keyboard.PressAsync("Tab");
        }

        for (var i = 0; i < 20 && !await page.IsAtAsync(testId); i++)
        {
            await page.Keyboard.PressAsync("ArrowDown");
        }

        if (!await page.ById(testId).IsCheckedAsync())
        {
            await page.Keyboard.PressAsync("Space");
        }

        Assert.True(await page.IsAtAsync(testId), $"'{testId}' cannot be chosen by keyboard on {page.Url}");
    }

    /// <summary>Waits until a step of the wizard that was gone to has taken the focus.</summary>
    public static Task StepHasFocusAsync(this IPage page) =>
        Shared.Eventually.TrueAsync(
            () => page.EvaluateAsync<bool>("() => document.activeElement?.id === 'wizard-step'"),
            "the step's heading has the focus"
        );

    /// <summary>Whether the focus is on it.</summary>
    public static Task<bool> IsAtAsync(this IPage page, string testId) =>
        page.EvaluateAsync<bool>("id => document.activeElement?.dataset?.testid === id", testId);

    private static Task<bool> IsInGroupAsync(this IPage page, string testId) =>
        page.EvaluateAsync<bool>(
            "id => { const now = document.activeElement; return now?.type === 'radio' && now.name === document.querySelector(`[data-testid='${id}']`)?.name; }",
            testId
        );
}
