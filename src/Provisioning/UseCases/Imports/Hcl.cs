using System.Globalization;
using System.Text;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>
/// As much of Terraform's language as values are written in (https://developer.hashicorp.com/terraform/language/syntax/configuration):
/// blocks, attributes, texts, heredocs, lists, objects, and yamlencode and jsonencode of these. Nothing is run: any other expression is
/// only noted as one.
/// </summary>
internal sealed class Hcl
{
    private const int Deepest = 28;
    private const int MostNodes = 10_000;
    private const string Expression = "a Terraform expression";
    private readonly string text;
    private int at;
    private int depth;
    private int nodes;

    private Hcl(string text) => this.text = text;

    /// <summary>
    /// The body of a file: attributes by name, blocks by type and labels (<c>resource.helm_release.gateway</c>) as lists of their bodies.
    /// Null where the text is no Terraform; with <paramref name="problem"/> where it began as such and then is not.
    /// </summary>
    public static ValueNode? TryRead(string text, out string? problem)
    {
        var reader = new Hcl(text);
        problem = null;
        try
        {
            var body = reader.Body(isFile: true);
            return body;
        }
        catch (FormatException e)
        {
            problem = $"It is not Terraform, at line {reader.Line(reader.at)}: {e.Message}";
            return null;
        }
    }

    private ValueNode Body(bool isFile)
    {
        Enter();
        var entries = new List<KeyValuePair<string, ValueNode>>();
        var blocks = new Dictionary<string, List<ValueNode>>(StringComparer.Ordinal);
        while (true)
        {
            Skip(newlines: true);
            if (at >= text.Length)
            {
                Expect(isFile, "a block is not closed.");
                break;
            }

            if (text[at] == '}' && !isFile)
            {
                at++;
                break;
            }

            var name = Identifier() ?? throw new FormatException("a name is missing.");
            Skip(newlines: false);
            if (at < text.Length && text[at] == '=' && (at + 1 >= text.Length || text[at + 1] != '='))
            {
                at++;
                Skip(newlines: false);
                entries.Add(new(name, Value()));
                continue;
            }

            while (at < text.Length && text[at] != '{')
            {
                var label =
                    text[at] == '"'
                        ? Quoted().Text ?? throw new FormatException("a label is no plain text.")
                        : Identifier() ?? throw new FormatException("neither = nor { after a name.");
                name += "." + label;
                Skip(newlines: false);
            }

            Expect(at < text.Length, "neither = nor { after a name.");
            at++;
            if (!blocks.TryGetValue(name, out var bodies))
            {
                blocks[name] = bodies = [];
            }

            bodies.Add(Body(isFile: false));
        }

        depth--;
        return Counted(ValueNode.Map(entries.Concat(blocks.Select(b => KeyValuePair.Create(b.Key, ValueNode.List(b.Value)))), Line(at)));
    }

    private ValueNode Value()
    {
        var start = at;
        var value = Primary();
        if (value is not null)
        {
            Skip(newlines: false);
            if (at >= text.Length || text[at] is '\n' or ',' or ']' or '}' or ')')
            {
                return Counted(value);
            }
        }

        at = start;
        Raw();
        return Counted(ValueNode.Scalar(null, isPlain: true, Line(start), Expression));
    }

    private ValueNode? Primary()
    {
        var line = Line(at);
        if (at >= text.Length)
        {
            throw new FormatException("a value is missing.");
        }

        switch (text[at])
        {
            case '"':
                return Quoted();
            case '<' when at + 1 < text.Length && text[at + 1] == '<':
                return Heredoc();
            case '[':
                return List(line);
            case '{':
                return Object(line);
            default:
                return Word(line);
        }
    }

    private ValueNode? Word(int line)
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '.' or '-' or '+'))
        {
            at++;
        }

        var word = text[start..at];
        if (
            word is "true" or "false" or "null"
            || (
                word.Length > 0
                && char.IsAsciiDigit(word[0])
                && double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            )
        )
        {
            return ValueNode.Scalar(word == "null" ? null : word, isPlain: true, line);
        }

        if (word is "yamlencode" or "jsonencode" && at < text.Length && text[at] == '(')
        {
            at++;
            Skip(newlines: true);
            var inner = Value();
            Skip(newlines: true);
            if (at < text.Length && text[at] == ')')
            {
                at++;
                return inner;
            }
        }

        return null;
    }

    private ValueNode List(int line)
    {
        Enter();
        at++;
        var items = new List<ValueNode>();
        while (true)
        {
            Skip(newlines: true);
            Expect(at < text.Length, "a list is not closed.");
            if (text[at] == ']')
            {
                at++;
                depth--;
                return ValueNode.List(items, line);
            }

            items.Add(Value());
            Skip(newlines: true);
            Expect(at < text.Length && text[at] is ',' or ']', "a comma is missing in a list.");
            at += text[at] == ',' ? 1 : 0;
        }
    }

    private ValueNode Object(int line)
    {
        Enter();
        at++;
        var entries = new List<KeyValuePair<string, ValueNode>>();
        while (true)
        {
            Skip(newlines: true);
            Expect(at < text.Length, "an object is not closed.");
            if (text[at] == '}')
            {
                at++;
                depth--;
                return ValueNode.Map(entries, line);
            }

            var key = text[at] == '"' ? Quoted().Text : Identifier();
            Skip(newlines: false);
            Expect(key is not null && at < text.Length && text[at] is '=' or ':', "an object has an entry without a name.");
            at++;
            Skip(newlines: false);
            entries.Add(new(key!, Value()));
            Skip(newlines: false);
            at += at < text.Length && text[at] == ',' ? 1 : 0;
        }
    }

    private ValueNode Quoted()
    {
        var line = Line(at);
        var result = new StringBuilder();
        var isForeign = false;
        at++;
        while (true)
        {
            Expect(at < text.Length && text[at] != '\n', "a text is not closed.");
            switch (text[at])
            {
                case '"':
                    at++;
                    return Counted(
                        ValueNode.Scalar(isForeign ? null : result.ToString(), isPlain: false, line, isForeign ? Expression : null)
                    );
                case '\\':
                    Escape(result);
                    break;
                case '$' or '%' when Peek(1) == text[at] && Peek(2) == '{':
                    result.Append(text[at]).Append('{');
                    at += 3;
                    break;
                case '$' or '%' when Peek(1) == '{':
                    isForeign = true;
                    at += 2;
                    Balanced();
                    break;
                default:
                    result.Append(text[at++]);
                    break;
            }
        }
    }

    private void Escape(StringBuilder result)
    {
        var next = Peek(1);
        at += 2;
        if (next is 'u' or 'U')
        {
            var length = next == 'u' ? 4 : 8;
            Expect(
                at + length <= text.Length
                    && int.TryParse(text.AsSpan(at, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var rune)
                    && Rune.IsValid(rune),
                "an escape is no character."
            );
            result.Append(
                new Rune(int.Parse(text.AsSpan(at, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)).ToString()
            );
            at += length;
            return;
        }

        result.Append(
            next switch
            {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '"' => '"',
                '\\' => '\\',
                _ => throw new FormatException("an escape is not known."),
            }
        );
    }

    // Up to the bracket that closes what was opened; texts inside may hold brackets.
    private void Balanced()
    {
        for (var open = 1; open > 0;)
        {
            Expect(at < text.Length && text[at] != '\n', "an expression is not closed.");
            switch (text[at])
            {
                case '{':
                    open++;
                    at++;
                    break;
                case '}':
                    open--;
                    at++;
                    break;
                case '"':
                    Enter();
                    Quoted();
                    depth--;
                    break;
                default:
                    at++;
                    break;
            }
        }
    }

    private ValueNode Heredoc()
    {
        var line = Line(at);
        at += 2;
        var isIndented = Peek(0) == '-';
        at += isIndented ? 1 : 0;
        var mark = Identifier() ?? throw new FormatException("a heredoc has no name.");
        Skip(newlines: false);
        Expect(Peek(0) == '\n', "a heredoc begins on a new line.");
        at++;
        var lines = new List<string>();
        while (true)
        {
            Expect(at < text.Length, "a heredoc is not closed.");
            var end = text.IndexOf('\n', at) is >= 0 and var newline ? newline : text.Length;
            var one = text[at..end];
            if (one.AsSpan().Trim().SequenceEqual(mark))
            {
                at = end;
                break;
            }

            lines.Add(one);
            at = Math.Min(end + 1, text.Length);
        }

        if (isIndented)
        {
            var indent = lines
                .Where(l => !string.IsNullOrWhiteSpace(l))
                .Select(l => l.Length - l.TrimStart(' ', '\t').Length)
                .DefaultIfEmpty(0)
                .Min();
            lines = [.. lines.Select(l => l[Math.Min(indent, l.Length)..])];
        }

        return ValueNode.Scalar(string.Concat(lines.Select(l => l + "\n")), isPlain: false, line);
    }

    // An expression that is not read: to the end of its line, or to what ends it in a list; brackets, texts and heredocs as a whole.
    private void Raw()
    {
        var open = 0;
        while (at < text.Length)
        {
            switch (text[at])
            {
                case '"':
                    Quoted();
                    continue;
                case '<' when Peek(1) == '<' && (char.IsAsciiLetter(Peek(2)) || (Peek(2) == '-' && char.IsAsciiLetter(Peek(3)))):
                    Heredoc();
                    continue;
                case '(' or '[' or '{':
                    open++;
                    break;
                case ')' or ']' or '}' when open == 0:
                case ',' or '\n' when open == 0:
                    return;
                case ')' or ']' or '}':
                    open--;
                    break;
                default:
                    break;
            }

            at++;
        }

        Expect(open == 0, "an expression is not closed.");
    }

    private void Skip(bool newlines)
    {
        while (at < text.Length)
        {
            if (text[at] is ' ' or '\t' or '\r' || (newlines && text[at] == '\n'))
            {
                at++;
            }
            else if (text[at] == '#' || (text[at] == '/' && Peek(1) == '/'))
            {
                at = text.IndexOf('\n', at) is >= 0 and var end ? end : text.Length;
            }
            else if (text[at] == '/' && Peek(1) == '*')
            {
                at = text.IndexOf("*/", at + 2, StringComparison.Ordinal) is >= 0 and var end
                    ? end + 2
                    : throw new FormatException("a comment is not closed.");
            }
            else
            {
                return;
            }
        }
    }

    private string? Identifier()
    {
        var start = at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '-'))
        {
            at++;
        }

        return at > start && !char.IsAsciiDigit(text[start]) ? text[start..at] : null;
    }

    private char Peek(int by) => at + by < text.Length ? text[at + by] : '\0';

    private int Line(int position) => text.AsSpan(0, Math.Min(position, text.Length)).Count('\n') + 1;

    private ValueNode Counted(ValueNode node) =>
        ++nodes <= MostNodes ? node : throw new FormatException($"it holds more than {MostNodes} values.");

    private void Enter() => Expect(++depth <= Deepest, $"it is nested deeper than {Deepest} levels.");

    private static void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException(otherwise);
        }
    }
}
