using System.Collections.Concurrent;
using System.Text;
using Microsoft.Playwright;
using Portkey.Portal.E2E.Support;

namespace Portkey.Portal.E2E.Journeys;

/// <summary>What was typed into the wizard is still there: after Back, after a reload, after a refusal, tomorrow on Home.</summary>
[Collection(ProductCollection.Name)]
public sealed class WizardKeepsTests(Product product)
{
    [Fact]
    public async Task Back_AndReload_FindWhatWasTyped_AndHomeHasTheDraft()
    {
        var page = await StartAsync("payments-kept");
        await page.ById("wizard-next").ClickAsync();
        await page.ArrivesAsync("**step=size**");
        await page.ById("field-replicas").FillAsync("3");
        await page.SeesAsync("draft-saved", "on Home");

        await page.GoBackAsync();
        await Assertions.Expect(page.ById("field-name")).ToHaveValueAsync("payments-kept");
        await page.ReloadAsync();
        await Assertions.Expect(page.ById("field-name")).ToHaveValueAsync("payments-kept");

        await page.GotoAsync("/");
        await page.ById("draft").Filter(new() { HasText = "payments-kept" }).GetByTestId("draft-continue").ClickAsync();
        await page.ById("step-size").ClickAsync();
        await Assertions.Expect(page.ById("field-replicas")).ToHaveValueAsync("3");
    }

    [Fact]
    public async Task Draft_OfHome_IsDeletedAndBroughtBack()
    {
        var page = await StartAsync("payments-thrown");
        await page.SeesAsync("draft-saved", "on Home");
        var address = page.Url;
        await page.GotoAsync("/");
        var draft = page.ById("draft").Filter(new() { HasText = "payments-thrown" });

        await draft.GetByTestId("draft-delete").ClickAsync();
        await page.SeesAsync("draft-deleted", "payments-thrown");
        await Assertions.Expect(draft).ToHaveCountAsync(0);
        await page.ById("draft-undo").ClickAsync();
        await Assertions.Expect(draft).ToHaveCountAsync(1);

        // It came back as another; who still has the old address is told.
        await page.GotoAsync(address);
        await page.SeesAsync("empty", "not here any more");
    }

    [Fact]
    public async Task Next_OnAPhoneWithSomethingWrong_LeadsToTheSummaryAndFromThereToTheField()
    {
        var page = await StartAsync("payments-phone");
        await page.SetViewportSizeAsync(390, 844);
        await page.ById("step-network").ClickAsync();
        await page.ArrivesAsync("**step=network**");
        await Assertions.Expect(page.Locator("#wizard-step")).ToBeFocusedAsync();
        await Assertions.Expect(page.Locator("#wizard-step")).ToBeInViewportAsync();
        await page.ById("exposure-ingress").CheckAsync();
        await page.ById("field-host").FillAsync("not a host");
        await page.ById("wizard-next").ClickAsync();

        var summary = page.ById("error-summary");
        await Assertions.Expect(summary).ToBeFocusedAsync();
        await Assertions.Expect(summary).ToBeInViewportAsync();
        await summary.GetByRole(AriaRole.Link, new() { Name = "Host name" }).ClickAsync();
        var host = page.ById("field-host");
        await Assertions.Expect(host).ToBeFocusedAsync();
        await Assertions.Expect(host).ToBeInViewportAsync();
        await Assertions.Expect(host).ToHaveAttributeAsync("aria-invalid", "true");
        await host.FillAsync("gateway.example.com");
        await page.ById("wizard-next").ClickAsync();
        await page.ArrivesAsync("**step=review**");
        await Assertions.Expect(page.Locator("#wizard-step")).ToBeInViewportAsync();
    }

    [Fact]
    public async Task Yaml_ThatIsRefused_StandsAsItWasTypedAndNeverReachesTheCircuit()
    {
        const string Typed = "edition: oss\nsettings:\n  REQUEST_TIMEOUT: 5\n  MY_API_KEY: canary-yaml-secret\nnonsense: 1\n";
        var (page, frames) = await WatchedAsync("payments-yaml");
        await page.ById("wizard-yaml").ClickAsync();
        await page.ArrivesAsync("**step=yaml**");
        await page.ById("spec-yaml").FillAsync(Typed);
        await page.ById("yaml-submit").ClickAsync();

        await page.SeesAsync("yaml-problems", "nonsense");
        await Assertions.Expect(page.ById("yaml-problems")).ToBeFocusedAsync();
        await Assertions.Expect(page.ById("spec-yaml")).ToHaveValueAsync(Typed);
        await page.ById("spec-yaml").FillAsync("edition: oss\nsettings:\n  MY_API_KEY: canary-yaml-secret\n");
        await page.ById("yaml-submit").ClickAsync();
        await page.SeesAsync("yaml-problems", "MY_API_KEY");
        Assert.DoesNotContain(frames, f => f.Contains("canary", StringComparison.Ordinal));
        Assert.Contains(frames, f => f.Contains("payments-yaml", StringComparison.Ordinal));

        await page.ById("spec-yaml").FillAsync("edition: oss\nsettings:\n  REQUEST_TIMEOUT: \"7000\"\n");
        await page.ById("yaml-submit").ClickAsync();
        await page.ArrivesAsync("**step=review**");
        await page.SeesAsync("review-settings", "7000");
    }

    [Fact]
    public async Task Secret_TypedOnTheLastPage_IsThereAfterAnotherStepAndAfterARefusal()
    {
        var (page, frames) = await WatchedAsync("payments-secret");
        await page.ById("step-secrets").ClickAsync();
        await page.Locator("[data-testid=further-secrets] > summary").ClickAsync();
        await page.ById("field-secret-name").FillAsync("MY_TOKEN");
        await page.ById("field-secret-name").PressAsync("Enter");
        await page.SeesAsync("further-MY_TOKEN", "to be entered");
        await page.ById("step-review").ClickAsync();
        var secret = page.ById("field-secret-MY_TOKEN");
        await secret.FillAsync("canary-kept-secret");
        await page.ById("step-size").ClickAsync();
        await page.ArrivesAsync("**step=size**");
        await page.ById("field-replicas").FillAsync("2");
        await page.ById("step-review").ClickAsync();
        await Assertions.Expect(secret).ToHaveValueAsync("canary-kept-secret");

        // Somebody else takes the name between the check and the sending.
        await page.SeesAsync("review-size", "2");
        await Assertions.Expect(page.ById("wizard-submit")).ToBeEnabledAsync();
        using (var api = await product.ApiAsync("lead-payments"))
        {
            await api.CreatedAsync(Proposals.Oss("payments-secret"));
        }

        // What the button does, even where the page has heard of it by now and has disabled the button.
        await page.ById("wizard-submit").EvaluateAsync("button => button.closest('form').requestSubmit()");
        await page.ArrivesAsync("**problems=**");
        await Assertions.Expect(page.ById("review-problems")).ToBeFocusedAsync();
        await Assertions.Expect(secret).ToHaveValueAsync("canary-kept-secret");
        Assert.DoesNotContain(frames, f => f.Contains("canary", StringComparison.Ordinal));
        Assert.Contains(frames, f => f.Contains("MY_TOKEN", StringComparison.Ordinal));
    }

    private async Task<IPage> StartAsync(string name) => (await WatchedAsync(name)).Page;

    // With all that goes over the circuit, both ways.
    private async Task<(IPage Page, ConcurrentBag<string> Frames)> WatchedAsync(string name)
    {
        var page = await product.PageAsync("lead-payments");
        var frames = new ConcurrentBag<string>();
        page.WebSocket += (_, socket) =>
        {
            socket.FrameSent += (_, frame) => frames.Add(Text(frame));
            socket.FrameReceived += (_, frame) => frames.Add(Text(frame));
        };
        await page.GotoAsync("/new");
        await page.SettledAsync();
        await page.ById("field-name").FillAsync(name);
        return (page, frames);
    }

    private static string Text(IWebSocketFrame frame) => frame.Text ?? Encoding.UTF8.GetString(frame.Binary ?? []);
}
