namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>Kind of a part of an action.</summary>
internal enum ActionTokenKind
{
    /// <summary>A function or keyword.</summary>
    Word,

    /// <summary>A field or variable with what follows it, such as <c>$.Values.a</c>.</summary>
    Path,

    /// <summary>What stands in quotes, without them.</summary>
    Text,

    /// <summary>A number or character.</summary>
    Number,

    /// <summary><c>(</c>.</summary>
    Open,

    /// <summary><c>)</c>.</summary>
    Close,

    /// <summary><c>|</c>.</summary>
    Pipe,

    /// <summary><c>,</c>.</summary>
    Comma,

    /// <summary><c>:=</c> or <c>=</c>.</summary>
    Assign,
}

/// <summary>A part of an action.</summary>
/// <param name="Kind">Kind.</param>
/// <param name="Text">Its text.</param>
/// <param name="IsGlued">Whether it follows the part before directly, as in <c>(index . "a").b</c>.</param>
internal readonly record struct ActionToken(ActionTokenKind Kind, string Text, bool IsGlued);

/// <summary>Cuts a Go template into its actions, <c>{{ … }}</c>, in one pass: the text may be hostile, and of any length.</summary>
internal static class TemplateActions
{
    public static IEnumerable<ActionToken[]> Of(string text)
    {
        for (var at = text.IndexOf("{{", StringComparison.Ordinal); at >= 0; at = text.IndexOf("{{", at, StringComparison.Ordinal))
        {
            at += 2;
            var (tokens, glued) = (new List<ActionToken>(), false);
            while (at < text.Length && string.CompareOrdinal(text, at, "}}", 0, 2) != 0)
            {
                var (end, kind, found) = Next(text, at);
                if (kind is { } known)
                {
                    tokens.Add(new ActionToken(known, found, glued));
                }

                (at, glued) = (end, kind is not null);
            }

            yield return [.. tokens];
            if (at >= text.Length)
            {
                yield break;
            }
        }
    }

    private static (int End, ActionTokenKind? Kind, string Text) Next(string text, int at)
    {
        var c = text[at];
        if (string.CompareOrdinal(text, at, "/*", 0, 2) == 0)
        {
            return (text.IndexOf("*/", at + 2, StringComparison.Ordinal) is >= 0 and var close ? close + 2 : text.Length, null, "");
        }

        if (c is '"' or '\'' or '`')
        {
            var end = TemplateTokens.EndOfQuoted(text, at);
            return (end, c == '\'' ? ActionTokenKind.Number : ActionTokenKind.Text, text[(at + 1)..Math.Max(at + 1, end - 1)]);
        }

        if (TemplateTokens.IsName(c) || c is '.' or '$')
        {
            var last = at + 1;
            while (last < text.Length && (TemplateTokens.IsName(text[last]) || text[last] == '.'))
            {
                last++;
            }

            return (
                last,
                c is '.' or '$' ? ActionTokenKind.Path
                : char.IsAsciiDigit(c) ? ActionTokenKind.Number
                : ActionTokenKind.Word,
                text[at..last]
            );
        }

        return c switch
        {
            '(' => (at + 1, ActionTokenKind.Open, "("),
            ')' => (at + 1, ActionTokenKind.Close, ")"),
            '|' => (at + 1, ActionTokenKind.Pipe, "|"),
            ',' => (at + 1, ActionTokenKind.Comma, ","),
            '=' => (at + 1, ActionTokenKind.Assign, "="),
            ':' when string.CompareOrdinal(text, at, ":=", 0, 2) == 0 => (at + 2, ActionTokenKind.Assign, ":="),
            _ => (at + 1, null, ""),
        };
    }
}
