using Microsoft.Playwright;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Journeys;

/// <summary>From the asked of a team to a gateway that answers, by clicks alone.</summary>
[Collection(ProductCollection.Name)]
public sealed class BrowserJourneyTests(Product product)
{
    [Fact]
    public async Task Wizard_ApprovedByAnAdministrator_BringsUpAGatewayThatAnswersAndAHistory()
    {
        var lead = await product.PageAsync(persona: null);
        await lead.GotoAsync("/");
        await lead.ById("sign-in-lead-payments").ClickAsync();
        await lead.SeesAsync("user-menu", "");
        var request = await AskAsync(lead, "payments-web", "Checkout needs a gateway");
        await lead.SeesAsync("request-state", "Pending");
        Assert.Equal(0, await lead.ById("approve").CountAsync());

        var admin = await product.PageAsync("admin-1");
        await admin.GotoAsync("/approvals");
        await admin.GetByRole(AriaRole.Link).Filter(new() { HasText = "payments-web" }).First.ClickAsync();
        await admin.ArrivesAsync($"**{request}");
        await admin.SeesAsync("request-reason", "Checkout needs a gateway");
        await admin.UntilAsync(
            () => admin.ById("approve").ClickAsync(new() { Timeout = 3000 }),
            async p => await p.ById("operation-link").CountAsync() > 0,
            "the approval leads to an operation"
        );
        await admin.SeesAsync("operation-log", "ready", 120);
        await admin.SeesAsync("operation-state", "Succeeded", 120);

        // The team's own page followed along without being touched.
        await lead.SeesAsync("request-state", "Applied", 60);
        await lead.ById("environment-link").ClickAsync();
        await lead.SeesAsync("environment-health", "Healthy", 90);
        var endpoint = (await lead.ById("environment-endpoint").First.InnerTextAsync()).Trim();
        using var client = new HttpClient();
        Assert.Contains("AI Gateway says hey!", await client.GetStringAsync(new Uri(endpoint)), StringComparison.Ordinal);

        await AuditorSeesAsync();
    }

    [Fact]
    public async Task Change_OfSettingsAndPods_IsPrefilledShowsWhatDiffersAndIsApplied()
    {
        using var asLead = await product.ApiAsync("lead-payments");
        using var asAdmin = await product.ApiAsync("admin-1");
        var environment = await asAdmin.AppliedAsync(await asAdmin.ApproveAsync(await asLead.CreatedAsync(Proposals.Oss("payments-chg"))));
        var id = environment.Text("id");
        var lead = await product.PageAsync("lead-payments");
        await lead.GotoAsync($"/environments/{id}");
        await lead.SettledAsync();
        await lead.UntilAsync(
            async () =>
            {
                if (!await lead.ById("change-settings").IsVisibleAsync())
                {
                    await lead.ById("change-menu").ClickAsync(new() { Timeout = 3000 });
                }

                await lead.ById("change-settings").ClickAsync(new() { Timeout = 3000 });
            },
            p => Task.FromResult(p.Url.Contains("environment=", StringComparison.Ordinal)),
            "the wizard opens"
        );
        await lead.SeesAsync("wizard-side", "a month");
        Assert.Equal("Change payments-chg", await lead.Locator("h1").InnerTextAsync());
        await lead.ById("change-of-field-replicas").ClickAsync();
        await lead.ArrivesAsync("**step=size**");
        await Assertions.Expect(lead.ById("field-replicas")).ToBeFocusedAsync();
        await lead.UntilAsync(
            async () =>
            {
                await lead.ById("field-replicas").FillAsync("2");
                await lead.ById("wizard-next").ClickAsync();
            },
            p => Task.FromResult(p.Url.Contains("step=settings", StringComparison.Ordinal)),
            "the size is taken"
        );
        await lead.ById("field-setting-REQUEST_TIMEOUT").FillAsync("45000");
        foreach (var step in (string[])["secrets", "network", "review"])
        {
            await lead.ById("wizard-next").ClickAsync();
            await lead.ArrivesAsync($"**step={step}**");
        }

        await lead.SeesAsync("review-changes", "45000");
        await lead.SeesAsync("review-changes", "as the profile says → 2");
        await lead.SeesAsync("diff", "Deployment/");
        await lead.ById("wizard-submit").ClickAsync();
        await lead.ArrivesAsync("**/requests/*");
        var request = new Uri(lead.Url).AbsolutePath;

        // A second wizard for the same environment says what is in its way, and leads there.
        await lead.GotoAsync($"/new?environment={id}");
        await lead.SeesAsync("other-request", "Another request for payments-chg");

        var admin = await product.PageAsync("admin-1");
        await admin.GotoAsync(request);
        await admin.SeesAsync("diff", "REQUEST_TIMEOUT");
        await admin.UntilAsync(
            () => admin.ById("approve").ClickAsync(new() { Timeout = 3000 }),
            async p => await p.ById("operation-link").CountAsync() > 0,
            "the approval leads to an operation"
        );
        await admin.SeesAsync("operation-state", "Succeeded", 120);
        var now = (await asLead.GetAsync($"/api/v1/environments/{id}")).Expect(System.Net.HttpStatusCode.OK);
        Assert.Equal(
            ("45000", "2"),
            (now["spec"]!["settings"]!.AsObject()["REQUEST_TIMEOUT"]!.GetValue<string>(), now["spec"]!.AsObject()["replicas"]!.ToString())
        );

        // What was done in a browser carries the address that it came from, as what comes through the API does.
        using var auditor = await product.ApiAsync("auditor");
        var rows = (await auditor.GetAsync($"/api/v1/audit?environment={id}&limit=200")).Expect(System.Net.HttpStatusCode.OK)[
            "items"
        ]!.AsArray();
        Assert.All(
            rows.Where(r => r!.Text("action") is "request.approved" or "request.proposed"),
            r => Assert.NotEmpty(r!.Text("sourceAddress"))
        );
    }

    private async Task AuditorSeesAsync()
    {
        var auditor = await product.PageAsync("auditor");
        await auditor.GotoAsync("/audit");
        await auditor.SettledAsync();
        await RowAsync(auditor, "Request made", "payments-web", "lead-payments", "Checkout needs a gateway");
        await RowAsync(auditor, "Request approved", "payments-web", "admin-1", "");
        await RowAsync(auditor, "Environment brought to its new revision", "payments-web", "", "");
        await auditor.UntilAsync(
            () => auditor.ById("audit-verify").ClickAsync(),
            async p => await p.ById("audit-verdict").CountAsync() > 0,
            "the history is verified"
        );
        await auditor.SeesAsync("audit-verdict", "Intact");
    }

    // People are shown by name; the id is what the REST side says, so that both are compared.
    private async Task RowAsync(IPage page, string action, string target, string actor, string reason)
    {
        var rows = page.ById("audit-row").Filter(new() { HasText = action }).Filter(new() { HasText = target });
        if (actor.Length > 0)
        {
            using var api = await product.ApiAsync(actor);
            rows = rows.Filter(
                new() { HasText = (await api.GetAsync("/api/v1/me")).Expect(System.Net.HttpStatusCode.OK).Text("displayName") }
            );
        }

        Assert.True(
            await rows.Filter(new() { HasText = reason }).CountAsync() > 0,
            $"No row {action} {target} by {actor}:\n{await page.ById("audit").InnerTextAsync()}"
        );
    }

    private static async Task<string> AskAsync(IPage page, string name, string reason)
    {
        await page.ById("new-request").ClickAsync();
        await page.ArrivesAsync("**/new**");
        await page.UntilAsync(
            async () =>
            {
                await page.ById("edition-oss").CheckAsync(new() { Timeout = 3000 });
                await page.ById("field-name").FillAsync(name);
                await page.ById("wizard-next").ClickAsync();
            },
            p => Task.FromResult(p.Url.Contains("step=size", StringComparison.Ordinal)),
            "the first step is done"
        );
        await page.ById("profile-dev").CheckAsync();
        foreach (var step in (string[])["settings", "secrets", "network", "review"])
        {
            await page.ById("wizard-next").ClickAsync();
            await page.ArrivesAsync($"**step={step}**");
        }

        await page.ById("field-reason").FillAsync(reason);
        await page.ById("wizard-submit").ClickAsync();
        await page.ArrivesAsync("**/requests/*");
        return new Uri(page.Url).AbsolutePath;
    }
}
