using System.Text;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>
/// Follows what a chart's templates do with its values, without rendering them: which places they name, and which they pass on whole. All
/// branches count. What cannot be followed throws <see cref="TemplateTooHardException"/>: then every place is open.
/// </summary>
internal sealed class TemplateReader
{
    private const int MostSteps = 400_000;
    private const int MostPlaces = 20_000;
    private const int MostCalls = 4_000;
    private const int DeepestCall = 60;
    private const int LargestFile = 1024 * 1024;

    private readonly Dictionary<string, List<(string File, List<TemplateNode> Body)>> defines = new(StringComparer.Ordinal);
    private readonly HashSet<string> called = new(StringComparer.Ordinal);
    private readonly ValueUse root = new(0);
    private int places = 1;
    private int steps;
    private int depth;
    private bool rendersText;

    private TemplateReader() { }

    /// <summary>What the templates of a chart and of the charts within it do with its values. A subchart has its own below its
    /// name.</summary>
    /// <param name="files">Files of the chart, <see cref="ChartParts.Files"/>.</param>
    /// <exception cref="TemplateTooHardException">They are more than can be followed.</exception>
    public static ValueUse Read(IReadOnlyList<ChartFile> files)
    {
        var reader = new TemplateReader();
        var templates = files.Where(f => ChartParts.IsTemplate(f.Name)).ToList();
        if (templates.Exists(f => f.Content.Length > LargestFile))
        {
            throw new TemplateTooHardException(); // Helm takes up to 5 MiB, so what stands there counts
        }

        var bodies = templates.Select(f => (f.Name, Body: TemplateBlocks.Of(Encoding.UTF8.GetString(f.Content)))).ToList();
        foreach (var (name, body) in bodies)
        {
            reader.Collect(name, body, 0);
        }

        foreach (var (name, body) in bodies.Where(b => !Path.GetFileName(b.Name).StartsWith('_')))
        {
            reader.Run(name, body, TemplateValue.Context(reader.ValuesOf(name)));
        }

        // tpl renders texts of the values: what the chart's own defaults say is known.
        if (reader.rendersText)
        {
            foreach (var file in files.Where(f => Path.GetFileName(f.Name) == "values.yaml" && f.Content.Length <= LargestFile))
            {
                reader.Run(
                    file.Name,
                    TemplateBlocks.Of(Encoding.UTF8.GetString(file.Content)),
                    TemplateValue.Context(reader.ValuesOf(file.Name))
                );
            }
        }

        return reader.root;
    }

    // charts/NAME/templates/…: its values are those below NAME.
    private ValueUse ValuesOf(string file)
    {
        var (parts, at, values) = (file.Split('/'), 0, root);
        while (at + 2 < parts.Length && parts[at] == "charts")
        {
            values = Child(
                values,
                parts[at + 1].EndsWith(".tgz", StringComparison.OrdinalIgnoreCase) ? throw new TemplateTooHardException() : parts[at + 1]
            );
            at += 2;
        }

        return values;
    }

    private void Collect(string file, List<TemplateNode> nodes, int deep)
    {
        foreach (var node in nodes)
        {
            if (node.Keyword is "define" or "block" && node.Tokens is [{ Kind: ActionTokenKind.Text, Text: var name }, ..])
            {
                (defines.TryGetValue(name, out var all) ? all : defines[name] = []).Add((file, node.Body));
            }

            Collect(file, node.Body, deep + 1);
            Collect(file, node.Else, deep + 1);
        }
    }

    private void Run(string file, List<TemplateNode> body, TemplateValue dot)
    {
        var scope = new TemplateScope(file) { ["$"] = dot };
        int before;
        do
        {
            before = scope.Changes;
            Run(body, dot, scope);
        } while (scope.Changes != before);
    }

    private void Run(List<TemplateNode> nodes, TemplateValue dot, TemplateScope scope)
    {
        foreach (var node in nodes)
        {
            Step();
            switch (node.Keyword)
            {
                case "define":
                    break;
                case "template" or "block":
                    if (node.Tokens is [{ Kind: ActionTokenKind.Text, Text: var name }, ..])
                    {
                        var given =
                            node.Tokens.Count > 1 ? new TemplateExpression(this, node.Tokens[1..], dot, scope).Value() : TemplateValue.None;
                        Call(name, given);
                    }

                    break;
                case "range":
                    var over = new TemplateExpression(this, node.Tokens, dot, scope, ranges: true).Value();
                    PassOn(
                        over with
                        {
                            Elements = null,
                            Fields = new Dictionary<string, TemplateValue>(),
                            Contexts = [],
                        },
                        "range",
                        scope.File
                    );
                    var element = over
                        .Fields.Values.Append(over.Elements ?? TemplateValue.None)
                        .Aggregate(TemplateValue.None, (a, b) => a.Or(b));
                    Run(node.Body, element, scope);
                    Run(node.Else, dot, scope);
                    break;
                case "with" or "if":
                    var tested = new TemplateExpression(this, node.Tokens, dot, scope).Value();
                    Read(tested);
                    Run(node.Body, node.Keyword == "with" ? tested : dot, scope);
                    Run(node.Else, dot, scope);
                    break;
                default:
                    var printed = new TemplateExpression(this, node.Tokens, dot, scope);
                    var value = printed.Value();
                    if (!printed.IsAssignment)
                    {
                        PassOn(value, "printed", scope.File);
                    }

                    break;
            }
        }
    }

    /// <summary>Runs a named template for a dot, once for each kind of dot.</summary>
    public void Call(string name, TemplateValue dot)
    {
        Step();
        if (!defines.TryGetValue(name, out var bodies) || !called.Add($"{name}\n{dot.Key()}"))
        {
            return;
        }

        if (called.Count > MostCalls || ++depth > DeepestCall)
        {
            throw new TemplateTooHardException();
        }

        foreach (var (file, body) in bodies)
        {
            Run(file, body, dot);
        }

        depth--;
    }

    /// <summary>Runs every template that a computed name may call.</summary>
    public void CallAny(TemplateValue dot)
    {
        foreach (var name in defines.Keys)
        {
            Call(name, dot);
        }
    }

    /// <summary>A field of a value.</summary>
    public TemplateValue Field(TemplateValue value, string key)
    {
        Step();
        var found = value.Fields.GetValueOrDefault(key) ?? TemplateValue.None;
        if (key == "Values")
        {
            found = found.Or(TemplateValue.None with { Places = value.Contexts });
        }

        return value.Places.Count == 0
            ? found
            : found.Or(TemplateValue.None with { Places = [.. value.Places.Select(p => Child(p, key))] });
    }

    /// <summary>Notes that a value is looked at.</summary>
    public void Read(TemplateValue value)
    {
        Step();
        foreach (var place in value.Everything())
        {
            place.Read();
        }
    }

    /// <summary>Notes that everything in a value is passed on from here.</summary>
    public void PassOn(TemplateValue value, string how, string file)
    {
        Step();
        foreach (var place in value.Everything())
        {
            place.PassOn($"{how} in {file}");
        }
    }

    /// <summary>Notes that text of the values is rendered as a template.</summary>
    public void RendersText() => rendersText = true;

    /// <summary>Counts work, which has a bound.</summary>
    public void Step()
    {
        if (++steps > MostSteps)
        {
            throw new TemplateTooHardException();
        }
    }

    private ValueUse Child(ValueUse place, string key) =>
        place.Child(key, () => places < MostPlaces ? places++ : throw new TemplateTooHardException());
}

/// <summary>Variables of one run of a template, each with all that was ever put into it.</summary>
/// <param name="file">File that the template stands in.</param>
internal sealed class TemplateScope(string file)
{
    private readonly Dictionary<string, (TemplateValue Value, string Key)> variables = new(StringComparer.Ordinal);

    public string File { get; } = file;

    /// <summary>Counts what was learnt.</summary>
    public int Changes { get; private set; }

    public TemplateValue this[string name]
    {
        get => variables.TryGetValue(name, out var found) ? found.Value : TemplateValue.None;
        set
        {
            var (known, becomes) = (variables.TryGetValue(name, out var found), value);
            if (known)
            {
                becomes = found.Value.Or(value);
            }

            var key = becomes.Key();
            if (!known || found.Key != key)
            {
                variables[name] = (becomes, key);
                Changes++;
            }
        }
    }
}
