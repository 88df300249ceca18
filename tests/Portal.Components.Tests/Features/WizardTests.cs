using Bunit;
using Microsoft.AspNetCore.Components;
using Portkey.Portal.Components.Tests.Shared;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Teams;
using Portkey.Portal.Web.Components.Features.NewRequest;

namespace Portkey.Portal.Components.Tests.Features;

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
        var step = Render<WhereStep>(p => p.Add(s => s.State, state).Add(s => s.Teams, [new TeamView(Guid.NewGuid(), "payments", "Payments")]).Add(s => s.Clusters, [])
            .Add(s => s.Problem, _ => null).Add(s => s.OnChange, EventCallback.Empty));

        step.Find("[data-testid=field-name]").Input("Bad Name");

        Assert.Contains("lower-case", step.Find("[data-testid=error-field-name]").TextContent, StringComparison.Ordinal);
        Assert.Equal("true", step.Find("[data-testid=field-name]").GetAttribute("aria-invalid"));
    }

    [Fact]
    public void Draft_ThereAndBack_IsTheSameAndHasNoSecrets()
    {
        var state = new WizardState { Team = "payments", Name = "payments-dev", Cluster = "sandbox", Profile = "standard", Exposure = Exposure.Ingress, Host = "g.example.com", Reason = Hostile, TtlHours = 8 };
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
        Assert.Contains("needs no secret", Render<SecretsStep>(p => p.Add(s => s.Needed, []).Add(s => s.State, new WizardState())).Markup, StringComparison.Ordinal);

    private static SettingView Setting(string key, string requiredWhen) =>
        new(key, "group", key, "", false, [Edition.Enterprise], false, requiredWhen, "", [], "", "", "");
}
