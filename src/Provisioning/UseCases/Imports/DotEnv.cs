using System.Text.RegularExpressions;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>One line of a .env file.</summary>
/// <param name="Key">Name.</param>
/// <param name="Value">Value, without quotes and comment.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="IsCut">Whether a # without a space before it ended the value.</param>
internal sealed record DotEnvEntry(string Key, string Value, int Line, bool IsCut);

/// <summary>
/// .env lines as dotenv defines them (https://github.com/motdotla/dotenv#rules): <c>export</c>, single, double and back quotes that may
/// span lines, <c>\n</c> in double quotes alone, and a comment from # on outside of quotes.
/// </summary>
internal static partial class DotEnv
{
    /// <summary>All entries of a text that consists of such lines, blank ones and comments alone; null where it does not.</summary>
    public static List<DotEnvEntry>? TryRead(string text)
    {
        var entries = new List<DotEnvEntry>();
        var (at, line) = (0, 1);
        while (at < text.Length)
        {
            var end = text.IndexOf('\n', at) is >= 0 and var newline ? newline : text.Length;
            var head = text.AsSpan(at, end - at).Trim();
            if (head.Length == 0 || head[0] == '#')
            {
                (at, line) = (end + 1, line + 1);
                continue;
            }

            if (Name().Match(text, at, end - at) is not { Success: true } match)
            {
                return null;
            }

            var (value, next, isCut) = Value(text, match.Index + match.Length, text.Length);
            entries.Add(new(match.Groups["key"].Value, value, line, isCut));
            line += text.AsSpan(at, Math.Min(next, text.Length) - at).Count('\n');
            at = next;
        }

        return entries.Count > 0 ? entries : null;
    }

    /// <summary>One line alone, such as stands in the YAML of Portkey's guide; null where it is none. The indentation is not looked
    /// at.</summary>
    public static DotEnvEntry? TryReadLine(string line, int number)
    {
        if (Name().Match(line) is not { Success: true } match)
        {
            return null;
        }

        var (value, _, isCut) = Value(line, match.Length, line.Length);
        return new(match.Groups["key"].Value, value, number, isCut);
    }

    private static (string Value, int Next, bool IsCut) Value(string text, int start, int limit)
    {
        var end = text.IndexOf('\n', start) is >= 0 and var newline && newline < limit ? newline : limit;
        var from = start;
        while (from < end && text[from] is ' ' or '\t')
        {
            from++;
        }

        if (from < end && text[from] is '"' or '\'' or '`' && Closing(text, from, limit) is { } close)
        {
            var lineEnd = text.IndexOf('\n', close) is >= 0 and var after && after < limit ? after : limit;
            var rest = text.AsSpan(close + 1, lineEnd - close - 1).TrimStart();
            if (rest.Length == 0 || rest[0] == '#')
            {
                var inside = text[(from + 1)..close];
                return (
                    text[from] == '"'
                        ? inside.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\r", "\r", StringComparison.Ordinal)
                        : inside,
                    lineEnd + 1,
                    false
                );
            }
        }

        var hash = text.IndexOf('#', from, end - from);
        var value = text[from..(hash < 0 ? end : hash)].Trim();
        if (value.Length > 1 && value[0] == value[^1] && value[0] is '"' or '\'' or '`')
        {
            value = value[1..^1];
        }

        return (value, end + 1, hash > from && !char.IsWhiteSpace(text[hash - 1]));
    }

    private static int? Closing(string text, int open, int limit)
    {
        for (var i = open + 1; i < limit; i++)
        {
            if (text[i] == '\\' && i + 1 < limit && text[i + 1] == text[open])
            {
                i++;
            }
            else if (text[i] == text[open])
            {
                return i;
            }
        }

        return null;
    }

    [GeneratedRegex(
        @"\G[ \t]*(export[ \t]+)?(?<key>[A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Name();
}
