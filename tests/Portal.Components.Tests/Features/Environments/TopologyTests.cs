using Bunit;
using Portkey.Portal.Components.Tests.Components.Shared;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Web.Features.Environments;
using HealthBars = Portkey.Portal.Web.Features.Environments.HealthBars;

namespace Portkey.Portal.Components.Tests.Features.Environments;

public sealed class TopologyTests : PageTest
{
    [Fact]
    public void Picture_OfParts_HasTextAlternativeAndNoMarkupFromNames()
    {
        var picture = Render<TopologyPicture>(p =>
            p.Add(
                t => t.Topology,
                new TopologyView(
                    [Node("clients", "Clients"), Node("gateway", "Gateway"), Node("redis", Hostile)],
                    [new("clients", "gateway", ""), new("gateway", "redis", "")]
                )
            )
        );

        Assert.Contains("Gateway: Healthy", picture.Find("svg[role=img]").GetAttribute("aria-label"), StringComparison.Ordinal);
        Assert.Empty(picture.FindAll("img"));
        Assert.Equal(3, picture.FindAll(".topology-list li").Count);
    }

    [Fact]
    public void Layout_OfLinks_GoesFromLeftToRight()
    {
        var layout = TopologyLayout.Of(
            new TopologyView([Node("c", "c"), Node("b", "b"), Node("a", "a")], [new("a", "b", ""), new("b", "c", "")])
        );

        Assert.Equal(["a", "b", "c"], layout.Boxes.OrderBy(b => b.X).Select(b => b.Node.Id));
        Assert.Equal(2, layout.Wires.Count);
    }

    [Fact]
    public void Layout_OfACircle_Ends() =>
        Assert.Equal(
            2,
            TopologyLayout.Of(new TopologyView([Node("a", "a"), Node("b", "b")], [new("a", "b", ""), new("b", "a", "")])).Boxes.Count
        );

    [Fact]
    public void Bars_OfADay_SayInWordsWhatTheyShow()
    {
        var start = DateTime.UtcNow.AddDays(-1);
        HealthBucket[] buckets =
        [
            .. Enumerable
                .Range(0, 144)
                .Select(i => new HealthBucket(
                    start.AddMinutes(i * 10),
                    start.AddMinutes(i * 10 + 10),
                    i < 140 ? HealthStatus.Healthy : HealthStatus.Unhealthy,
                    Hostile
                )),
        ];

        var bars = Render<HealthBars>(p => p.Add(b => b.Buckets, buckets));

        Assert.Equal(144, bars.FindAll("rect").Count);
        Assert.StartsWith($"{start:d MMM HH:mm} to", bars.Find("rect").GetAttribute("data-bar"), StringComparison.Ordinal);
        Assert.Contains($"UTC: Healthy. {Hostile}", bars.Find("rect").GetAttribute("data-bar"), StringComparison.Ordinal);
        Assert.Contains("40 minutes unhealthy", bars.Find("svg").GetAttribute("aria-label"), StringComparison.Ordinal);
        Assert.Empty(bars.FindAll("img"));
    }

    private static TopologyNode Node(string id, string label) =>
        new(id, label, "1 of 1 pods ready", HealthStatus.Healthy, [new("p", true, "Running", 0, "n")]);
}
