using System.Text;

namespace Portkey.Portal.E2E.Secrets;

/// <summary>Looks for one secret in whatever was gathered, in every spelling in which it could have got there.</summary>
internal sealed class LeakScan(string secret)
{
    private readonly string[] spellings = [.. Spellings(Encoding.UTF8.GetBytes(secret)).Append(secret)];

    public bool Finds(string text) => spellings.Any(s => text.Contains(s, StringComparison.Ordinal));

    /// <summary>Where it is, as <c>place: where</c>.</summary>
    public IReadOnlyList<string> In(Evidence evidence) =>
        [.. evidence.Pieces.Where(p => Finds(p.Text)).Select(p => $"{p.Place}: {p.Where}")];

    // Base64 groups three bytes, so the same text reads in three ways, depending on what stands before it; the letters at the edges are
    // mixed with the neighbours' and say nothing.
    private static IEnumerable<string> Spellings(byte[] bytes)
    {
        yield return Convert.ToHexString(bytes);
        yield return Convert.ToHexStringLower(bytes);
        for (var before = 0; before < 3; before++)
        {
            var shifted = new byte[before + bytes.Length];
            bytes.CopyTo(shifted, before);
            var first = ((before * 8) + 5) / 6;
            yield return Convert.ToBase64String(shifted)[first..(shifted.Length * 8 / 6)];
        }
    }
}
