using Bunit;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Components.Tests.Components.Shared;

/// <summary>A difference shows what changes with three lines around it; the rest is a click away.</summary>
public sealed class DiffTests : PageTest
{
    private static List<DiffLine> Lines(int before, int after) =>
        [
            .. Enumerable.Range(0, before).Select(i => new DiffLine(DiffChange.Unchanged, $"before {i}")),
            new(DiffChange.Removed, "old"),
            new(DiffChange.Added, "new"),
            .. Enumerable.Range(0, after).Select(i => new DiffLine(DiffChange.Unchanged, $"after {i}")),
        ];

    [Theory]
    [InlineData(10, 10, "folded 7, shown 8, folded 7")]
    [InlineData(3, 3, "shown 8")]
    [InlineData(4, 0, "shown 1, shown 5")]
    [InlineData(0, 5, "shown 5, folded 2")]
    public void Hunks_OfAChange_KeepThreeLinesAroundIt(int before, int after, string hunks) =>
        Assert.Equal(
            hunks,
            string.Join(", ", DiffHunk.Of(Lines(before, after)).Select(h => $"{(h.IsFolded ? "folded" : "shown")} {h.Lines.Count}"))
        );

    [Fact]
    public void Diff_OfOneChangedObject_IsOpen_UnfoldsAtAClick_AndFoldsWhatDoesNotChange()
    {
        var diff = Render<DiffView>(p =>
            p.Add(
                d => d.Objects,
                [
                    new("Deployment", "gateway", DiffChange.Changed, Lines(20, 0)),
                    new("Service", "gateway", DiffChange.Unchanged, [new(DiffChange.Unchanged, Hostile)]),
                    new("ConfigMap", "gateway", DiffChange.Unchanged, []),
                ]
            )
        );

        Assert.Equal(5, diff.FindAll(".line-added, .line-removed, .line-unchanged").Count);
        Assert.Equal("17 lines as before", diff.Find("[data-testid=diff-unfold]").TextContent);
        Assert.Contains("2 objects do not change", diff.Find("[data-testid=diff-same]").TextContent, StringComparison.Ordinal);
        Assert.Single(diff.FindAll("details[open]"));

        diff.Find("[data-testid=diff-unfold]").Click();
        Assert.Equal(22, diff.FindAll(".line-added, .line-removed, .line-unchanged").Count);

        diff.Find("[data-testid=diff-search]").Input("<img");
        Assert.Contains(Hostile, diff.Find("[data-testid=diff]").TextContent, StringComparison.Ordinal);
        Assert.Empty(diff.FindAll("img"));
    }

    [Theory]
    [InlineData(0, "0 pods")]
    [InlineData(1, "1 pod")]
    [InlineData(2, "2 pods")]
    public void Plural_OfACount_AgreesWithIt(int count, string words) => Assert.Equal(words, Plural.Of(count, "pod"));

    [Theory]
    [InlineData("spec.network.egress[0]", "May call")]
    [InlineData("spec.network.openEgressReason", "Why it may call any address")]
    [InlineData("spec.autoscaling.min", "Autoscaling")]
    [InlineData("spec.imageRepository", "Image repository")]
    [InlineData("spec.settings.REQUEST_TIMEOUT", "Request timeout, REQUEST_TIMEOUT")]
    [InlineData("spec.settings.MY_FLAG", "MY_FLAG")]
    [InlineData("redis", "redis")]
    public void NameOf_AField_IsWhatPeopleCallIt(string field, string name) => Assert.Equal(name, SpecChanges.NameOf(field));
}
