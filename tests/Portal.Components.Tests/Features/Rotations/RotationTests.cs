using Bunit;
using Microsoft.AspNetCore.Components;
using Portkey.Portal.Components.Tests.Components.Shared;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Rotations;
using Portkey.Portal.Web.Components.Shared;
using Portkey.Portal.Web.Features.Credentials;
using Portkey.Portal.Web.Features.NewRequest;
using Portkey.Portal.Web.Features.Rotations;

namespace Portkey.Portal.Components.Tests.Features.Rotations;

public sealed class RotationTests : PageTest
{
    [Fact]
    public void Waves_InTheMiddle_SayWhatIsDoneUnderWayAndToCome()
    {
        var (request, operation) = (Guid.NewGuid(), Guid.NewGuid());
        var waves = Render<WavesPicture>(p =>
            p.Add(w => w.Last, "v1 is disabled for good.")
                .Add(
                    w => w.Waves,
                    [
                        [new(Guid.NewGuid(), "first", request, operation, RequestState.Applied, "", "")],
                        [
                            new(Guid.NewGuid(), "second", request, null, RequestState.Approved, "Wait for pods", ""),
                            new(Guid.NewGuid(), "third", request, null, RequestState.Failed, "", Hostile),
                        ],
                        [new(Guid.Empty, "of another team", Guid.Empty, null, RequestState.Pending, "", "")],
                    ]
                )
        );

        Assert.Contains("1 of 1", waves.Find(".wave").TextContent, StringComparison.Ordinal);
        Assert.Contains("Rotated", waves.Find("[data-testid=member-first]").TextContent, StringComparison.Ordinal);
        Assert.Equal($"/operations/{operation}", waves.Find("[data-testid=member-first] a").GetAttribute("href"));
        Assert.Contains("Wait for pods", waves.Find("[data-testid=member-second]").TextContent, StringComparison.Ordinal);
        Assert.Contains(Hostile, waves.Find("[data-testid=member-third]").TextContent, StringComparison.Ordinal);
        Assert.Empty(waves.FindAll("img"));
        Assert.Empty(waves.FindAll("[data-testid='member-of another team'] a"));
    }

    [Fact]
    public void SecretsStep_WithSharedOnes_OffersThem_AndTakesOneBack()
    {
        var state = new WizardState { Shared = { ["REDIS_URL"] = "redis-eu" } };
        var changed = 0;
        var step = Render<SecretsStep>(p =>
            p.Add(s => s.State, state)
                .Add(s => s.Needed, [])
                .Add(
                    s => s.Choices,
                    [
                        new SharedCredentialChoice(Guid.NewGuid(), "redis-eu", "REDIS_URL", "all teams", "v2"),
                        new SharedCredentialChoice(Guid.NewGuid(), "redis-us", "REDIS_URL", "Payments", "v1"),
                    ]
                )
                .Add(s => s.OnChange, EventCallback.Factory.Create(this, () => changed++))
        );

        var choice = step.Find("[data-testid=source-REDIS_URL]");
        Assert.Equal(
            ["A value of its own", "Shared: redis-eu (all teams, v2)", "Shared: redis-us (Payments, v1)"],
            choice.QuerySelectorAll("option").Select(o => o.TextContent)
        );
        choice.Change("redis-us");
        Assert.Equal("redis-us", state.Spec().SharedSecrets!["REDIS_URL"]);
        step.Find("[data-testid=source-REDIS_URL]").Change("");
        Assert.Null(state.Spec().SharedSecrets);
        Assert.Equal(2, changed);
    }

    [Fact]
    public void Plan_SaysTheConfiguredTime()
    {
        Assert.Contains(
            "10 minutes with both versions valid",
            Render<RotationPlan>(p => p.Add(r => r.From, "v1").Add(r => r.To, "v2").Add(r => r.Soak, TimeSpan.FromMinutes(10))).Markup,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "4 s with both versions valid",
            Render<RotationPlan>(p => p.Add(r => r.From, "v1").Add(r => r.To, "v2").Add(r => r.Soak, TimeSpan.FromSeconds(4))).Markup,
            StringComparison.Ordinal
        );
    }
}
