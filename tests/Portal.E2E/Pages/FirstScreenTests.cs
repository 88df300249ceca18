using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Pages;

/// <summary>Whoever decides reads what changes without a scroll, on a desktop and on a phone.</summary>
[Collection(PagesCollection.Name)]
public sealed class FirstScreenTests(Product product)
{
    private const string Chart = "1.0.1-first";
    private static readonly (int Width, int Height)[] Screens = [(1440, 900), (390, 844)];

    [Theory]
    [InlineData("setting", "summary-settings", "Request timeout", "45000")]
    [InlineData("secret", "summary-secrets", "PORTKEY_CLIENT_AUTH", "v1", "v")]
    [InlineData("size", "summary-size", "Pods", "1", "2")]
    [InlineData("exposure", "summary-exposure", "inside the cluster", "load balancer")]
    [InlineData("chart", "summary-chart", "Chart", Chart)]
    [InlineData("delete", "summary-lead", "payments-seed is deleted for good")]
    [InlineData("rotation", "summary-lead", "PORTKEY_CLIENT_AUTH goes from v1 to v")]
    public async Task Change_OfEachKind_IsSaidInWordsOnTheFirstScreen(string kind, string testId, params string[] words)
    {
        using var lead = await product.ApiAsync("lead-payments");
        var request = await AskedAsync(lead, kind, await product.SeedAsync());
        var id = request.Text("id");
        try
        {
            await SeenAtOnceAsync($"/requests/{id}", testId, words);
        }
        finally
        {
            (
                await lead.PostAsync($"/api/v1/requests/{id}/cancel", new { digest = request.Text("digest"), reason = "seen" })
            ).Expect(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task RotationOfASharedCredential_IsSaidInWordsOnTheFirstScreen() =>
        await SeenAtOnceAsync(
            $"/rotations/{(await product.SeedAsync()).Rotation}",
            "summary-lead",
            ["PORTKEY_CLIENT_AUTH goes from v1 to v2 in 2 environments"]
        );

    [Fact]
    public async Task ChangeOfTheCatalog_IsSaidInWordsOnTheFirstScreen()
    {
        var seed = await product.SeedAsync();
        await SeenAtOnceAsync($"/changes/{seed.Change}", "change-table", ["writable root"], "tbody tr", "admin-2");
    }

    [Fact]
    public async Task Decision_FromHome_TakesTwoClicks()
    {
        await product.SeedAsync();
        using var lead = await product.ApiAsync("lead-payments");
        await lead.CreatedAsync(Proposals.Oss("payments-clicks"));
        var page = await product.PageAsync("admin-1");
        await page.GotoAsync("/");
        await page.SettledAsync();

        await page.ById("waiting").GetByRole(AriaRole.Link, new() { Name = "payments-clicks", Exact = true }).ClickAsync();
        await page.ArrivesAsync("**/requests/*");
        await page.SettledAsync();
        await page.ById("approve").ClickAsync();

        await Assertions.Expect(page.ById("operation-link")).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Rejected_IsAskedForAgainWithItsReason()
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        var request = await lead.CreatedAsync(Proposals.Oss("payments-again"));
        (
            await admin.PostAsync(
                $"/api/v1/requests/{request.Text("id")}/reject",
                new { digest = request.Text("digest"), reason = "too big" }
            )
        ).Expect(HttpStatusCode.OK);
        var page = await product.PageAsync("lead-payments");
        await page.GotoAsync($"/requests/{request.Text("id")}");
        await page.SettledAsync();
        await page.SeesAsync("request-outcome", "too big");

        await page.ClickUntilAsync("ask-again-wizard", p => p.Url.Contains("draft=", StringComparison.Ordinal));

        await Assertions.Expect(page.ById("field-reason")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("for the checkout"));
        await Assertions.Expect(page.ById("field-reason")).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("too big"));
        await page.Context.CloseAsync();
    }

    private async Task SeenAtOnceAsync(
        string address,
        string testId,
        IReadOnlyList<string> words,
        string within = "",
        string persona = "admin-1"
    )
    {
        var page = await product.PageAsync(persona);
        var wrong = new List<string>();
        foreach (var (width, height) in Screens)
        {
            await page.SetViewportSizeAsync(width, height);
            await page.GotoAsync(address);
            await page.SettledAsync();
            var found = page.ById(testId);
            found = within.Length > 0 ? found.Locator(within) : found;
            foreach (var word in words)
            {
                found = found.Filter(new() { HasText = word });
            }

            await found.First.WaitForAsync();
            var (line, bar) = ((await found.First.BoundingBoxAsync())!, (await page.ById("decide").BoundingBoxAsync())!);
            if (line.Y < 56 || line.Y + line.Height > Math.Min(height, bar.Y) || line.X < 0 || line.X + line.Width > width)
            {
                wrong.Add($"{width}: '{string.Join("', '", words)}' stands at {line.Y} to {line.Y + line.Height}, the bar at {bar.Y}");
            }

            // Slim: what it stands over can be read. A long name has a second line on a phone.
            if (bar.Height > (width > 720 ? 64 : 96) || bar.Y + bar.Height > height)
            {
                wrong.Add($"{width}: the bar is {bar.Height} high, at {bar.Y}");
            }
        }

        await page.Context.CloseAsync();
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private async Task<JsonNode> AskedAsync(Api lead, string kind, Seed seed)
    {
        var keys = (await lead.GetAsync("/api/v1/environments?search=payments-keys")).Expect(HttpStatusCode.OK)["items"]![0]!.Text("id");
        return kind switch
        {
            "setting" => await ProposedAsync(
                seed.Environment,
                "change",
                new { spec = new { edition = "oss", settings = Named(("REQUEST_TIMEOUT", "45000")) } }
            ),
            "secret" => await ProposedAsync(
                keys,
                "change",
                new
                {
                    spec = new
                    {
                        edition = "enterprise",
                        settings = Named(
                            ("ORGANISATIONS_TO_SYNC", "1b0c6f5e-1111-4222-8333-444455556666"),
                            ("SERVICE_NAME", "payments-keys")
                        ),
                        secrets = Named(("PORTKEY_CLIENT_AUTH", "another-client-key")),
                    },
                }
            ),
            "size" => await ProposedAsync(seed.Environment, "change", new { spec = new { edition = "oss", replicas = 2 } }),
            "exposure" => await ProposedAsync(
                seed.Environment,
                "change",
                new { spec = new { edition = "oss", network = new { exposure = "loadBalancer" } } }
            ),
            "chart" => await UpgradeAsync(),
            "delete" => await ProposedAsync(seed.Environment, "delete", new { reason = "not needed" }),
            _ => await RotationAsync(),
        };

        async Task<JsonNode> ProposedAsync(string environment, string what, object body) =>
            (await lead.PostAsync($"/api/v1/environments/{environment}/{what}", body)).Expect(HttpStatusCode.Created);

        async Task<JsonNode> UpgradeAsync()
        {
            using var admin = await product.ApiAsync("admin-1");
            using var folder = new TemporaryFolder();
            await RegisteredAsync(admin, folder);
            return await ProposedAsync(seed.Environment, "upgrade", new { chartVersion = Chart, reason = "newest is best" });
        }

        async Task<JsonNode> RotationAsync()
        {
            (await lead.PutTextAsync($"/api/v1/environments/{keys}/secrets/PORTKEY_CLIENT_AUTH", "rotated-client-key")).Expect(
                HttpStatusCode.OK
            );
            return await ProposedAsync(keys, "rotate", new { key = "PORTKEY_CLIENT_AUTH", reason = "yearly" });
        }
    }

    // As a dictionary, for a property's name would get small letters.
    private static Dictionary<string, string> Named(params (string Key, string Value)[] entries) =>
        entries.ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal);

    private static async Task RegisteredAsync(Api admin, TemporaryFolder folder)
    {
        ChartCopy.Write(folder.Path, Chart);
        (
            await admin.PostAsync(
                "/api/v1/charts",
                new
                {
                    source = "directory",
                    location = folder.Path,
                    version = Chart,
                    edition = "oss",
                }
            )
        ).Expect(HttpStatusCode.Created);
    }
}
