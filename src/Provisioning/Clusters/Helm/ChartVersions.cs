using System.Globalization;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>Orders versions by semantic versioning, as far as finding the newest needs it.</summary>
internal static class ChartVersions
{
    /// <summary>The newest that is not a pre-release; null where there is none.</summary>
    public static string? Newest(IEnumerable<string> versions) =>
        versions
            .Select(v => (Text: v, Parts: Parse(v)))
            .Where(v => v.Parts is not null)
            .OrderByDescending(v => v.Parts![0])
            .ThenByDescending(v => v.Parts![1])
            .ThenByDescending(v => v.Parts![2])
            .Select(v => v.Text)
            .FirstOrDefault();

    // 1.2.3 or v1.2.3+build; anything with '-' is a pre-release, which is taken by name only.
    private static int[]? Parse(string version)
    {
        var parts = version.TrimStart('v').Split('+')[0].Split('.');
        var numbers = parts
            .Select(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1)
            .ToArray();
        return numbers.Length == 3 && Array.TrueForAll(numbers, n => n >= 0) ? numbers : null;
    }
}
