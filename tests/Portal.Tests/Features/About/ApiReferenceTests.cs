using System.Net;
using System.Text.RegularExpressions;

namespace Portkey.Portal.Tests.Features.About;

/// <summary>The API's reference in the browser.</summary>
public sealed partial class ApiReferenceTests(PortalHost host) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task Page_ForAPerson_IsServedFromThisHostAlone()
    {
        using var browser = await host.BrowserAsync("auditor");
        using var answer = await browser.GetAsync("/docs/api/");
        var page = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, page);
        Assert.Contains("\"openapi/v1.json\"", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(Elsewhere(), page);
        Assert.Contains("\"telemetry\":false", page.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("\"withDefaultFonts\":false", page.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);

        // The portal's policy holds, and each script of the page is one that it lets through.
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        var nonce = Nonce().Match(policy).Groups["nonce"].Value;
        Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.All(
            Script().Matches(page).Select(s => s.Value),
            s => Assert.Contains($"nonce=\"{nonce}\"", WebUtility.HtmlDecode(s), StringComparison.Ordinal)
        );
        foreach (var source in Source().Matches(page).Select(s => s.Groups["source"].Value))
        {
            using var script = await browser.GetAsync(new Uri(new Uri(browser.BaseAddress!, "/docs/api/"), source));
            Assert.True(script.StatusCode == HttpStatusCode.OK, source);
            Assert.Contains("javascript", script.Content.Headers.ContentType!.MediaType, StringComparison.Ordinal);
        }

        Assert.NotEmpty(Source().Matches(page));
    }

    [Theory]
    [InlineData("/docs/api")]
    [InlineData("/docs/api/")]
    public async Task Page_WithoutSignIn_IsRefused(string path)
    {
        using var nobody = await host.ClientAsync(null);
        using var answer = await nobody.GetAsync(path);
        Assert.True(
            answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Redirect or HttpStatusCode.Found,
            $"{(int)answer.StatusCode}"
        );
        Assert.True(
            answer.StatusCode == HttpStatusCode.Unauthorized
                || answer.Headers.Location!.ToString().Contains("/sign-in", StringComparison.Ordinal)
        );
    }

    [GeneratedRegex(@"(src|href)\s*=\s*[""'](https?:)?//|fonts\.scalar|cdn\.", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Elsewhere();

    [GeneratedRegex(@"'nonce-(?<nonce>[^']+)'", RegexOptions.ExplicitCapture)]
    private static partial Regex Nonce();

    [GeneratedRegex(@"<script[^>]*>")]
    private static partial Regex Script();

    [GeneratedRegex(@"<script[^>]*src=""(?<source>[^""]+)""", RegexOptions.ExplicitCapture)]
    private static partial Regex Source();
}
