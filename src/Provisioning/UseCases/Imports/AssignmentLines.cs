using System.Text;
using System.Text.RegularExpressions;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>
/// YAML with KEY="value" lines where entries belong, as Portkey's guide writes it. A line is rewritten only where a parser would look for
/// an entry, directly below a map of variables or at the top: what is in a block, in quotes, in brackets, or goes on from the line before
/// is text and stays what it is.
/// </summary>
internal sealed partial class AssignmentLines
{
    private const int TabWidth = 2;
    private static readonly string[] Holders = ["data", "secret", "secretData", "stringData", "env", "environment"];
    private readonly StringBuilder result = new();
    private readonly Stack<(int Indent, string Key)> above = new();
    private int block = -1;
    private int plain = -1;
    private int tabs;
    private int flow;
    private char quote;

    /// <summary>Entries that were rewritten.</summary>
    public List<DotEnvEntry> Rewritten { get; } = [];

    /// <summary>Lines whose indentation had tabs, which YAML does not allow.</summary>
    public List<int> Tabbed { get; } = [];

    /// <summary>The text with those lines as entries.</summary>
    public string Rewrite(string text)
    {
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            result.Append(Line(line, number)).Append('\n');
        }

        return result.ToString();
    }

    private string Line(string raw, int number)
    {
        if (quote != '\0')
        {
            Inside(raw, 0);
            return raw;
        }

        var line = WithoutTabs(raw, number);
        var indent = line.Length - line.TrimStart(' ').Length;
        if (indent == line.Length || (block >= 0 && indent > block))
        {
            return line;
        }

        block = -1;
        if (line[indent] == '#' || flow > 0)
        {
            if (flow > 0)
            {
                Inside(line, indent);
            }

            return line;
        }

        if (
            indent == 0
            && (line.StartsWith("---", StringComparison.Ordinal) || line.StartsWith("...", StringComparison.Ordinal) || line[0] == '%')
        )
        {
            above.Clear();
            plain = -1;
            return line;
        }

        if (plain >= 0 && indent > plain)
        {
            return line; // goes on from the line before
        }

        plain = -1;
        while (above.TryPeek(out var top) && top.Indent >= indent)
        {
            above.Pop();
        }

        if (Assignment().IsMatch(line) && TakesEntries(indent) && DotEnv.TryReadLine(line, number) is { } entry)
        {
            Rewritten.Add(entry);
            return $"{line[..indent]}{entry.Key}: {Quoted(entry.Value)}";
        }

        Structure(line, indent);
        return line;
    }

    private bool TakesEntries(int indent) => above.TryPeek(out var parent) ? Holders.Contains(parent.Key) : indent == 0;

    private static string Quoted(string value) =>
        "\""
        + value
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\r", "\\r", StringComparison.Ordinal)
            .Replace("\t", "\\t", StringComparison.Ordinal)
        + "\"";

    // What the value of a line begins with says how the lines after it are read.
    private void Structure(string line, int indent)
    {
        while (indent + 1 < line.Length && line[indent] == '-' && line[indent + 1] == ' ')
        {
            var item = indent;
            indent++;
            while (indent < line.Length && line[indent] == ' ')
            {
                indent++;
            }

            if (Entry().Match(line, indent) is not { Success: true } && line.AsSpan(indent) is not ['-', ' ', ..])
            {
                Begins(line, indent, item);
                return;
            }
        }

        if (Entry().Match(line, indent) is { Success: true } entry)
        {
            var key = entry.Groups["key"].Value.Trim('"', '\'');
            above.Push((indent, key));
            Begins(line, entry.Index + entry.Length, indent);
        }
        else
        {
            Begins(line, indent, indent);
        }
    }

    private void Begins(string line, int at, int indent)
    {
        while (at < line.Length && (line[at] == ' ' || line[at] is '&' or '!'))
        {
            at =
                line[at] == ' ' ? at + 1
                : line.IndexOf(' ', at) is > 0 and var space ? space
                : line.Length;
        }

        if (at >= line.Length || line[at] is '#' or '*')
        {
            return;
        }

        switch (line[at])
        {
            case '|' or '>':
                block = indent;
                tabs = 0;
                break;
            case '"' or '\'' or '[' or '{':
                Inside(line, at);
                break;
            default:
                plain = indent;
                break;
        }
    }

    private void Inside(string line, int from)
    {
        for (var i = from; i < line.Length; i++)
        {
            if (quote != '\0')
            {
                if (quote == '"' && line[i] == '\\')
                {
                    i++;
                }
                else if (line[i] == quote && quote == '\'' && i + 1 < line.Length && line[i + 1] == '\'')
                {
                    i++;
                }
                else if (line[i] == quote)
                {
                    quote = '\0';
                    if (flow == 0)
                    {
                        return;
                    }
                }

                continue;
            }

            switch (line[i])
            {
                case '"' or '\'' when i == from || line[i - 1] is ' ' or ',' or '[' or '{' or ':':
                    quote = line[i];
                    break;
                case '[' or '{':
                    flow++;
                    break;
                case ']' or '}' when flow > 0:
                    flow--;
                    break;
                case '#' when i > 0 && line[i - 1] == ' ':
                    return;
                default:
                    break;
            }
        }
    }

    // Editors put tabs where YAML wants spaces. In a block only those of its indentation count.
    private string WithoutTabs(string line, int number)
    {
        var head = line.Length - line.TrimStart(' ', '\t').Length;
        if (!line.AsSpan(0, head).Contains('\t'))
        {
            return line;
        }

        var count = line.AsSpan(0, head).Count('\t');
        if (block >= 0)
        {
            tabs = tabs == 0 ? count : tabs;
            count = Math.Min(count, tabs);
        }

        var converted = new StringBuilder();
        var left = count;
        for (var i = 0; i < head; i++)
        {
            converted.Append(line[i] == '\t' && left-- > 0 ? new string(' ', TabWidth) : line[i].ToString());
        }

        Tabbed.Add(number);
        return converted.Append(line, head, line.Length - head).ToString();
    }

    // base64 ends in =, and what has nothing but = after its name is that.
    [GeneratedRegex(
        @"\A *(export +)?[A-Z][A-Z0-9_]+[ \t]*=(?!=*[ \t]*\z)|\A *(export +)?[A-Z][A-Z0-9_]*_[A-Z0-9_]*[ \t]*=[ \t]*\z",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Assignment();

    [GeneratedRegex(
        """\G(?<key>"[^"]*"|'[^']*'|[^\s"'\[\]{}#&*!|>%@`-][^#]*?|-[^\s#][^#]*?)[ \t]*:(?=[ \t]|\z)""",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Entry();
}
