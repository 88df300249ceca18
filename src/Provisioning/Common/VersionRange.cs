using System.Globalization;

namespace Portkey.Portal.Provisioning.Common;

/// <summary>Versions that satisfy all of some comparisons, such as <c>&gt;=2.8.0 &lt;3.0.0</c>; three numbers each.</summary>
public sealed class VersionRange
{
    private static readonly string[] Operators = [">=", "<=", ">", "<", "="];
    private readonly (string Operator, Version Version)[] comparisons;
    private readonly string text;

    private VersionRange(string text, (string, Version)[] comparisons) => (this.text, this.comparisons) = (text, comparisons);

    /// <summary>Reads a range.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static VersionRange Of(string text) =>
        new(
            text,
            [
                .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(part =>
                    {
                        var comparison =
                            Array.Find(Operators, o => part.StartsWith(o, StringComparison.Ordinal))
                            ?? throw new FormatException($"'{part}' is not a version comparison.");
                        return (comparison, Parse(part[comparison.Length..]) ?? throw new FormatException($"'{part}' has no version."));
                    }),
            ]
        );

    /// <summary>
    /// Version in an image's tag: <c>2.13.0</c>, <c>v2.13.0</c>, <c>2.13.0-fips</c>, <c>2.13.0@sha256:…</c>; null where there is none. What
    /// follows the three numbers is how it was built, not what it is.
    /// </summary>
    public static Version? Parse(string tag)
    {
        var digest = tag.IndexOf('@', StringComparison.Ordinal);
        var name = (digest < 0 ? tag : tag[..digest]).TrimStart('v');
        var end = name.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count() is var digits && digits < name.Length ? digits : -1;
        var numbers = (end < 0 ? name : name[..end]).Split('.');
        return
            numbers.Length == 3
            && (end < 0 || name[end] is '-' or '+' or '_')
            && Array.TrueForAll(numbers, n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            ? new Version(
                int.Parse(numbers[0], CultureInfo.InvariantCulture),
                int.Parse(numbers[1], CultureInfo.InvariantCulture),
                int.Parse(numbers[2], CultureInfo.InvariantCulture)
            )
            : null;
    }

    /// <summary>Whether a version is one of them.</summary>
    public bool Contains(Version version) =>
        Array.TrueForAll(
            comparisons,
            c =>
                c.Operator switch
                {
                    ">=" => version >= c.Version,
                    "<=" => version <= c.Version,
                    ">" => version > c.Version,
                    "<" => version < c.Version,
                    _ => version == c.Version,
                }
        );

    /// <inheritdoc/>
    public override string ToString() => text;
}
