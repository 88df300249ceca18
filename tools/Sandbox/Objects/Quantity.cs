using System.Globalization;

namespace Portkey.Portal.Sandbox.Objects;

/// <summary>Amounts as Kubernetes writes them: 500m, 4Gi, 2, 1e3.</summary>
internal static class Quantity
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m),
        ("Mi", 1024m * 1024),
        ("Gi", 1024m * 1024 * 1024),
        ("Ti", 1024m * 1024 * 1024 * 1024),
        ("Pi", 1024m * 1024 * 1024 * 1024 * 1024),
        ("m", 0.001m),
        ("k", 1000m),
        ("M", 1_000_000m),
        ("G", 1_000_000_000m),
        ("T", 1_000_000_000_000m),
        ("P", 1_000_000_000_000_000m),
        ("", 1m),
    ];

    public static decimal Parse(string? text)
    {
        foreach (var (suffix, factor) in Suffixes)
        {
            if (
                text?.EndsWith(suffix, StringComparison.Ordinal) == true
                && decimal.TryParse(
                    text.AsSpan(0, text.Length - suffix.Length),
                    NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out var number
                )
                && Math.Abs(number) < 1e12m
            )
            {
                return number * factor;
            }
        }

        return 0;
    }

    /// <summary>cpu in cores or thousandths, memory and storage in bytes or binary units, everything else as a count.</summary>
    public static string Format(string resource, decimal amount)
    {
        if (amount != decimal.Truncate(amount))
        {
            return resource.EndsWith("cpu", StringComparison.Ordinal)
                ? $"{decimal.Ceiling(amount * 1000):0}m"
                : $"{decimal.Ceiling(amount):0}";
        }

        if (resource.EndsWith("memory", StringComparison.Ordinal) || resource.EndsWith("storage", StringComparison.Ordinal))
        {
            foreach (var (suffix, factor) in Suffixes.Take(4).Reverse())
            {
                if (amount != 0 && amount % factor == 0)
                {
                    return $"{amount / factor:0}{suffix}";
                }
            }
        }

        return $"{amount:0}";
    }
}
