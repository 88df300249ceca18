using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Portkey.Portal.E2E.Secrets;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.BadDays;

/// <summary>For each way in which an environment fails, the first screen says why, since when and what helps, without a click: on a desktop
/// and on a phone.</summary>
[Collection(BadDaysCollection.Name)]
public sealed class FirstScreenOfFailureTests(BadDaysProduct product, ChromiumBrowser chromium) : IClassFixture<ChromiumBrowser>
{
    private static readonly (int Width, int Height)[] Screens = [(1440, 900), (390, 844)];

    [Theory]
    [InlineData(
        "image",
        """{"imageTag": "99.9.9-nowhere"}""",
        "cannot get its image",
        "the registry has no such image or tag",
        "Change the image tag"
    )]
    [InlineData(
        "crash",
        """{"imageRepository": "docker.io/sandbox/crash", "imageTag": "1"}""",
        "started again",
        "exit code",
        "Change settings"
    )]
    [InlineData(
        "deaf",
        """{"imageRepository": "docker.io/sandbox/never-ready", "imageTag": "1"}""",
        "is not ready",
        "readiness probe",
        "Change settings"
    )]
    [InlineData(
        "nodeless",
        """{"scheduling": {"nodeSelector": {"disk": "of-glass"}}}""",
        "finds no node",
        "no node has the labels that it asks for",
        "Look at cluster sandbox"
    )]
    [InlineData("secretless", """{"envFrom": {"secrets": ["not-there"]}}""", "not-there", "", "Change settings")]
    public async Task Create_ThatFails_SaysWhySinceWhenAndWhatHelps(string name, string spec, string cause, string why, string action)
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        var proposal = JsonNode.Parse(JsonSerializer.Serialize(Proposals.Oss($"payments-first-{name}")))!;
        foreach (var (key, value) in JsonNode.Parse(spec)!.AsObject())
        {
            proposal["spec"]![key] = value!.DeepClone();
        }

        var approved = await admin.ApproveAsync(await lead.CreatedAsync(proposal));
        Assert.Equal("failed", (await admin.FinishedAsync(approved.Text("operationId"))).Text("state"));
        var id = approved.Text("environmentId");
        await TroubleAsync(lead, id, cause);

        await using var page = await OpenAsync();
        await FirstScreenAsync(page.Page, $"/environments/{id}", [cause, why], action);
        await FirstScreenAsync(page.Page, $"/operations/{approved.Text("operationId")}", [cause, why], action);

        // Nothing on either page says that it goes on, or that something serves.
        await page.Page.GotoAsync($"/environments/{id}");
        await page.Page.SettledAsync();
        var text = await page.Page.Locator("main").InnerTextAsync();
        Assert.DoesNotContain("Progressing", text, StringComparison.Ordinal);
        Assert.DoesNotContain("keeps serving", text, StringComparison.Ordinal);
        await Assertions.Expect(page.Page.ById("environment-health")).ToHaveTextAsync("Unhealthy");
        Assert.DoesNotContain("button-primary", await ClassOfRetryAsync(page.Page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Image_ThatIsNotThere_IsMendedFromItsPageByItsOneField()
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        var proposal = JsonNode.Parse(JsonSerializer.Serialize(Proposals.Oss("payments-first-mended")))!;
        proposal["spec"]!["imageTag"] = "99.9.9-nowhere";
        var approved = await admin.ApproveAsync(await lead.CreatedAsync(proposal));
        await admin.FinishedAsync(approved.Text("operationId"));
        var id = approved.Text("environmentId");

        await using var open = await OpenAsync();
        var page = open.Page;
        await page.GotoAsync($"/environments/{id}");
        await page.SettledAsync();
        await page.UntilAsync(
            () => page.ById("trouble-action").ClickAsync(new() { Timeout = 3000 }),
            p => p.ById("field-cure-tag").IsVisibleAsync(),
            "the cure's field opens"
        );
        Assert.Equal("99.9.9-nowhere", await page.ById("field-cure-tag").InputValueAsync());
        await page.ById("field-cure-tag").FillAsync("");
        await page.ById("cure-submit").ClickAsync();
        await page.ArrivesAsync("**/requests/*");

        var ready = await admin.AppliedAsync(await admin.ApproveAsync(await lead.RequestAsync(page.Url.Split('/')[^1])));
        Assert.Equal("ready", ready.Text("state"));
        Assert.Null(ready["trouble"]);
        await page.GotoAsync($"/environments/{id}");
        await page.SettledAsync();
        await Assertions.Expect(page.ById("trouble")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task WhatRuns_BreaksInFourWays_SaysEachAndHowToMendIt()
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        var environment = await admin.AppliedAsync(await admin.ApproveAsync(await lead.CreatedAsync(Proposals.Oss("payments-first-runs"))));
        var (id, ns) = (environment.Text("id"), environment.Text("namespace"));
        await using var open = await OpenAsync();
        var page = open.Page;

        // A change that fails: what was before serves on, and the page says so.
        var changed = await admin.ApproveAsync(
            await ChangeAsync(lead, id, new { edition = "oss", imageTag = "99.9.9-nowhere", network = new { exposure = "internal" } })
        );
        await admin.FinishedAsync(changed.Text("operationId"));
        await admin.HealthyAsync(id);
        await FirstScreenAsync(page, $"/environments/{id}", ["v2 cannot get its image", "v1 serves on."], "Change the image tag");
        await Assertions.Expect(page.ById("trouble-changed")).ToContainTextAsync("Image tag");
        await Assertions.Expect(page.ById("trouble-changed")).ToContainTextAsync("99.9.9-nowhere");

        // A quota that is too small: preflight stops the change, and nothing is touched.
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(
            folder.Combine("quota.json"),
            """{"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "company"}, "spec": {"hard": {"pods": "1"}}}"""
        );
        await KubectlAsync("create", "-f", folder.Combine("quota.json"), "-n", ns);
        var larger = await admin.ApproveAsync(
            await ChangeAsync(lead, id, new { edition = "oss", replicas = 2, network = new { exposure = "internal" } })
        );
        Assert.Equal("quota-exceeded", (await admin.FinishedAsync(larger.Text("operationId"))).Text("errorCode"));
        await admin.HealthyAsync(id);
        await FirstScreenAsync(page, $"/environments/{id}", ["company allows 1 of pods", "v1 serves on."], "Change the size");
        await KubectlAsync("delete", "quota", "company", "-n", ns);

        // Back to v1, which ends the failed changes.
        await page.UntilAsync(
            () => page.GetByRole(AriaRole.Link, new() { Name = "Go back to v1" }).ClickAsync(new() { Timeout = 3000 }),
            p => p.ById("propose-submit").IsVisibleAsync(),
            "the way back opens"
        );
        await page.ById("propose-submit").ClickAsync();
        await page.ArrivesAsync("**/requests/*");
        await admin.AppliedAsync(await admin.ApproveAsync(await lead.RequestAsync(page.Url.Split('/')[^1])));

        // Somebody removes the Deployment in the cluster: it is applied again.
        await KubectlAsync("delete", "deployment", environment.Text("releaseName"), "-n", ns);
        await TroubleAsync(lead, id, "Deployment");
        await FirstScreenAsync(page, $"/environments/{id}", ["Deployment is not in the cluster"], "Apply v4 again");
        await page.UntilAsync(
            () => page.ById("trouble-action").ClickAsync(new() { Timeout = 3000 }),
            p => p.ById("cure-submit").IsVisibleAsync(),
            "what applies it again opens"
        );
        await page.ById("cure-submit").ClickAsync();
        await page.ArrivesAsync("**/requests/*");
        await admin.AppliedAsync(await admin.ApproveAsync(await lead.RequestAsync(page.Url.Split('/')[^1])));

        // The cluster is gone: nobody knows, an operation counts down to its next attempt, and times tick.
        await product.Sandbox.KillAsync();
        var waiting = await admin.ApproveAsync(
            await ChangeAsync(lead, id, new { edition = "oss", graceSeconds = 40, network = new { exposure = "internal" } })
        );
        await page.GotoAsync($"/operations/{waiting.Text("operationId")}");
        await page.SettledAsync();
        await Assertions.Expect(page.ById("operation-waiting")).ToContainTextAsync("cannot be reached", new() { Timeout = 60_000 });
        var first = await page.ById("countdown").First.InnerTextAsync(new() { Timeout = 60_000 });
        await Eventually.TrueAsync(
            async () =>
                !await page.ById("countdown").First.IsVisibleAsync() || await page.ById("countdown").First.InnerTextAsync() != first,
            "the countdown counts"
        );
        await product.Sandbox.RestartAsync();
        await admin.SucceededAsync(waiting.Text("operationId"));
    }

    [Fact]
    public async Task Cluster_ThatIsGone_SaysThatNobodyKnowsAndTimesTick()
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        var environment = await admin.AppliedAsync(await admin.ApproveAsync(await lead.CreatedAsync(Proposals.Oss("payments-first-gone"))));
        var id = environment.Text("id");
        await admin.HealthyAsync(id); // by then the sandbox has kept it: it writes a moment after a change
        await using var open = await OpenAsync();
        await product.Sandbox.KillAsync();
        try
        {
            await TroubleAsync(lead, id, "does not answer");
            await FirstScreenAsync(open.Page, $"/environments/{id}", ["Cluster sandbox does not answer"], "Look at cluster sandbox");
            await open.Page.Context.SetOfflineAsync(true); // from here on the browser counts by itself
            var since = open.Page.ById("trouble-since").Locator("time");
            var first = await since.InnerTextAsync();
            await Eventually.TrueAsync(async () => await since.InnerTextAsync() != first, "time goes on", TimeSpan.FromSeconds(75));
        }
        finally
        {
            await product.Sandbox.RestartAsync();
        }

        await admin.HealthyAsync(id);
    }

    private static async Task<string> ClassOfRetryAsync(IPage page) =>
        await page.ById("retry-operation").First.GetAttributeAsync("class") ?? "";

    private Task<string> KubectlAsync(params string[] arguments) => Cluster.RunAsync(Tools.Kubectl, product.Sandbox.Kubeconfig, arguments);

    private static async Task<JsonNode> ChangeAsync(Api lead, string id, object spec) =>
        (await lead.PostAsync($"/api/v1/environments/{id}/change", new { spec, reason = "to see it fail" })).Expect(HttpStatusCode.Created);

    private static Task TroubleAsync(Api lead, string id, string words) =>
        Eventually.AssertAsync(
            async () =>
            {
                var seen = await lead.EnvironmentAsync(id);
                Assert.Contains(words, seen["trouble"]?.Text("cause") ?? seen.ToJsonString(), StringComparison.Ordinal);
            },
            "the environment says what is wrong",
            TimeSpan.FromSeconds(60)
        );

    // Cause, since when and the helping action lie within the window as it opens, at both sizes.
    private static async Task FirstScreenAsync(IPage page, string address, string[] words, string action)
    {
        foreach (var (width, height) in Screens)
        {
            await page.SetViewportSizeAsync(width, height);
            await page.GotoAsync(address);
            await page.SettledAsync();
            foreach (var word in words)
            {
                await page.SeesAsync("trouble", word);
            }

            await Assertions.Expect(page.ById("trouble-action").First).ToHaveTextAsync(action);
            Assert.Matches("(ago|just now)", await page.ById("trouble-since").InnerTextAsync());
            foreach (var part in (string[])["trouble-cause", "trouble-since", "trouble-action"])
            {
                var box = (await page.ById(part).First.BoundingBoxAsync())!;
                Assert.True(
                    box is { Y: >= 0, X: >= 0, Height: > 0 } && box.Y + box.Height <= height && box.X + box.Width <= width,
                    $"{part} of {address} is at {box.X},{box.Y} and {box.Width} by {box.Height}, on a screen of {width} by {height}"
                );
            }

            var widest = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");
            Assert.True(widest <= width, $"{address} scrolls sideways");
        }
    }

    private async Task<OpenPage> OpenAsync() => new(await chromium.PageAsync(product.Portal, "lead-payments"));

    private sealed record OpenPage(IPage Page) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
    }
}
