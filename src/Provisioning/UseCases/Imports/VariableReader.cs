using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>An environment variable of an imported file.</summary>
/// <param name="Key">Name that the gateway reads.</param>
/// <param name="Text">Value.</param>
/// <param name="Leaf">Where it stands; null where something else implies it.</param>
/// <param name="IsSecret">Whether it goes to the vault.</param>
internal sealed record Variable(string Key, string Text, ValueNode? Leaf, bool IsSecret);

/// <summary>Reads the value of one environment variable as the setting means it.</summary>
internal static class VariableReader
{
    private static readonly string[] SecretTerms =
    [
        "KEY",
        "SECRET",
        "TOKEN",
        "PASSWORD",
        "PASSWD",
        "CREDENTIALS",
        "CREDENTIAL",
        "PRIVATE_KEY",
        "CONNECTION_STRING",
        "PAT",
    ];

    /// <summary>Whether a name may be that of an environment variable.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 253 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>Whether a variable that the portal does not know holds a secret, by its name or by what it holds.</summary>
    public static bool LooksSecret(string name, string value) =>
        Array.Exists(
            SecretTerms,
            w =>
                name.Equals(w, StringComparison.OrdinalIgnoreCase)
                || name.EndsWith($"_{w}", StringComparison.OrdinalIgnoreCase)
                || name.EndsWith($"_{w}S", StringComparison.OrdinalIgnoreCase)
        )
        || value.Contains("PRIVATE KEY-----", StringComparison.Ordinal)
        || HasPassword(value)
        || (value.StartsWith("eyJ", StringComparison.Ordinal) && value.Count(c => c == '.') == 2)
        || value.Contains("AccountKey=", StringComparison.OrdinalIgnoreCase)
        || value.Contains("password=", StringComparison.OrdinalIgnoreCase)
        || value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase);

    /// <summary>Value as the setting means it; what Helm makes of one without quotes is named.</summary>
    public static string Read(Account account, ValueNode leaf, Setting? setting, bool isSecret)
    {
        var text = leaf.Text!;
        if (leaf.IsPlain && HelmScalars.Printed(text) is { } printed && printed != text)
        {
            return Plain(account, leaf, setting, isSecret, printed);
        }

        // Spaces around a value come from pasting. A secret, and a text that may hold any, are what they are; but no setting ends in a line
        // break.
        var trimmed =
            setting is { View.IsSecret: true, Pattern.Length: 0 } || isSecret && setting is null ? text
            : setting is null || (setting.View.AllowedValues.Count == 0 && setting.Pattern.Length == 0) ? text.TrimEnd('\r', '\n')
            : text.Trim();
        if (trimmed != text)
        {
            account.Correct(leaf, "spaces or a line break around it", "none", "They are not part of the value.");
        }

        return trimmed;
    }

    private static string Plain(Account account, ValueNode leaf, Setting? setting, bool isSecret, string printed)
    {
        var text = leaf.Text!;
        if (isSecret)
        {
            account.Correct(
                leaf,
                "no quotes",
                "the characters as they are written",
                "Without quotes Helm makes a number or a boolean of it. The characters as they are written were taken."
            );
            return text;
        }

        var isFlag = HelmScalars.Flag(text) is not null;
        var wantsFlag = setting is null ? isFlag : setting.View.AllowedValues.Contains("true");
        var wantsNumber = setting is not null && (setting.Pattern is "port" or "positive-integer" or "fraction" || setting.Key == "PORT");
        if (isFlag && wantsFlag)
        {
            account.Correct(leaf, text, printed, "As Helm reads it.");
            return printed;
        }

        if (
            HelmScalars.Number(text) is { } number
            && HelmScalars.Written(number) is { } written
            && (
                wantsNumber
                || (
                    setting is null
                    && text.Contains('e', StringComparison.OrdinalIgnoreCase)
                    && !text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
                )
            )
        )
        {
            account.Correct(
                leaf,
                text,
                written,
                written == text ? $"Helm prints it as {printed}; the number as it is written was taken." : "As Helm reads it."
            );
            return written;
        }

        account.Correct(
            leaf,
            text,
            text,
            $"Without quotes Helm makes {printed} of it. The characters as they are written are the likely meaning; if {printed} is meant, write that."
        );
        return text;
    }

    /// <summary>Whether a text is an address with a password in it.</summary>
    private static bool HasPassword(string value)
    {
        var start = value.IndexOf("://", StringComparison.Ordinal);
        var at = start < 0 ? -1 : value.IndexOf('@', start);
        return at > 0
            && value.IndexOf(':', start + 3, at - start - 3) is > 0 and var colon
            && colon < at - 1
            && !value.AsSpan(start + 3, at - start - 3).Contains(' ');
    }

    /// <summary>
    /// Whether a password stands in an address as it is, where RFC 3986 wants @, / and : in it percent-encoded:
    /// <c>redis://user:p@ss:w0rd@host</c>
    /// has another host for each program that reads it.
    /// </summary>
    public static bool HasRawPassword(string address)
    {
        var start = address.IndexOf("://", StringComparison.Ordinal);
        if (start < 0)
        {
            return false;
        }

        var rest = address[(start + 3)..];
        var end = rest.AsSpan().IndexOfAny('/', '?', '#') is >= 0 and var e ? e : rest.Length;
        var (authority, after) = (rest[..end], rest[end..]);
        if (authority.Count(c => c == '@') > 1)
        {
            return true;
        }

        // The authority ended inside of the password: what follows the colon is not a port, and an @ comes later.
        var colon = authority.LastIndexOf(':');
        return !authority.Contains('@', StringComparison.Ordinal)
            && after.Contains('@', StringComparison.Ordinal)
            && colon >= 0
            && !authority[(colon + 1)..].All(char.IsAsciiDigit);
    }
}
