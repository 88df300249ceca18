using Bunit;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Components.Tests.Components.Shared;

public sealed class LeafTests : PageTest
{
    [Fact]
    public void RelativeTime_OfThePast_CarriesTheExactTime()
    {
        var at = DateTime.UtcNow.AddMinutes(-12);

        var time = Render<RelativeTime>(p => p.Add(c => c.At, at)).Find("time");

        Assert.StartsWith("12 min ago", time.TextContent, StringComparison.Ordinal);
        Assert.Contains("UTC", time.GetAttribute("title"), StringComparison.Ordinal);
        Assert.Contains(TimeText.Exact(at), time.TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, "just now")]
    [InlineData(30, "30 s ago")]
    [InlineData(7200, "2 h ago")]
    [InlineData(200000, "2 days ago")]
    [InlineData(-300, "in 5 min")]
    public void Relative_Seconds_InWords(int seconds, string words)
    {
        var now = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

        Assert.Equal(words, TimeText.Relative(now.AddSeconds(-seconds), now));
    }

    [Fact]
    public void Digest_Long_IsCutButCopiedWhole()
    {
        var digest = "sha256:" + new string('a', 64);

        var text = Render<DigestText>(p => p.Add(c => c.Digest, digest));

        Assert.Equal("sha256:aaaaaaaaaaaa…", text.Find("code").TextContent);
        Assert.Equal(digest, text.Find("button").GetAttribute("data-copy"));
    }

    [Fact]
    public void Copy_HostileText_StaysText()
    {
        var copy = Render<CopyText>(p => p.Add(c => c.Text, Hostile).Add(c => c.Label, "it"));

        Assert.Empty(copy.FindAll("img"));
        Assert.Equal(Hostile, copy.Find("code").TextContent);
    }

    [Fact]
    public void Findings_HostileMessage_StaysTextAndWorstComesFirst()
    {
        FindingView[] findings = [new(Severity.Info, "validation", "", "fine"), new(Severity.Error, "health", "", Hostile)];

        var list = Render<FindingsList>(p => p.Add(c => c.Findings, findings));

        Assert.Empty(list.FindAll("img"));
        Assert.Contains(Hostile, list.FindAll("li")[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("Error", list.FindAll("li")[0].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Error_OfUnexpectedException_ShowsReferenceAndNoDetail()
    {
        var error = PortalError.Of(new InvalidOperationException("password=hunter2 at Foo.cs:12"), "save", "abc123");

        var panel = Render<ErrorPanel>(p => p.Add(c => c.Error, error));

        Assert.Contains("abc123", panel.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", panel.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Error_OfInvalidInput_NamesEveryField()
    {
        var error = PortalError.Of(new InvalidInputException([new("name", "too long"), new("team", Hostile)]), "send", "r");

        var panel = Render<ErrorPanel>(p => p.Add(c => c.Error, error));

        Assert.Equal(["name", "team"], panel.FindAll("li code").Select(c => c.TextContent));
        Assert.Empty(panel.FindAll("img"));
        Assert.Equal("too long", error.For("name"));
    }

    [Fact]
    public void Diff_Objects_AreFoldedWithSignsAndText()
    {
        ObjectDiff[] objects =
        [
            new("ConfigMap", "a", DiffChange.Added, [new(DiffChange.Added, Hostile)]),
            new("Service", "b", DiffChange.Unchanged, []),
        ];

        var diff = Render<DiffView>(p => p.Add(c => c.Objects, objects));

        Assert.Equal(2, diff.FindAll("details").Count);
        Assert.Empty(diff.FindAll("details[open]"));
        Assert.Empty(diff.FindAll("img"));
        Assert.Equal("+" + Hostile, diff.Find(".line-added").TextContent);
    }

    [Fact]
    public void Empty_WithAction_HasOneSentenceAndOneButton()
    {
        var empty = Render<EmptyState>(p => p.Add(c => c.Text, "Nothing.").Add(c => c.Action, "Ask").Add(c => c.Href, "/new"));

        Assert.Single(empty.FindAll("p"));
        Assert.Equal("/new", empty.Find("a").GetAttribute("href"));
    }
}
