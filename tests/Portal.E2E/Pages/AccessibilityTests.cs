using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Portkey.Portal.E2E.Support;

namespace Portkey.Portal.E2E.Pages;

/// <summary>Every page by WCAG 2.2 AA, in both schemes, on a desktop and on a phone.</summary>
[Collection(PagesCollection.Name)]
public sealed class AccessibilityTests(Product product)
{
    private static readonly AxeRunOptions Rules = new()
    {
        RunOnly = new() { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] },
    };

    [Theory]
    [InlineData(null, "/sign-in")]
    [InlineData("admin-1", "/")]
    [InlineData("admin-1", "/environments")]
    [InlineData("lead-payments", "/environments/{environment}")]
    [InlineData("lead-payments", "/environments/{environment}?tab=health")]
    [InlineData("lead-payments", "/environments/{environment}?tab=releases")]
    [InlineData("lead-payments", "/environments/{environment}?tab=settings")]
    [InlineData("lead-payments", "/environments/{environment}?tab=secrets")]
    [InlineData("lead-payments", "/environments/{environment}?tab=operations")]
    [InlineData("lead-payments", "/environments/{environment}?tab=connect")]
    [InlineData("lead-payments", "/environments/{environment}?tab=audit")]
    [InlineData("lead-payments", "/new")]
    [InlineData("lead-payments", "/new?step=size")]
    [InlineData("lead-payments", "/new?step=settings")]
    [InlineData("lead-payments", "/new?step=secrets")]
    [InlineData("lead-payments", "/new?step=network")]
    [InlineData("lead-payments", "/new?step=review")]
    [InlineData("lead-payments", "/new?draft={draft}&step=size")]
    [InlineData("lead-payments", "/new?draft={draft}&step=settings")]
    [InlineData("lead-payments", "/new?draft={draft}&step=secrets")]
    [InlineData("lead-payments", "/new?draft={draft}&step=network")]
    [InlineData("lead-payments", "/new?draft={draft}&step=review")]
    [InlineData("lead-payments", "/new?environment={environment}")]
    [InlineData("lead-payments", "/new?environment={environment}&step=where")]
    [InlineData("lead-payments", "/new?environment={environment}&step=review")]
    [InlineData("admin-1", "/requests")]
    [InlineData("admin-1", "/requests/{waiting}")]
    [InlineData("admin-1", "/requests/{waiting}?tab=manifest")]
    [InlineData("admin-1", "/requests/{unknown}")]
    [InlineData("admin-1", "/requests/{applied}")]
    [InlineData("admin-1", "/approvals")]
    [InlineData("admin-1", "/operations/{operation}")]
    [InlineData("lead-payments", "/import")]
    [InlineData("lead-payments", "/import?id={import}&draft={draft}")]
    [InlineData("lead-payments", "/credentials")]
    [InlineData("admin-1", "/credentials?tab=orphans")]
    [InlineData("lead-payments", "/credentials/{credential}")]
    [InlineData("auditor", "/credentials/{credential}")]
    [InlineData("lead-payments", "/credentials/new")]
    [InlineData("lead-payments", "/credentials/{shared}")]
    [InlineData("lead-payments", "/credentials/{shared}/rotate")]
    [InlineData("admin-1", "/rotations/{rotation}")]
    [InlineData("admin-1", "/charts")]
    [InlineData("admin-1", "/clusters")]
    [InlineData("admin-1", "/clusters/sandbox")]
    [InlineData("admin-1", "/changes")]
    [InlineData("admin-2", "/changes/{change}")]
    [InlineData("admin-1", "/changes/{change}")]
    [InlineData("lead-payments", "/clusters/sandbox")]
    [InlineData("auditor", "/audit")]
    [InlineData("auditor", "/audit/1")]
    [InlineData("auditor", "/security-log")]
    [InlineData("admin-1", "/sessions")]
    [InlineData("admin-1", "/sign-out")]
    [InlineData("admin-1", "/about")]
    [InlineData("admin-1", "/no-such-page")]
    public async Task Page_InBothSchemesAndWidths_BreaksNoRuleAndNeverScrollsSideways(string? persona, string address)
    {
        var seed = await product.SeedAsync();
        var page = await product.PageAsync(persona);
        await page.GotoAsync(
            address
                .Replace("{environment}", seed.Environment, StringComparison.Ordinal)
                .Replace("{waiting}", seed.WaitingRequest, StringComparison.Ordinal)
                .Replace("{applied}", seed.AppliedRequest, StringComparison.Ordinal)
                .Replace("{unknown}", seed.UnknownRequest, StringComparison.Ordinal)
                .Replace("{import}", seed.Import, StringComparison.Ordinal)
                .Replace("{draft}", seed.Draft, StringComparison.Ordinal)
                .Replace("{credential}", seed.Credential, StringComparison.Ordinal)
                .Replace("{shared}", seed.Shared, StringComparison.Ordinal)
                .Replace("{change}", seed.Change, StringComparison.Ordinal)
                .Replace("{rotation}", seed.Rotation, StringComparison.Ordinal)
                .Replace("{operation}", seed.Operation, StringComparison.Ordinal)
        );
        await page.SettledAsync();

        // What is folded is looked at, too.
        await page.EvaluateAsync("() => document.querySelectorAll('main details:not(.menu)').forEach(d => d.open = true)");
        var wrong = new List<string>();
        // The schemes differ in colours and the widths in layout, so two looks see all of both.
        foreach (var (width, height, scheme) in ((int, int, ColorScheme)[])[(1440, 900, ColorScheme.Light), (390, 844, ColorScheme.Dark)])
        {
            await page.SetViewportSizeAsync(width, height);
            await page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
            await page.WaitForFunctionAsync(
                "wanted => document.documentElement.dataset.theme === wanted",
                scheme == ColorScheme.Dark ? "dark" : "light"
            );
            await Task.Delay(300); // colours that fade take a moment to be what they will be
            var result = await page.RunAxe(Rules);
            Assert.NotEmpty(result.Passes);
            wrong.AddRange(
                result.Violations.SelectMany(v =>
                    v.Nodes.Select(n =>
                        $"{width} {scheme}: {v.Id}: {n.Target} {n.Html} {string.Join("; ", n.Any.Concat(n.All).Select(c => c.Message))}"
                    )
                )
            );

            var widest = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");
            if (widest > width)
            {
                wrong.Add($"{width}: the page is {widest} wide");
            }
        }

        await page.Context.CloseAsync();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
