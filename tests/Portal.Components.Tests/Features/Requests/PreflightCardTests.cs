using Bunit;
using Portkey.Portal.Components.Tests.Components.Shared;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Web.Features.Requests;

namespace Portkey.Portal.Components.Tests.Features.Requests;

public sealed class PreflightCardTests : PageTest
{
    [Fact]
    public void Checks_SayFromWhereTheyLooked_AndHostileWordsStayText()
    {
        CheckResult[] checks =
        [
            new("redis", "Redis answers", CheckStatus.Passed, "It answers.", "", 3)
            {
                LookedFrom = LookedFrom.Portal,
                Caveat = "Says little.",
            },
            new("cluster-network", "Pods reach every address", CheckStatus.Failed, Hostile, Hostile, 3) { LookedFrom = LookedFrom.Job },
            new("quota", "Quota has room", CheckStatus.Passed, "Room.", "", 3) { LookedFrom = LookedFrom.ClusterApi },
            new("pull-secret", "Image pull secret", CheckStatus.Passed, "Right.", "", 3) { LookedFrom = LookedFrom.Computed },
            new("old", "Stored before", CheckStatus.Passed, "Right.", "", 3),
        ];
        var card = Render<PreflightCard>(p =>
            p.Add(c => c.Preflight, new PreflightView(PreflightState.Finished, DateTime.UtcNow, DateTime.UtcNow, 1, 0, checks))
        );

        Assert.Contains("from the portal", From("redis"), StringComparison.Ordinal);
        Assert.Contains("Says little.", card.Find("[data-testid=preflight-redis]").TextContent, StringComparison.Ordinal);
        Assert.Contains("from a Job in the cluster", From("cluster-network"), StringComparison.Ordinal);
        Assert.Contains("from the cluster's API", From("quota"), StringComparison.Ordinal);
        Assert.Contains("computed", From("pull-secret"), StringComparison.Ordinal);
        Assert.DoesNotContain("from", From("old"), StringComparison.Ordinal);
        Assert.Empty(card.FindAll("img"));

        string From(string id) => card.Find($"[data-testid=preflight-{id}] [data-testid=preflight-from]").TextContent;
    }
}
