using System.Globalization;
using System.Text.RegularExpressions;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>Rules for the text of a setting; each returns what is wrong, or null.</summary>
public static partial class SettingPatterns
{
    /// <summary>Checks a value against a named rule.</summary>
    public static string? Check(string pattern, string value) =>
        pattern switch
        {
            "" => null,
            "dns-label" => DnsLabel().IsMatch(value)
                ? null
                : "Use lower-case letters, digits and hyphens, starting and ending with a letter or digit, at most 63 characters.",
            "port" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535
                ? null
                : "Use a port number from 1 to 65535.",
            "positive-integer" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0
                ? null
                : "Use a whole number greater than 0.",
            "fraction" => double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var f)
            && f is >= 0 and <= 1
                ? null
                : "Use a number from 0 to 1.",
            "guid" => Guid.TryParseExact(value, "D", out _) ? null : "Use an id such as 00000000-0000-0000-0000-000000000000.",
            "http-url" => IsUrl(value, "http", "https") ? null : "Use a full address that starts with https:// or http://.",
            "proxy-url" => IsUrl(value, "http", "https") && !value.Contains('@', StringComparison.Ordinal)
                ? null
                : "Use http://host:port or https://host:port; an address with a user or password is given as a secret.",
            "absolute-path" => value.StartsWith('/') && !value.Split('/').Contains("..")
                ? null
                : "Use the full path of a file in the container, such as /etc/portkey-ca/ca.crt.",
            "redis-url" => IsUrl(value, "redis", "rediss") ? null : "Use redis://host:port, or rediss://host:port for TLS.",
            "mongo-url" => value.StartsWith("mongodb://", StringComparison.Ordinal)
            || value.StartsWith("mongodb+srv://", StringComparison.Ordinal)
                ? null
                : "Use an address that starts with mongodb:// or mongodb+srv://.",
            "azure-account" => AzureAccount().IsMatch(value) ? null : "Use 3 to 24 lower-case letters and digits.",
            "azure-container" => AzureContainer().IsMatch(value) ? null : "Use 3 to 63 lower-case letters, digits and single hyphens.",
            _ => throw new ArgumentOutOfRangeException(nameof(pattern), pattern, "The settings table names a rule that does not exist."),
        };

    /// <summary>Whether this is a DNS label (RFC 1123).</summary>
    public static bool IsDnsLabel(string value) => DnsLabel().IsMatch(value);

    private static bool IsUrl(string value, params string[] schemes) =>
        !value.Any(char.IsWhiteSpace)
        && Uri.TryCreate(value, UriKind.Absolute, out var uri)
        && schemes.Contains(uri.Scheme)
        && uri.Host.Length > 0;

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex DnsLabel();

    [GeneratedRegex(@"^[a-z0-9]{3,24}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex AzureAccount();

    [GeneratedRegex(@"^(?=.{3,63}\z)[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex AzureContainer();
}
