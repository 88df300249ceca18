using System.Text.RegularExpressions;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Architecture;

/// <summary>docs/security.md names a test for each defence: one that was renamed or removed must not stay on the page.</summary>
public sealed partial class SecurityPageTests
{
    [Fact]
    public void SecurityPage_EveryTestNamed_Exists()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md"));
        var sources = Directory
            .GetFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
            .GroupBy(Path.GetFileNameWithoutExtension, StringComparer.Ordinal)
            .ToDictionary(g => g.Key!, g => string.Concat(g.Select(File.ReadAllText)), StringComparer.Ordinal);
        var named = Named()
            .Matches(page)
            .Select(m => (Class: m.Groups["class"].Value, Method: m.Groups["method"].Value))
            .Distinct()
            .ToList();

        Assert.True(named.Count > 40, $"Only {named.Count} tests are named; each row of the tables is to name one.");
        Assert.Empty(
            named
                .Where(n => !sources.TryGetValue(n.Class, out var source) || !source.Contains($" {n.Method}(", StringComparison.Ordinal))
                .Select(n => $"{n.Class}.{n.Method}")
        );
    }

    [GeneratedRegex(@"`(?<class>[A-Za-z0-9]+Tests)\.(?<method>[A-Za-z0-9_]+)`")]
    private static partial Regex Named();
}
