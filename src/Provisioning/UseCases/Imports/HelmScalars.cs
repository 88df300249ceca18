using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>
/// What Helm makes of a scalar without quotes. It reads YAML 1.1 by way of JSON, so that <c>yes</c> is true, <c>0123</c> is 83 and each
/// number a 64-bit float, which templates print as Go does: 1234567 as 1.234567e+06. Seen with helm template 4.1.4.
/// </summary>
internal static partial class HelmScalars
{
    /// <summary>Whether a plain scalar stands for nothing.</summary>
    public static bool IsNull(string plain) => plain is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>A boolean; null where Helm reads none.</summary>
    public static bool? Flag(string plain) =>
        plain switch
        {
            "y" or "Y" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "true" or "True" or "TRUE" => true,
            "n" or "N" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "false" or "False" or "FALSE" => false,
            _ => null,
        };

    /// <summary>A number; null where Helm reads none.</summary>
    public static double? Number(string plain)
    {
        var text = plain.Replace("_", "", StringComparison.Ordinal);
        if (text.Length is 0 or > 400 || !(char.IsAsciiDigit(text[0]) || text[0] is '+' or '-' or '.'))
        {
            return null;
        }

        var (sign, digits) = text[0] switch
        {
            '-' => (-1, text[1..]),
            '+' => (1, text[1..]),
            _ => (1, text),
        };
        if (Whole(digits) is { } whole)
        {
            return sign * (double)whole;
        }

        return
            Float().IsMatch(text)
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
            ? number
            : null;
    }

    /// <summary>What a template prints for a scalar that Helm does not read as text; null where it does.</summary>
    public static string? Printed(string plain) =>
        Flag(plain) is { } flag ? (flag ? "true" : "false")
        : Number(plain) is { } number ? Print(number)
        : null;

    /// <summary>A number as people write it, without an exponent; null where it is too large or too small for that.</summary>
    public static string? Written(double number) =>
        Math.Abs(number) < 1e15 && (decimal)number is var exact && (double)exact == number
            ? exact.ToString("0.############", CultureInfo.InvariantCulture)
            : null;

    private static BigInteger? Whole(string digits)
    {
        var (radix, rest) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16, digits[2..]),
            ['0', 'b' or 'B', ..] => (2, digits[2..]),
            ['0', 'o' or 'O', ..] => (8, digits[2..]),
            ['0', _, ..] => (8, digits[1..]),
            _ => (10, digits),
        };
        if (rest.Length == 0)
        {
            return null;
        }

        var sum = BigInteger.Zero;
        foreach (var c in rest)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix)
            {
                return null;
            }

            sum = (sum * radix) + digit;
        }

        return sum;
    }

    // Go's %v: the shortest digits that read back as the same number, with an exponent below 1e-04 and from 1e+06 up.
    private static string Print(double number)
    {
        if (number == 0)
        {
            return "0";
        }

        var shortest = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture).Split('E');
        var point = shortest[0].IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? dot : shortest[0].Length;
        var all = shortest[0].Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        var exponent =
            point - 1 - (all.Length - digits.Length) + (shortest.Length > 1 ? int.Parse(shortest[1], CultureInfo.InvariantCulture) : 0);
        digits = digits.TrimEnd('0');
        var sign = number < 0 ? "-" : "";
        if (exponent is < -4 or >= 6)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        return exponent < 0 ? $"{sign}0.{new string('0', -exponent - 1)}{digits}"
            : digits.Length <= exponent + 1 ? sign + digits.PadRight(exponent + 1, '0')
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    [GeneratedRegex(
        @"\A[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking
    )]
    private static partial Regex Float();
}
