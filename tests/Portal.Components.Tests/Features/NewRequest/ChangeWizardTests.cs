using Portkey.Portal.Web.Components.Shared;
using Bunit;
using Microsoft.AspNetCore.Components;
using Portkey.Portal.Components.Tests.Components.Shared;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Imports;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Web.Features.Home;
using Portkey.Portal.Web.Features.NewRequest;

namespace Portkey.Portal.Components.Tests.Features.NewRequest;

/// <summary>The wizard for an environment that exists.</summary>
public sealed class ChangeWizardTests : PageTest
{
    private static readonly Guid Environment = Guid.NewGuid();

    private static EnvironmentSpec Approved =>
        new()
        {
            Edition = Edition.Enterprise,
            Settings = new Dictionary<string, string> { ["REQUEST_TIMEOUT"] = "1000", ["SERVICE_NAME"] = "payments-dev" },
            Network = new NetworkSpec
            {
                Exposure = Exposure.Ingress,
                Host = "g.example.com",
                IngressClass = "traefik",
                Egress = ["10.0.0.0/8:443"],
            },
            Autoscaling = new AutoscalingSpec { Min = 2, Max = 5 },
            ImageTag = "1.2.3",
            TtlHours = 8,
        };

    [Fact]
    public void State_OfWhatIsApproved_AsksForTheSameIncludingWhatTheWizardDoesNotShow()
    {
        var state = WizardState.FromJson(WizardState.Of(Environment, "standard", Approved).ToJson());
        state.Name = "payments-dev";

        var command = state.Command([]);

        Assert.Equal((RequestKind.Change, Environment, "standard"), (command.Kind, command.EnvironmentId!.Value, command.Profile));
        Assert.Null(command.Name ?? command.Team ?? command.Cluster);
        Assert.Empty(SpecChanges.Of("standard", Approved, command.Profile!, command.Spec!));
        Assert.Equal(("traefik", "1.2.3", 5), (command.Spec!.Network.IngressClass, command.Spec.ImageTag, command.Spec.Autoscaling!.Max));
    }

    [Fact]
    public void Changes_OfSettingsAndSize_AreNamedWithBeforeAndAfter()
    {
        var state = WizardState.Of(Environment, "standard", Approved);
        state.Settings["REQUEST_TIMEOUT"] = "";
        state.Settings["LOG_LEVEL"] = Hostile;
        state.Kept = state.Kept with { Autoscaling = null };
        state.Replicas = 4;

        var changes = SpecChanges.Of("dev", Approved, state.Profile, state.Spec());

        Assert.Equal(
            [
                new("Profile", "dev", "standard"),
                new("Pods", "as the profile says", "4"),
                new("Autoscaling", "2 to 5 pods", "as the profile says"),
                new("REQUEST_TIMEOUT", "1000", ""),
                new("LOG_LEVEL", "", Hostile),
            ],
            changes
        );
    }

    [Fact]
    public void Where_OfAChange_OffersNothingToEdit()
    {
        var state = WizardState.Of(Environment, "standard", Approved);
        state.Name = Hostile;

        var step = Render<WhereStep>(p =>
            p.Add(s => s.State, state)
                .Add(s => s.Teams, [])
                .Add(s => s.Clusters, [])
                .Add(s => s.Problem, _ => null)
                .Add(s => s.OnChange, EventCallback.Empty)
        );

        Assert.Empty(step.FindAll("input, select, textarea, img"));
        Assert.Contains(Hostile, step.Find("[data-testid=fixed-facts]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_Stored_AreKeptUntilThePersonReplacesThem()
    {
        var state = WizardState.Of(Environment, "standard", Approved);
        var step = Render<SecretsStep>(p =>
            p.Add(s => s.State, state)
                .Add(s => s.Needed, [])
                .Add(s => s.Kept, new Dictionary<string, string> { ["REDIS_PASSWORD"] = "v3" })
                .Add(s => s.OnChange, EventCallback.Empty)
        );
        Assert.Contains("kept (v3)", step.Find("[data-testid=kept-REDIS_PASSWORD]").TextContent, StringComparison.Ordinal);

        step.Find("[data-testid=replace-REDIS_PASSWORD]").Change(true);

        Assert.Equal(["REDIS_PASSWORD"], state.Replaced);
        Assert.Contains("to be entered", step.Find("[data-testid=kept-REDIS_PASSWORD]").TextContent, StringComparison.Ordinal);
        Assert.Empty(step.FindAll("input[type=password]"));
        Assert.Equal(["REDIS_PASSWORD"], WizardState.FromJson(state.ToJson()).Replaced);
        Assert.DoesNotContain("REDIS_PASSWORD", state.ToRequest(), StringComparison.Ordinal);
    }

    [Fact]
    public void Review_WithNothingChanged_CannotBeSentAndSaysSo()
    {
        var state = WizardState.Of(Environment, "standard", Approved);
        state.Name = "payments-dev";
        var check = new CheckView([new("spec", "Nothing differs from revision 3.")], [], 0, 0, [], []);

        var review = Render<ReviewStep>(p =>
            p.Add(s => s.State, state)
                .Add(s => s.Draft, Guid.NewGuid())
                .Add(s => s.Secrets, [])
                .Add(s => s.Check, check)
                .Add(s => s.OnChange, EventCallback.Empty)
                .Add(s => s.OnSubmit, EventCallback.Empty)
        );

        Assert.Contains("Nothing yet", review.Find("[data-testid=review-changes]").TextContent, StringComparison.Ordinal);
        Assert.Contains("Nothing differs", review.Find("[data-testid=review-problems]").TextContent, StringComparison.Ordinal);
        Assert.True(review.Find("[data-testid=wizard-submit]").HasAttribute("disabled"));
    }

    [Theory]
    [InlineData("request.proposed", "Lea", "create payments-dev", "Lea asked to create payments-dev")]
    [InlineData("operation.failed", "", "rollback payments-dev", "The portal failed to roll back payments-dev")]
    [InlineData("secret.stored", "Lea", "REDIS_PASSWORD of payments-dev", "Lea stored a new version of REDIS_PASSWORD of payments-dev")]
    public void Timeline_OfAnEvent_IsASentence(string action, string who, string target, string sentence)
    {
        var item = new RecentEvent(DateTime.UtcNow, action, "x", who, target, null, null);

        Assert.Equal(sentence, $"{TimelineText.Who(item)} {TimelineText.Did(item)} {TimelineText.What(item)}");
        var card = Render<TimelineCard>(p => p.Add(c => c.Recent, [item]));
        Assert.Empty(card.FindAll("a"));
        Assert.Contains(
            sentence,
            string.Join(' ', card.Find("li").TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Spec_WithAllThatCompaniesNeed_ComesBackFromFormAndDraft()
    {
        var spec = new EnvironmentSpec
        {
            Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["REQUEST_TIMEOUT"] = "1000", ["MY_FLAG"] = "a=b" },
            ImageRepository = "registry.example.com/portkeyai/gateway",
            ImageTag = "1.15.2",
            GraceSeconds = 60,
            DataServiceImage = new() { Tag = "1.8.0" },
            ServiceAccount = new()
            {
                Name = "gateway-sa",
                Annotations = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["eks.amazonaws.com/role-arn"] = "arn:aws:iam::123456789012:role/gateway",
                },
            },
            CaBundle = new() { Pem = "-----BEGIN CERTIFICATE-----" },
            Network = new()
            {
                Exposure = Exposure.Ingress,
                Host = "g.example.com",
                Port = 80,
                ServiceAnnotations = new Dictionary<string, string>(StringComparer.Ordinal) { ["a/b"] = "c=d" },
                IngressAnnotations = new Dictionary<string, string>(StringComparer.Ordinal) { ["e/f"] = "g" },
            },
        };
        var state = WizardState.Of(Guid.NewGuid(), "dev", spec);

        Assert.Equal("MY_FLAG=a=b", state.Variables);
        Assert.Equal(SpecYaml.Write(spec), SpecYaml.Write(state.Spec()));
        Assert.Equal(SpecYaml.Write(spec), SpecYaml.Write(WizardState.FromJson(state.ToJson()).Spec()));
        var shown = SpecChanges.Further(spec).Select(c => c.After).ToList();
        Assert.All(
            new[] { "registry.example.com/portkeyai/gateway", "80", "a/b=c=d", "e/f=g", "60 s" },
            value => Assert.Contains(value, shown)
        );
        Assert.Contains(shown, value => value.Contains("role/gateway", StringComparison.Ordinal));
    }
}
