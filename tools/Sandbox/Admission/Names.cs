namespace Portkey.Portal.Sandbox.Admission;

/// <summary>The grammars of names, labels and the like.</summary>
internal static class Names
{
    public const string LabelRule =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
    public const string SubdomainRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
    public const string Label1035Rule =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";

    public static bool IsLabel(string text) => text.Length is > 0 and <= 63 && IsWord(text);

    public static bool IsLabel1035(string text) => IsLabel(text) && char.IsAsciiLetterLower(text[0]);

    public static bool IsSubdomain(string text) => text.Length is > 0 and <= 253 && text.Split('.').All(IsWord);

    /// <summary>Names that may be anything that fits into a path, as RBAC has them.</summary>
    public static bool IsPathSegment(string text) =>
        text is not ("" or "." or "..") && !text.Contains('/', StringComparison.Ordinal) && !text.Contains('%', StringComparison.Ordinal);

    public static bool IsLabelValue(string text) => text.Length == 0 || (text.Length <= 63 && IsQualified(text));

    public static bool IsLabelKey(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var name = text[(slash + 1)..];
        return (slash < 0 || IsSubdomain(text[..slash])) && name.Length is > 0 and <= 63 && IsQualified(name);
    }

    /// <summary>Keys of Secrets and ConfigMaps.</summary>
    public static bool IsDataKey(string text) =>
        text.Length is > 0 and <= 253
        && text is not ("." or "..")
        && !text.StartsWith("..", StringComparison.Ordinal)
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static bool IsWord(string text) =>
        text.Length > 0
        && text[0] != '-'
        && text[^1] != '-'
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static bool IsQualified(string text) =>
        char.IsAsciiLetterOrDigit(text[0])
        && char.IsAsciiLetterOrDigit(text[^1])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
