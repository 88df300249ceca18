namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>Kind of a token.</summary>
internal enum TemplateTokenKind
{
    /// <summary>A function or keyword.</summary>
    Word,

    /// <summary>A field or variable with what follows it, such as <c>$.Values.a</c>.</summary>
    Path,

    /// <summary>What stands in quotes, without them.</summary>
    Text,
}

/// <summary>A word, path or text within the actions of a Go template.</summary>
internal readonly record struct TemplateToken(TemplateTokenKind Kind, string Text);

/// <summary>Reads the tokens of a Go template's actions in one pass: the text may be hostile, and of any length.</summary>
internal static class TemplateTokens
{
    public static IEnumerable<TemplateToken> Of(string text)
    {
        for (var at = text.IndexOf("{{", StringComparison.Ordinal); at >= 0; at = text.IndexOf("{{", at, StringComparison.Ordinal))
        {
            at += 2;
            while (at < text.Length && string.CompareOrdinal(text, at, "}}", 0, 2) != 0)
            {
                var (end, token) = Next(text, at);
                if (token is { } found)
                {
                    yield return found;
                }

                at = end;
            }

            if (at >= text.Length)
            {
                yield break;
            }
        }
    }

    private static (int End, TemplateToken? Token) Next(string text, int at)
    {
        var c = text[at];
        if (string.CompareOrdinal(text, at, "/*", 0, 2) == 0)
        {
            return (text.IndexOf("*/", at + 2, StringComparison.Ordinal) is >= 0 and var close ? close + 2 : text.Length, null);
        }

        if (c is '"' or '\'' or '`')
        {
            var end = EndOfQuoted(text, at);
            return (end, c == '\'' ? null : new TemplateToken(TemplateTokenKind.Text, text[(at + 1)..Math.Max(at + 1, end - 1)]));
        }

        if (!IsName(c) && c is not ('.' or '$'))
        {
            return (at + 1, null);
        }

        var last = at + 1;
        while (last < text.Length && (IsName(text[last]) || text[last] == '.'))
        {
            last++;
        }

        var word = text[at..last];
        return (
            last,
            new TemplateToken(
                c is '.' or '$' || word.Contains('.', StringComparison.Ordinal) ? TemplateTokenKind.Path : TemplateTokenKind.Word,
                word
            )
        );
    }

    // Past the closing quote; a line's end closes what Go does not let continue.
    internal static int EndOfQuoted(string text, int at)
    {
        var quote = text[at];
        for (var i = at + 1; i < text.Length; i++)
        {
            if (text[i] == quote || (quote != '`' && text[i] == '\n'))
            {
                return i + 1;
            }

            if (text[i] == '\\' && quote != '`')
            {
                i++;
            }
        }

        return text.Length;
    }

    internal static bool IsName(char c) => char.IsAsciiLetterOrDigit(c) || c == '_' || c > '\u007f';
}
