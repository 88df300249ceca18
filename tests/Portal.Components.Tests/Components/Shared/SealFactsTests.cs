using Bunit;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Components.Tests.Components.Shared;

public sealed class SealFactsTests : PageTest
{
    [Theory]
    [InlineData(0, "", "", "Not sealed yet")]
    [InlineData(7, "", "", "Sealed")]
    [InlineData(7, "", "No seal can be written to /seals: it is full", "Not sealed")]
    [InlineData(7, "Chain portal goes back.", "", "History does not agree with its seals")]
    public void State_Any_IsSaidWithItsReason(long seals, string problem, string failure, string said)
    {
        var facts = Render<SealFacts>(p =>
            p.Add(
                c => c.Status,
                new SealStatus("/seals", seals, seals > 0 ? DateTime.UtcNow : null, problem.Length > 0 ? [problem] : [], failure)
            )
        );

        Assert.Contains(said, facts.Find("[data-testid=seals-state]").TextContent, StringComparison.Ordinal);
        Assert.Equal(
            problem.Length > 0 ? [problem] : Array.Empty<string>(),
            facts.FindAll("[data-testid=seals-problem]").Select(p => p.TextContent)
        );
        Assert.Equal(
            failure.Length > 0 ? [failure] : Array.Empty<string>(),
            facts.FindAll("[data-testid=seals-failure]").Select(p => p.TextContent)
        );
    }
}
