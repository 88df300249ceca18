using System.Text.RegularExpressions;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Architecture;

/// <summary>What history can hold has words, and what has words is written somewhere.</summary>
public sealed partial class AuditActionTests
{
    // Of the same form, in files that write history, and no action.
    private static readonly string[] Others = ["settings.admin"];

    [Fact]
    public void Actions_ThatTheCodeWrites_AreThoseWithWords()
    {
        var written = Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "src", "Provisioning"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
            .Select(File.ReadAllText)
            .Where(t => Writes().IsMatch(t))
            .SelectMany(t => Action().Matches(t).Select(m => m.Groups["action"].Value))
            .Except(Others)
            .Order(StringComparer.Ordinal)
            .ToList();

        Assert.Equal(AuditActions.Words.Keys.Order(StringComparer.Ordinal), written);
    }

    [Fact]
    public void Words_OfEachAction_AreAShortSentenceOfTheirOwn()
    {
        Assert.All(AuditActions.Words.Values, w => Assert.Matches("^[A-Z][^_.]{5,50}$", w));
        Assert.Equal(AuditActions.Words.Count, AuditActions.Words.Values.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Theory]
    [InlineData("request.approved", "Request approved")]
    [InlineData("cluster.was-renamed", "Cluster was renamed")]
    [InlineData("", "Event")]
    public void WordsOf_KnownAndOlderActions_AreWords(string action, string words) => Assert.Equal(words, AuditActions.WordsOf(action));

    [GeneratedRegex(@"AuditEntry\(|AuditAsync\(|\bEvent\(row, ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Writes();

    // What failpoints are called looks the same.
    [GeneratedRegex(@"(?<!HitAsync\()""(?<action>[a-z]+\.[a-zA-Z-]+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Action();
}
