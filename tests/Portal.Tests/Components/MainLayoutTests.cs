namespace Portkey.Portal.Tests.Components;

/// <summary>What stands around every page.</summary>
public sealed class MainLayoutTests(PortalHost host) : IClassFixture<PortalHost>
{
    [Theory]
    [InlineData("lead-payments", true)]
    [InlineData("admin-1", true)]
    [InlineData("auditor", false)]
    public async Task NewRequest_IsOfferedToWhoeverMayAsk(string persona, bool offered)
    {
        using var browser = await host.BrowserAsync(persona);
        var page = await browser.GetStringAsync("/environments");
        Assert.Contains("user-menu", page, StringComparison.Ordinal);
        Assert.Equal(offered, page.Contains("data-testid=\"new-request\"", StringComparison.Ordinal));
    }
}
