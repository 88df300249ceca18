using System.Globalization;

namespace Portkey.Portal.Sandbox.Admission;

/// <summary>Reads amounts such as <c>250m</c>, <c>1.5</c>, <c>2Gi</c>.</summary>
internal static class Quantity
{
    private static readonly Dictionary<string, decimal> _suffixes = new(StringComparer.Ordinal)
    {
        [""] = 1m,
        ["n"] = 1e-9m,
        ["u"] = 1e-6m,
        ["m"] = 1e-3m,
        ["k"] = 1e3m,
        ["M"] = 1e6m,
        ["G"] = 1e9m,
        ["T"] = 1e12m,
        ["P"] = 1e15m,
        ["E"] = 1e18m,
        ["Ki"] = 1024m,
        ["Mi"] = 1024m * 1024,
        ["Gi"] = 1024m * 1024 * 1024,
        ["Ti"] = 1024m * 1024 * 1024 * 1024,
        ["Pi"] = 1024m * 1024 * 1024 * 1024 * 1024,
        ["Ei"] = 1024m * 1024 * 1024 * 1024 * 1024 * 1024,
    };

    public static decimal? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > 40)
        {
            return null;
        }

        var end = text.Length;
        while (end > 0 && char.IsAsciiLetter(text[end - 1]))
        {
            end--;
        }

        return
            decimal.TryParse(text[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && _suffixes.TryGetValue(text[end..], out var factor)
            && Math.Abs(number) < 1e9m
            ? number * factor
            : null;
    }
}
