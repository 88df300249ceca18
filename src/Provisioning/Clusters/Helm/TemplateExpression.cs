namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>One expression of a template, evaluated to what it may stand for.</summary>
internal sealed class TemplateExpression
{
    private const int Deepest = 100;

    private readonly TemplateReader reader;
    private readonly ArraySegment<ActionToken> tokens;
    private readonly TemplateValue dot;
    private readonly TemplateScope scope;
    private readonly string[] declared = [];
    private readonly bool ranges;
    private int at;
    private int depth;

    public TemplateExpression(
        TemplateReader reader,
        ArraySegment<ActionToken> tokens,
        TemplateValue dot,
        TemplateScope scope,
        bool ranges = false
    )
    {
        (this.reader, this.tokens, this.dot, this.scope, this.ranges) = (reader, tokens, dot, scope, ranges);
        var assign = Array.FindIndex([.. tokens], t => t.Kind == ActionTokenKind.Assign);
        if (assign > 0)
        {
            declared = [.. tokens.Take(assign).Where(t => t.Kind == ActionTokenKind.Path).Select(t => t.Text)];
            at = assign + 1;
        }
    }

    /// <summary>Whether it puts its value into a variable and prints nothing.</summary>
    public bool IsAssignment => declared.Length > 0;

    public TemplateValue Value()
    {
        var value = Pipeline();
        if (declared.Length > 0)
        {
            // Of a range: the last of them is the element, one before it a key.
            scope[declared[^1]] = ranges
                ? value.Fields.Values.Append(value.Elements ?? TemplateValue.None).Aggregate(TemplateValue.None, (a, b) => a.Or(b))
                : value;
        }

        return value;
    }

    private ActionToken? Peek => at < tokens.Count ? tokens[at] : null;

    private TemplateValue Pipeline()
    {
        if (++depth > Deepest)
        {
            throw new TemplateTooHardException();
        }

        TemplateValue? value = null;
        while (Peek is { Kind: not ActionTokenKind.Close })
        {
            value = Command(value);
            if (Peek is { Kind: ActionTokenKind.Pipe or ActionTokenKind.Comma or ActionTokenKind.Assign })
            {
                at++;
            }
        }

        depth--;
        return value ?? TemplateValue.None;
    }

    private TemplateValue Command(TemplateValue? piped)
    {
        reader.Step();
        var function = Peek is { Kind: ActionTokenKind.Word } word && word.Text is not ("true" or "false" or "nil") ? word.Text : null;
        if (function is not null)
        {
            at++;
        }

        var given = new List<TemplateValue>();
        while (Peek is { Kind: not (ActionTokenKind.Pipe or ActionTokenKind.Close or ActionTokenKind.Comma or ActionTokenKind.Assign) })
        {
            given.Add(Operand());
        }

        if (piped is not null)
        {
            given.Add(piped);
        }

        if (function is not null)
        {
            return TemplateFunctions.Call(reader, scope, function, given);
        }

        // A method with arguments, such as .Files.Get "x", leads to no value.
        given.Skip(1).ToList().ForEach(g => reader.PassOn(g, "given to a method", scope.File));
        return given.Count == 1 ? given[0] : TemplateValue.None;
    }

    private TemplateValue Operand()
    {
        reader.Step();
        var token = tokens[at++];
        var value = token.Kind switch
        {
            ActionTokenKind.Text => TemplateValue.Text(token.Text),
            ActionTokenKind.Path => OfPath(token.Text),
            ActionTokenKind.Open => Within(),
            ActionTokenKind.Word => TemplateFunctions.Call(reader, scope, token.Text, []),
            _ => TemplateValue.None,
        };
        while (Peek is { Kind: ActionTokenKind.Path, IsGlued: true } field && field.Text[0] == '.')
        {
            at++;
            value = Fields(value, field.Text);
        }

        return value;
    }

    private TemplateValue Within()
    {
        var value = Pipeline();
        at++; // past the bracket, or the end
        return value;
    }

    private TemplateValue OfPath(string path)
    {
        if (path[0] == '.')
        {
            return Fields(dot, path);
        }

        var end = path.IndexOf('.', StringComparison.Ordinal);
        return end < 0 ? scope[path] : Fields(scope[path[..end]], path[end..]);
    }

    private TemplateValue Fields(TemplateValue value, string path) =>
        path.Split('.', StringSplitOptions.RemoveEmptyEntries).Aggregate(value, reader.Field);
}

/// <summary>What the functions of Helm's templates do with what they are given. One that is not here passes all of it on.</summary>
internal static class TemplateFunctions
{
    // They say something about a value, and pass nothing of it on.
    private static readonly HashSet<string> Tests = new(StringComparer.Ordinal)
    {
        "not",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "empty",
        "kindIs",
        "kindOf",
        "typeIs",
        "typeOf",
        "typeIsLike",
        "len",
        "has",
        "contains",
        "hasPrefix",
        "hasSuffix",
        "semverCompare",
        "regexMatch",
        "fail",
        "all",
        "any",
    };

    // They return one of their arguments, or something made of it.
    private static readonly HashSet<string> Through = new(StringComparer.Ordinal)
    {
        "default",
        "coalesce",
        "ternary",
        "required",
        "deepCopy",
        "mustDeepCopy",
        "and",
        "or",
        "merge",
        "mergeOverwrite",
        "mustMerge",
        "mustMergeOverwrite",
        "concat",
        "append",
        "mustAppend",
        "prepend",
        "mustPrepend",
        "first",
        "last",
        "rest",
        "initial",
        "uniq",
        "compact",
        "without",
        "reverse",
        "omit",
    };

    public static TemplateValue Call(TemplateReader reader, TemplateScope scope, string name, List<TemplateValue> given)
    {
        switch (name)
        {
            case "include" or "tpl" when given.Count > 1:
                Include(reader, scope, name, given);
                return TemplateValue.None;
            case "dict":
                return Dict(reader, scope, given);
            case "list" or "tuple":
                return TemplateValue.None with { Elements = given.Aggregate(TemplateValue.None, (a, b) => a.Or(b)) };
            case "index" or "get" or "hasKey" when given.Count > 1:
                var found = Along(reader, scope, name, given[0], given.Skip(1));
                reader.Read(name == "hasKey" ? found : TemplateValue.None);
                return name == "hasKey" ? TemplateValue.None : found;
            case "dig" when given.Count > 2:
                return Along(reader, scope, name, given[^1], given.SkipLast(2)).Or(given[^2]);
            case "pick" when given.Count > 1 && given.Skip(1).All(g => g.Literal is not null):
                return TemplateValue.None with
                {
                    Fields = given
                        .Skip(1)
                        .DistinctBy(g => g.Literal)
                        .ToDictionary(g => g.Literal!, g => reader.Field(given[0], g.Literal!), StringComparer.Ordinal),
                };
            case "set" or "unset" when given.Count > 1:
                given.Skip(1).ToList().ForEach(g => reader.PassOn(g, name, scope.File));
                return given[0];
            case var test when Tests.Contains(test):
                given.ForEach(reader.Read);
                return TemplateValue.None;
            case var through when Through.Contains(through):
                return given.Aggregate(TemplateValue.None, (a, b) => a.Or(b)) with { Literal = null };
            default:
                given.ForEach(g => reader.PassOn(g, name, scope.File));
                return TemplateValue.None;
        }
    }

    private static void Include(TemplateReader reader, TemplateScope scope, string name, List<TemplateValue> given)
    {
        if (name == "tpl")
        {
            reader.RendersText();
            reader.PassOn(given[0], name, scope.File);
            return;
        }

        if (given[0].Literal is { } template)
        {
            reader.Call(template, given[1]);
            return;
        }

        // By a computed name, such as the path of a file: it may be any.
        reader.PassOn(given[0], name, scope.File);
        reader.PassOn(given[1] with { Contexts = [] }, name, scope.File);
        reader.CallAny(given[1]);
    }

    private static TemplateValue Dict(TemplateReader reader, TemplateScope scope, List<TemplateValue> given)
    {
        var fields = new Dictionary<string, TemplateValue>(StringComparer.Ordinal);
        for (var i = 0; i < given.Count; i += 2)
        {
            var value = i + 1 < given.Count ? given[i + 1] : TemplateValue.None;
            if (given[i].Literal is { } key)
            {
                fields[key] = value;
            }
            else
            {
                reader.PassOn(value, "dict", scope.File);
            }
        }

        return TemplateValue.None with
        {
            Fields = fields,
        };
    }

    // A computed key may be any.
    private static TemplateValue Along(
        TemplateReader reader,
        TemplateScope scope,
        string name,
        TemplateValue value,
        IEnumerable<TemplateValue> keys
    )
    {
        foreach (var key in keys)
        {
            if (key.Literal is { } literal)
            {
                value = reader.Field(value, literal);
                continue;
            }

            reader.Read(key);
            reader.PassOn(value with { Contexts = [] }, name, scope.File);
            var all = value.Fields.Values.Append(value.Elements ?? TemplateValue.None).Aggregate(TemplateValue.None, (a, b) => a.Or(b));
            value = all.Or(TemplateValue.None with { Places = value.Contexts });
            reader.PassOn(TemplateValue.None with { Places = value.Places }, name, scope.File);
        }

        return value;
    }
}
