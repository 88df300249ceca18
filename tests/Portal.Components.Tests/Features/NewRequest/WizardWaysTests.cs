using Bunit;
using Microsoft.AspNetCore.Components;
using Portkey.Portal.Components.Tests.Components.Shared;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Web.Features.NewRequest;

namespace Portkey.Portal.Components.Tests.Features.NewRequest;

/// <summary>How people find their way in the wizard: to what is wrong, to a step, to the one thing that they want to change.</summary>
public sealed class WizardWaysTests : PageTest
{
    private static readonly IReadOnlyList<SettingView> AllSettings = [.. SettingsCatalog.All.Select(s => s.View)];

    [Fact]
    public void Summary_OfWhatIsWrong_NamesFieldsByTheirLabelsAndLeadsThere()
    {
        (string, string)? gone = null;
        var summary = Render<ErrorSummary>(p =>
            p.Add(s => s.Title, "Not yet.")
                .Add(
                    s => s.Problems,
                    [
                        new FieldProblem("name", "Give it a name."),
                        new FieldProblem("spec.network.allowedRanges[1]", "Not a range."),
                        new FieldProblem("spec.settings.REQUEST_TIMEOUT", "Use a number."),
                        new FieldProblem("spec.resources.cpuLimit", "Too little."),
                        new FieldProblem("", Hostile),
                    ]
                )
                .Add(s => s.Href, (step, field) => $"/new?step={step}&field={field}")
                .Add(s => s.OnGo, to => gone = to)
        );

        var links = summary.FindAll("a");
        Assert.Equal(["Name", "Allowed address ranges, line 2", "Request timeout", "Resources"], links.Select(l => l.TextContent));
        Assert.Equal("/new?step=network&field=field-ranges", links[1].GetAttribute("href"));
        links[2].Click();
        Assert.Equal(("settings", "field-setting-REQUEST_TIMEOUT"), gone);
        Assert.DoesNotContain("spec.", summary.Markup, StringComparison.Ordinal);
        Assert.Empty(summary.FindAll("img"));

        // Focus can be sent to it, and it says what it is.
        var panel = summary.Find("#wizard-errors");
        Assert.Equal("-1", panel.GetAttribute("tabindex"));
        Assert.Equal("Not yet.", summary.Find($"#{panel.GetAttribute("aria-labelledby")}").TextContent.Trim());
    }

    [Fact]
    public void Problems_OfASpec_AreEachOnTheStepThatPutsThemRight()
    {
        var state = new WizardState { Team = "payments", Name = "Bad Name" };
        var problems = new WizardProblems(
            state,
            [new("name", "as the service says it"), new("spec.replicas", "too many"), new("spec.replicas", "too many")],
            [new("spec.network.egress[2]", "no range")]
        );

        Assert.Contains("lower-case", Assert.Single(problems.On("where")).Message, StringComparison.Ordinal);
        Assert.Equal("too many", Assert.Single(problems.On("size")).Message);
        Assert.Equal("Line 3: no range", problems.Of("spec.network.egress"));
        Assert.Null(problems.Of("spec.network.host"));
    }

    [Fact]
    public void Field_ThatIsWrong_IsTiedToItsHelpAndToWhatIsWrong()
    {
        var network = Render<NetworkStep>(p =>
            p.Add(s => s.State, new WizardState { Exposure = Exposure.Ingress })
                .Add(s => s.Problem, f => f == "spec.network.host" ? "An ingress needs one." : null)
                .Add(s => s.OnChange, EventCallback.Empty)
        );

        var host = network.Find("#field-host");
        Assert.Equal(("true", "true"), (host.GetAttribute("aria-invalid"), host.GetAttribute("aria-required")));
        Assert.All(host.GetAttribute("aria-describedby")!.Split(' '), id => Assert.NotNull(network.Find($"#{id}")));
        Assert.Contains("An ingress needs one.", network.Find("#field-host-error").TextContent, StringComparison.Ordinal);
        Assert.Null(network.Find("#field-egress").GetAttribute("aria-invalid"));
        Assert.Equal("field-egress-help", network.Find("#field-egress").GetAttribute("aria-describedby"));
    }

    [Fact]
    public void Steps_AllOfThem_CanBeGoneToByName()
    {
        string? gone = null;
        var steps = Render<WizardSteps>(p =>
            p.Add(s => s.Current, "where")
                .Add(s => s.Href, (step, _) => $"/new?environment=x&step={step}")
                .Add(s => s.OnGo, step => gone = step)
                .Add(s => s.IsChange, true)
                .Add(s => s.IsDone, step => step is "size" or "network")
                .Add(s => s.Wrong, step => step == "network" ? 2 : 0)
        );

        Assert.Equal(6, steps.FindAll("a").Count);
        Assert.Equal("/new?environment=x&step=where", steps.Find("[aria-current=step]").GetAttribute("href"));
        Assert.Contains("What to change", steps.Find("[aria-current=step]").TextContent, StringComparison.Ordinal);
        Assert.Contains("(done)", steps.Find("[data-testid=step-size]").TextContent, StringComparison.Ordinal);
        Assert.Contains("(2 to put right)", steps.Find("[data-testid=step-network]").TextContent, StringComparison.Ordinal);
        steps.Find("[data-testid=step-review]").Click();
        Assert.Equal("review", gone);
    }

    [Theory]
    [InlineData(false, "size", "Back|Review|Next: Settings")]
    [InlineData(false, "network", "Back|Next: Review")]
    [InlineData(true, "size", "Back|Next: Settings|Review the change")]
    [InlineData(true, "network", "Back|Review the change")]
    public void Buttons_OfAStep_KeepTheirPlacesAndReachTheReview(bool isChange, string step, string words)
    {
        var buttons = Render<WizardButtons>(p => p.Add(b => b.Current, step).Add(b => b.IsChange, isChange));

        Assert.Equal(words.Split('|'), buttons.FindAll("button").Select(b => b.TextContent));
        Assert.True(buttons.FindAll("button")[^1].ClassList.Contains("button-primary"));
    }

    [Fact]
    public void Settings_OfEnterprise_BeginWithWhatMostNeedAndAreFoldedWithWhatIsGiven()
    {
        var state = new WizardState { Edition = Edition.Enterprise, Name = "payments-dev" };
        state.Settings["LOG_STORE"] = "azure";
        state.Settings["REDIS_TLS_ENABLED"] = "true";
        var step = Settings(state);

        var first = step.Find("[data-testid=settings-first]");
        Assert.NotNull(first.QuerySelector("#field-setting-ORGANISATIONS_TO_SYNC"));
        Assert.NotNull(first.QuerySelector("#field-setting-CACHE_STORE"));
        // What a choice of these asks for stands with it.
        Assert.NotNull(first.QuerySelector("#field-setting-AZURE_STORAGE_ACCOUNT"));
        Assert.Null(first.QuerySelector("#field-setting-REDIS_TLS_ENABLED"));
        Assert.False(step.Find("[data-testid=group-cache]").HasAttribute("open"));
        Assert.Equal("Redis over TLS: true", step.Find("[data-testid=given-cache]").TextContent);
        Assert.Contains("none given", step.Find("[data-testid=given-control-plane]").TextContent, StringComparison.Ordinal);
        Assert.NotNull(step.Find("[data-testid=group-cache] #field-setting-REDIS_TLS_ENABLED"));
    }

    [Theory]
    [InlineData("timeout", "REQUEST_TIMEOUT")]
    [InlineData("REDIS_WORKERS_HOST", "REDIS_WORKERS_HOST")]
    [InlineData("cache tls", "REDIS_TLS_ENABLED")]
    public void Settings_SearchedFor_AreShownUnfolded(string words, string key)
    {
        var step = Settings(new WizardState { Edition = Edition.Enterprise });

        step.Find("[data-testid=setting-search]").Input(words);

        Assert.NotNull(step.Find($"[data-testid=settings-found] #field-setting-{key}"));
        Assert.Empty(step.FindAll("[data-testid=settings-first], [data-testid=group-cache]"));
        step.Find("[data-testid=setting-search]").Input(Hostile);
        Assert.Contains("No setting", step.Find("[data-testid=settings-found] legend").TextContent, StringComparison.Ordinal);
        Assert.Empty(step.FindAll("img"));
    }

    [Fact]
    public void Change_BeginsWithWhatThereIs_AndOpensTheOneThing()
    {
        (string, string)? gone = null;
        var state = WizardState.Of(
            Guid.NewGuid(),
            "standard",
            new EnvironmentSpec
            {
                Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["REQUEST_TIMEOUT"] = "45000" },
                Network = new NetworkSpec { Exposure = Exposure.LoadBalancer },
            }
        );
        var source = new ReviewSource(state, AllSettings, [], new Dictionary<string, string> { ["REDIS_URL"] = "v2" })
        {
            Profile = Standard,
        };
        var start = Render<ChangeStart>(p => p.Add(s => s.Source, source).Add(s => s.Href, (_, _) => "").Add(s => s.OnGo, to => gone = to));

        Assert.Contains("45000", start.Find("[data-testid=change-settings]").TextContent, StringComparison.Ordinal);
        Assert.Contains("2 to 6 pods over 3 zones, as the profile says", start.Find("[data-testid=change-size]").TextContent, StringComparison.Ordinal);
        Assert.Contains("load balancer", start.Find("[data-testid=change-network]").TextContent, StringComparison.Ordinal);
        Assert.Contains("stays as it is (v2)", start.Find("[data-testid=change-secrets]").TextContent, StringComparison.Ordinal);
        start.Find("[data-testid=change-of-REQUEST_TIMEOUT]").Click();
        Assert.Equal(("settings", "field-setting-REQUEST_TIMEOUT"), gone);

        // Also what nobody has set yet is found by its name.
        Assert.Empty(start.FindAll("[data-testid=change-of-field-ttl]"));
        start.Find("[data-testid=change-search]").Input("expires");
        start.Find("[data-testid=change-of-field-ttl]").Click();
        Assert.Equal(("network", "field-ttl"), gone);
        start.Find("[data-testid=change-search]").Input("nothing of that name");
        Assert.NotNull(start.Find("[data-testid=change-nothing]"));
    }

    [Fact]
    public void Review_OfANewRequest_SaysEverythingInTheWordsOfTheForm()
    {
        var state = new WizardState
        {
            Team = "payments",
            Name = "payments-dev",
            Cluster = "aks-weu",
            Profile = "standard",
            Exposure = Exposure.LoadBalancer,
            TtlHours = 8,
        };
        state.Settings["REQUEST_TIMEOUT"] = "1000";
        state.FurtherSecrets.Add("MY_SECRET");
        var review = Review(state, hidden: false);

        string Group(string step) => review.Find($"[data-testid=review-{step}]").TextContent;
        Assert.Contains("Payments team", Group("where"), StringComparison.Ordinal);
        Assert.Contains("Open source", Group("where"), StringComparison.Ordinal);
        Assert.Contains("2 to 6 pods over 3 zones", Group("size"), StringComparison.Ordinal);
        Assert.Contains("CPU 500m to 1", Group("size"), StringComparison.Ordinal);
        Assert.Contains("Request timeout", Group("settings"), StringComparison.Ordinal);
        Assert.Contains("MY_SECRET", Group("secrets"), StringComparison.Ordinal);
        Assert.Contains("Expires after (hours)", Group("network"), StringComparison.Ordinal);
        Assert.Contains("any address on port 443", Group("network"), StringComparison.Ordinal);
        Assert.DoesNotContain("LoadBalancer", review.Markup, StringComparison.Ordinal);
        Assert.Equal("button", review.Find("[data-testid=wizard-submit]").GetAttribute("type"));
    }

    [Fact]
    public void Review_LeftForAnotherStep_KeepsTheFieldsOfSecretsInThePage()
    {
        var state = new WizardState { Team = "payments", Name = "payments-dev" };
        var review = Review(state, hidden: false);
        Assert.False(review.Find("form").Closest("[hidden]") is not null);

        review.Render(p => p.Add(r => r.Hidden, true));

        Assert.NotNull(review.Find("#field-secret-MY_SECRET").Closest("[hidden]"));
        Assert.Empty(review.FindAll("[data-testid=review-where]"));
    }

    [Fact]
    public void Review_SecretThatWasRefused_SaysSoAtItsFieldAndNeverHoldsTheValue()
    {
        var state = new WizardState { Team = "payments", Name = "payments-dev" };
        var review = Review(state, hidden: false, new FieldProblem("spec.secrets.MY_SECRET", "Too long."));

        var field = review.Find("#field-secret-MY_SECRET");
        Assert.Equal("true", field.GetAttribute("aria-invalid"));
        Assert.False(field.HasAttribute("value"));
        Assert.True(review.Find("form").HasAttribute("data-keep"));
        Assert.Contains("MY_SECRET", review.Find("[data-testid=review-problems]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Yaml_ThatWasRefused_LeavesTheTextToTheBrowser()
    {
        var state = new WizardState { Team = "payments", Name = "payments-dev" };
        var step = Render<YamlStep>(p => p.Add(s => s.State, state).Add(s => s.Draft, Guid.NewGuid()));
        var before = step.Find("#spec-yaml").TextContent;

        step.Render(p => p.Add(s => s.Problems, [new FieldProblem("spec.network", "Not a field.")]));

        // The same text as before: nothing is sent that would stand in the place of what was typed.
        Assert.Equal(before, step.Find("#spec-yaml").TextContent);
        Assert.True(step.Find("form").HasAttribute("data-keep"));
        Assert.Equal("true", step.Find("#spec-yaml").GetAttribute("aria-invalid"));
        Assert.Equal("-1", step.Find("#wizard-errors").GetAttribute("tabindex"));
    }

    private static ProfileView Standard => new("standard", "Standard", "", 2, 6, 3, "500m", "1", "1Gi", "2Gi", 4, 8, 100, false);

    private IRenderedComponent<SettingsStep> Settings(WizardState state) =>
        Render<SettingsStep>(p =>
            p.Add(s => s.State, state)
                .Add(s => s.Settings, AllSettings)
                .Add(s => s.Problem, _ => null)
                .Add(s => s.OnChange, EventCallback.Empty)
        );

    private IRenderedComponent<ReviewStep> Review(WizardState state, bool hidden, params FieldProblem[] posted)
    {
        IReadOnlyList<SettingView> secrets = [SettingRules.Unknown("MY_SECRET")];
        return Render<ReviewStep>(p =>
            p.Add(s => s.State, state)
                .Add(s => s.Draft, Guid.NewGuid())
                .Add(s => s.Secrets, secrets)
                .Add(s => s.Check, new CheckView([], [], 0, 0, [], []))
                .Add(s => s.Posted, posted)
                .Add(s => s.Hidden, hidden)
                .Add(s => s.Href, (_, _) => "")
                .Add(
                    s => s.Source,
                    new ReviewSource(state, AllSettings, secrets, new Dictionary<string, string>())
                    {
                        Teams = [new(Guid.NewGuid(), "payments", "Payments team")],
                        Profile = Standard,
                    }
                )
                .Add(s => s.OnChange, EventCallback.Empty)
                .Add(s => s.OnSubmit, EventCallback.Empty)
        );
    }
}
