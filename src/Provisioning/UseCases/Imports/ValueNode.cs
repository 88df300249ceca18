namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>What a place of an imported file holds.</summary>
internal enum ValueKind
{
    /// <summary>A text, or nothing.</summary>
    Scalar,

    /// <summary>Names with values.</summary>
    Map,

    /// <summary>Values in turn.</summary>
    List,
}

/// <summary>One place of an imported file, whatever the file was written in: values.yaml, JSON, Terraform or .env lines.</summary>
internal sealed class ValueNode
{
    private const int LongestName = 120;
    private List<KeyValuePair<string, ValueNode>> written = [];

    private ValueNode(ValueKind kind, int line) => (Kind, Line) = (kind, line);

    /// <summary>Kind.</summary>
    public ValueKind Kind { get; }

    /// <summary>Line of the file, from 1; 0 where there is none.</summary>
    public int Line { get; }

    /// <summary>Where it is, such as <c>environment.data.LOG_STORE</c> or <c>ingress.hosts[0].host</c>; empty for the root.</summary>
    public string Path { get; private set; } = "";

    /// <summary>Characters of a scalar; null for YAML's null.</summary>
    public string? Text { get; private set; }

    /// <summary>Whether a scalar stands without quotes, so that Helm looks for numbers and booleans in it.</summary>
    public bool IsPlain { get; private init; }

    /// <summary>What stands for the value in a language that the portal does not run, such as <c>a Terraform expression</c>; null for
    /// none.</summary>
    public string? Foreign { get; private set; }

    /// <summary>The leaf that only names this one, as <c>name</c> does for <c>value</c> in a list of environment variables; it goes where
    /// this one goes.</summary>
    public ValueNode? NamedBy { get; set; }

    /// <summary>Entries of a map.</summary>
    public Dictionary<string, ValueNode> Entries { get; } = new(StringComparer.Ordinal);

    /// <summary>Items of a list.</summary>
    public List<ValueNode> Items { get; private init; } = [];

    /// <summary>Whether nothing is below it: a scalar, or a map or list without content.</summary>
    public bool IsLeaf => Kind == ValueKind.Scalar || Entries.Count + Items.Count == 0;

    /// <summary>Whether it says nothing: null, an empty text, an empty map or list.</summary>
    public bool IsEmpty => Kind == ValueKind.Scalar ? string.IsNullOrEmpty(Text) : IsLeaf;

    /// <summary>Entry of a map; null where it is none or has no such entry.</summary>
    public ValueNode? this[string key] => Entries.GetValueOrDefault(key);

    public static ValueNode Scalar(string? text, bool isPlain, int line, string? foreign = null) =>
        new(ValueKind.Scalar, line)
        {
            Text = text,
            IsPlain = isPlain,
            Foreign = foreign,
        };

    public static ValueNode Map(IEnumerable<KeyValuePair<string, ValueNode>> pairs, int line = 0) =>
        new(ValueKind.Map, line) { written = [.. pairs] };

    public static ValueNode List(IEnumerable<ValueNode> items, int line = 0) => new(ValueKind.List, line) { Items = [.. items] };

    /// <summary>Value at a path of map entries; null where there is none.</summary>
    public ValueNode? At(params ReadOnlySpan<string> keys)
    {
        var node = (ValueNode?)this;
        foreach (var key in keys)
        {
            node = node?[key];
        }

        return node;
    }

    /// <summary>All leaves, in the order of the file.</summary>
    public IEnumerable<ValueNode> Leaves() =>
        IsLeaf ? [this]
        : Kind == ValueKind.Map ? Entries.Values.SelectMany(v => v.Leaves())
        : Items.SelectMany(i => i.Leaves());

    /// <summary>
    /// The same at a place of its own, with merge keys written out. What an anchor stands for is read once and placed wherever it is
    /// referred to;
    /// how much that makes was bounded while it was read.
    /// </summary>
    /// <param name="path">Where it is.</param>
    /// <param name="superseded">Takes what a later entry of the same name replaces.</param>
    public ValueNode PlacedAt(string path, List<ValueNode> superseded)
    {
        if (Kind == ValueKind.Scalar)
        {
            return new ValueNode(Kind, Line)
            {
                Path = path,
                Text = Text,
                IsPlain = IsPlain,
                Foreign = Foreign,
            };
        }

        if (Kind == ValueKind.List)
        {
            return new ValueNode(Kind, Line)
            {
                Path = path,
                Items = [.. Items.Select((item, at) => item.PlacedAt($"{path}[{at}]", superseded))],
            };
        }

        var placed = new ValueNode(Kind, Line) { Path = path };
        foreach (var (key, value) in WrittenOut())
        {
            var now = value.PlacedAt(Join(path, key), superseded);
            if (placed.Entries.Remove(key, out var before))
            {
                superseded.Add(before);
            }

            placed.Entries[key] = now;
        }

        return placed;
    }

    /// <summary>Path of an entry.</summary>
    public static string Join(string path, string key)
    {
        // A line KEY=value that was read as a name has its value in the name.
        var shown = key.IndexOf('=', StringComparison.Ordinal) is >= 0 and var equals ? key[..(equals + 1)] : key;
        shown = shown.Length > LongestName ? shown[..LongestName] + "…" : shown;
        return path.Length == 0 ? shown : $"{path}.{shown}";
    }

    /// <summary>The tree without places, for JSON: maps, lists, texts and what <paramref name="scalar"/> makes of scalars.</summary>
    public object? Plain(Func<ValueNode, object?> scalar) =>
        Kind switch
        {
            ValueKind.Map => Entries.ToDictionary(e => e.Key, e => e.Value.Plain(scalar), StringComparer.Ordinal),
            ValueKind.List => Items.Select(i => i.Plain(scalar)).ToList(),
            _ => scalar(this),
        };

    /// <summary>Removes the characters, so that nothing uses them.</summary>
    public void Clear() => Text = null;

    /// <summary>Reads the text as a template of Terraform: with something to fill in it is not a value, and <c>$${</c> is the text
    /// <c>${</c>.</summary>
    public void FillTemplate()
    {
        var bare = Text!.Replace("$${", "", StringComparison.Ordinal).Replace("%%{", "", StringComparison.Ordinal);
        if (bare.Contains("${", StringComparison.Ordinal) || bare.Contains("%{", StringComparison.Ordinal))
        {
            (Text, Foreign) = (null, "a Terraform expression");
        }
        else
        {
            Text = Text.Replace("$${", "${", StringComparison.Ordinal).Replace("%%{", "%{", StringComparison.Ordinal);
        }
    }

    // https://yaml.org/type/merge.html: what a map says itself goes before what it merges in, and the first that is merged before the next.
    private IEnumerable<KeyValuePair<string, ValueNode>> WrittenOut()
    {
        if (!written.Exists(w => w.Key == "<<"))
        {
            return written;
        }

        var own = written.Where(w => w.Key != "<<").ToList();
        var names = own.Select(w => w.Key).ToHashSet(StringComparer.Ordinal);
        var merged = new List<KeyValuePair<string, ValueNode>>();
        foreach (
            var source in written.Where(w => w.Key == "<<").SelectMany(w => w.Value.Kind == ValueKind.List ? w.Value.Items : [w.Value])
        )
        {
            merged.AddRange(source.WrittenOut().Where(w => names.Add(w.Key)));
        }

        return merged.Concat(own);
    }
}
