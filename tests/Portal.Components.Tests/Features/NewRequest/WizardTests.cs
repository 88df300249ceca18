using Bunit;
using Microsoft.AspNetCore.Components;
using Portkey.Portal.Components.Tests.Components.Shared;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Teams;
using Portkey.Portal.Web.Features.NewRequest;

namespace Portkey.Portal.Components.Tests.Features.NewRequest;

public sealed class WizardTests : PageTest
{
    [Theory]
    [InlineData("payments-dev", true)]
    [InlineData("a", true)]
    [InlineData("", false)]
    [InlineData("Payments", false)]
    [InlineData("9lives", false)]
    [InlineData("pay ments", false)]
    [InlineData("pay_ments", false)]
    [InlineData("-pay", false)]
    [InlineData("pay-", false)]
    [InlineData("zahlung-ä", false)]
    [InlineData("<img onerror>", false)]
    public void Name_AsTyped_IsJudged(string name, bool fine) => Assert.Equal(fine, NameRule.WhatIsWrong(name) is null);

    [Fact]
    public void Name_TooLong_SaysHowLong() => Assert.Contains("41", NameRule.WhatIsWrong(new string('a', 41)), StringComparison.Ordinal);

    [Fact]
    public void Where_BadNameTyped_SaysSoAtTheField()
    {
        var state = new WizardState();
        var step = Render<WhereStep>(p =>
            p.Add(s => s.State, state)
                .Add(s => s.Teams, [new TeamView(Guid.NewGuid(), "payments", "Payments")])
                .Add(s => s.Clusters, [])
                .Add(s => s.Problem, _ => null)
                .Add(s => s.OnChange, EventCallback.Empty)
        );

        step.Find("[data-testid=field-name]").Input("Bad Name");

        Assert.Contains("lower-case", step.Find("[data-testid=error-field-name]").TextContent, StringComparison.Ordinal);
        Assert.Equal("true", step.Find("[data-testid=field-name]").GetAttribute("aria-invalid"));
    }

    [Fact]
    public void Draft_ThereAndBack_IsTheSameAndHasNoSecrets()
    {
        var state = new WizardState
        {
            Team = "payments",
            Name = "payments-dev",
            Cluster = "sandbox",
            Profile = "standard",
            Exposure = Exposure.Ingress,
            Host = "g.example.com",
            Reason = Hostile,
            TtlHours = 8,
        };
        state.Settings["REQUEST_TIMEOUT"] = "1000";

        var json = state.ToJson();
        var back = WizardState.FromJson(json);

        Assert.Equal(json, back.ToJson());
        Assert.Equal(Hostile, back.Reason);
        Assert.Contains("\"edition\":\"oss\"", json, StringComparison.Ordinal);
        Assert.Contains("\"exposure\":\"ingress\"", json, StringComparison.Ordinal);
        Assert.DoesNotContain("secrets", json, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void ServiceName_Untouched_FollowsTheName()
    {
        var state = new WizardState { Name = "a" };
        state.Name = "payments-dev";

        Assert.Equal("payments-dev", state.Spec().Settings["SERVICE_NAME"]);
    }

    [Theory]
    [InlineData("LOG_STORE=azure&AZURE_AUTH_MODE=", "azure", "", true)]
    [InlineData("LOG_STORE=azure&AZURE_AUTH_MODE=", "azure", "managed", false)]
    [InlineData("LOG_STORE=s3|gcs", "gcs", "", true)]
    [InlineData("LOG_STORE=s3|gcs", "azure", "", false)]
    [InlineData("edition=enterprise", "", "", true)]
    public void Required_ByRule_DependsOnTheOtherSettings(string rule, string logStore, string auth, bool required)
    {
        var state = new WizardState { Edition = Edition.Enterprise };
        state.Settings["LOG_STORE"] = logStore;
        state.Settings["AZURE_AUTH_MODE"] = auth;

        Assert.Equal(required, SettingRules.IsRequired(Setting("X", rule), state));
    }

    [Fact]
    public void Secrets_OfOpenSource_NeedNone() =>
        Assert.Contains(
            "needs no secret",
            Render<SecretsStep>(p => p.Add(s => s.Needed, []).Add(s => s.State, new WizardState())).Markup,
            StringComparison.Ordinal
        );

    [Fact]
    public void Secrets_NameThatThePortalDoesNotKnow_IsAskedForOnTheLastPageOnly()
    {
        var state = new WizardState { Team = "payments", Name = "payments-dev" };
        var step = Secrets(state, _ => null);

        Add(step, "MY_SECRET");

        Assert.Contains("Not known to the portal", step.Find("[data-testid=further-MY_SECRET]").TextContent, StringComparison.Ordinal);
        Assert.Equal(["MY_SECRET"], WizardState.FromJson(state.ToJson()).FurtherSecrets);
        Assert.DoesNotContain("MY_SECRET", state.ToRequest(), StringComparison.Ordinal);
        Assert.Empty(step.FindAll("input[type=password]"));

        step.Find("[data-testid=remove-MY_SECRET]").Click();
        Assert.Empty(state.FurtherSecrets);
    }

    [Theory]
    [InlineData("NODE_OPTIONS", "load other code")]
    [InlineData("MY-SECRET", "letters, digits and underscores")]
    [InlineData("", "Give a name")]
    [InlineData("MY_SECRET=canary-value", "Only the name")]
    [InlineData("MY_FLAG", "given under Settings")]
    public void Secrets_NameThatCannotBe_IsRefusedAtTheFieldAndItsValueForgotten(string typed, string words)
    {
        var state = new WizardState
        {
            Team = "payments",
            Name = "payments-dev",
            Variables = "MY_FLAG=on",
        };
        var step = Secrets(state, _ => null);

        Add(step, typed);

        Assert.Contains(words, step.Find("[data-testid=error-field-secret-name]").TextContent, StringComparison.Ordinal);
        Assert.Equal("true", step.Find("[data-testid=field-secret-name]").GetAttribute("aria-invalid"));
        Assert.Empty(state.FurtherSecrets);
        Assert.DoesNotContain("canary", step.Markup + state.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_ThatFewNeed_AreFoldedUnlessOneIsGiven()
    {
        IReadOnlyList<SettingView> all = [.. SettingsCatalog.All.Select(s => s.View)];
        var state = new WizardState { Edition = Edition.Enterprise };
        var step = Render<SettingsStep>(p =>
            p.Add(s => s.State, state).Add(s => s.Settings, all).Add(s => s.Problem, _ => null).Add(s => s.OnChange, EventCallback.Empty)
        );
        Assert.False(step.Find("[data-testid=rare-cache]").HasAttribute("open"));
        Assert.NotEmpty(step.FindAll("[data-testid=rare-cache] [data-testid=field-setting-REDIS_WORKERS_HOST]"));
        Assert.Empty(step.FindAll("[data-testid=rare-cache] [data-testid=field-setting-CACHE_STORE]"));

        state.Settings["REDIS_WORKERS_HOST"] = "workers.example.com";
        step = Render<SettingsStep>(p =>
            p.Add(s => s.State, state).Add(s => s.Settings, all).Add(s => s.Problem, _ => null).Add(s => s.OnChange, EventCallback.Empty)
        );
        Assert.True(step.Find("[data-testid=rare-cache]").HasAttribute("open"));
    }

    [Fact]
    public void UnknownVariables_WhereAdministratorsForbidThem_AreRefusedWhereTheyWereGiven()
    {
        var state = new WizardState
        {
            Team = "payments",
            Name = "payments-dev",
            Variables = "MY_FLAG=on",
        };
        state.FurtherSecrets.Add("MY_SECRET");
        var problems = SpecValidator
            .Judge(
                new SpecCandidate(
                    state.Spec(),
                    Dev,
                    new Dictionary<string, string> { ["MY_SECRET"] = "to-be-entered" },
                    new HashSet<string>()
                )
                {
                    Policy = new() { UnknownVariables = false },
                }
            )
            .Problems;
        string? Problem(string field) => problems.FirstOrDefault(p => p.Field == field)?.Message;

        Assert.Contains(
            "administrators forbid",
            Secrets(state, Problem).Find("[data-testid=error-further-MY_SECRET]").TextContent,
            StringComparison.Ordinal
        );
        var settings = Render<SettingsStep>(p =>
            p.Add(s => s.State, state).Add(s => s.Settings, []).Add(s => s.Problem, Problem).Add(s => s.OnChange, EventCallback.Empty)
        );
        Assert.Contains(
            "MY_FLAG: The portal knows no setting",
            settings.Find("[data-testid=error-field-variables]").TextContent,
            StringComparison.Ordinal
        );
        Assert.All(problems, p => Assert.True(WizardSteps.Holds("settings", p.Field) || WizardSteps.Holds("secrets", p.Field), p.Field));
    }

    [Theory]
    [InlineData("VENDOR_TOKEN=canary-value")]
    [InlineData("PORTKEY_CLIENT_AUTH=canary-value")]
    [InlineData("MY_URL=https://user:canary-value@example.com")]
    public void Draft_WithASecretTypedAsAVariable_DoesNotKeepItsValue(string line)
    {
        var state = new WizardState
        {
            Team = "payments",
            Name = "payments-dev",
            Variables = line,
        };

        Assert.DoesNotContain("canary-value", state.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void Network_ConfigMapTakenOut_KeepsTheFoldOpenForWhatComesInItsPlace()
    {
        var state = new WizardState { CaConfigMap = "company-ca" };
        var step = Render<NetworkStep>(p =>
            p.Add(s => s.State, state).Add(s => s.Problem, _ => null).Add(s => s.OnChange, EventCallback.Empty)
        );

        step.Find("[data-testid=field-ca-map]").Input("");

        Assert.True(step.Find("[data-testid=company-certificates]").HasAttribute("open"));
        Assert.Null(state.Spec().CaBundle);
    }

    private static Profile Dev =>
        new()
        {
            Name = "dev",
            DisplayName = "",
            Description = "",
            Replicas = 1,
            MaxReplicas = 1,
            Zones = 1,
            CpuRequest = "1",
            CpuLimit = "1",
            MemoryRequest = "1Gi",
            MemoryLimit = "1Gi",
            NodeCpu = 2,
            NodeMemoryGiB = 4,
            BuiltInRedisAllowed = true,
            Order = 1,
        };

    private IRenderedComponent<SecretsStep> Secrets(WizardState state, Func<string, string?> problem) =>
        Render<SecretsStep>(p =>
            p.Add(s => s.Needed, []).Add(s => s.State, state).Add(s => s.Problem, problem).Add(s => s.OnChange, EventCallback.Empty)
        );

    private static void Add(IRenderedComponent<SecretsStep> step, string name)
    {
        step.Find("[data-testid=field-secret-name]").Change(name);
        step.Find("[data-testid=further-secrets] form").Submit();
    }

    private static SettingView Setting(string key, string requiredWhen) =>
        new(key, "group", key, "", false, [Edition.Enterprise], false, requiredWhen, "", [], "", "", "");
}
