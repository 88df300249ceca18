using System.Text.Json;
using Portkey.Portal.Provisioning.Common.Reading;
using YamlDotNet.RepresentationModel;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>
/// What one chart version accepts, worked out from its templates and schema; its values.yaml holds defaults and closes nothing. A place
/// is closed where the schema says so, and where templates read names of it that are written out; where a template passes it on whole, or
/// where it cannot be told, it is open.
/// </summary>
public sealed class ChartFacts
{
    private readonly YamlMappingNode? defaults;
    private readonly ValueUse? uses;
    private readonly ChartSchema? schema;
    private readonly IReadOnlySet<string> inner;

    private ChartFacts(
        YamlMappingNode? defaults,
        ValueUse? uses,
        ChartSchema? schema,
        IReadOnlySet<string> inner,
        string name,
        IReadOnlyList<ChartLayout> layouts
    )
    {
        (this.defaults, this.uses, this.schema, this.inner) = (defaults, uses, schema, inner);
        Layout =
            layouts.FirstOrDefault(l => l.Charts.Contains(name, StringComparer.Ordinal))
            ?? layouts.FirstOrDefault(l => defaults is not null && l.Signs.Count > 0 && l.Signs.All(s => Judge(s.Split('.')).Taken))
            ?? layouts[0];
    }

    /// <summary>A chart that takes everything; for when no chart is at hand.</summary>
    public static ChartFacts Everything { get; } = new(null, null, null, new HashSet<string>(), "", ChartLayout.All);

    /// <summary>The line of charts that it belongs to. Paths that the portal names are looked up where that line has them.</summary>
    public ChartLayout Layout { get; }

    /// <summary>Whether an existing Secret can be named as the source of the gateway's environment.</summary>
    public bool TakesExistingSecret => Accepts("environment.existingSecret") && Accepts("environment.secretKeys");

    /// <summary>
    /// Whether it keeps the gateway's environment in an object of its own, as charts before <c>existingSecret</c> do, and lets the
    /// container take it from elsewhere instead.
    /// </summary>
    public bool NeedsSettingsBesideIt =>
        !TakesExistingSecret && Accepts("environment.create") && (Accepts("envFrom") || Accepts("extraContainerConfig"));

    /// <summary>Whether the chart has a place for the gateway's settings at all.</summary>
    public bool TakesSettings => Accepts("environment.data");

    /// <summary>Whether it writes the names of pull secrets as plain strings, as charts before <c>existingSecret</c> do.</summary>
    public bool NamesPullSecretsPlainly => Default(At("imagePullSecrets")) is YamlSequenceNode { Children: [YamlScalarNode, ..] };

    /// <summary>Tag of the data service's image in values.yaml; empty where it names none.</summary>
    public string DataServiceTag => (Default([.. At("images.dataserviceImage"), "tag"]) as YamlScalarNode)?.Value ?? "";

    /// <summary>Environment variables that values.yaml gives a value.</summary>
    public IReadOnlyList<string> DefaultSettings =>
        defaults is null ? ["ANALYTICS_STORE", "CACHE_STORE", "REDIS_TLS_ENABLED", "REDIS_URL"] : DefaultsAt("environment.data");

    /// <summary>Environment variables that a template reads by their own name. Without a value such a template may write
    /// <c>&lt;nil&gt;</c>.</summary>
    public IReadOnlyList<string> NamedSettings =>
        At("environment.data").Aggregate(uses, (u, key) => u?.Find(key))?.Below is { } named
            ?
            [
                .. named
                    .Where(n => n.Value.PassedOn.Length > 0)
                    .Select(n => n.Key)
                    .Where(k => schema?.Names([.. At("environment.data"), k]) != true)
                    .Order(StringComparer.Ordinal),
            ]
            : [];

    /// <summary>Every place that templates or values.yaml name and that holds more than one value, in order; at most 200.</summary>
    public IReadOnlyList<ChartPlace> Places =>
        defaults is null
            ? []
            : [.. Paths([], defaults, uses, 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(200).Select(Place)];

    /// <summary>Reads the facts of an unpacked chart. One without templates takes nothing.</summary>
    /// <exception cref="ChartException">values.yaml is not one YAML mapping, or a file is beyond bounds.</exception>
    public static ChartFacts Read(string folder) => Read(folder, ChartLayout.All);

    /// <summary>The same with a given table of lines.</summary>
    public static ChartFacts Read(string folder, IReadOnlyList<ChartLayout> layouts)
    {
        try
        {
            return new ChartFacts(
                Defaults(folder),
                Uses(folder),
                Schema(folder),
                Inner(folder),
                File.Exists(System.IO.Path.Combine(folder, "Chart.yaml")) ? ChartMetadata.Read(folder).Name : "",
                layouts
            );
        }
        catch (UnreadableException problem)
        {
            throw new ChartException("chart-invalid", problem.Message, inner: problem);
        }
        catch (JsonException problem)
        {
            throw new ChartException("chart-invalid", $"values.schema.json is not JSON, at line {problem.LineNumber + 1}.", inner: problem);
        }
    }

    /// <summary>Whether the chart takes a value at that path, such as <c>service.type</c>.</summary>
    public bool Accepts(string path) => defaults is null || Judge(At(path)).Taken;

    /// <summary>What may stand at that path of the chart's own values, and why.</summary>
    public ChartPlace Place(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return defaults is null ? new ChartPlace(path, true, true, "no chart is at hand") : Judge(path.Split('.'));
    }

    /// <summary>
    /// Whether the gateway's container gets an environment variable of that name: the chart reads the name, or takes any, or the portal
    /// writes it beside the chart.
    /// </summary>
    /// <param name="key">Name.</param>
    /// <param name="since">Chart version from which on it needs more than a variable, such as a port: such a chart names it. Empty for
    /// none.</param>
    public bool AcceptsSetting(string key, string since)
    {
        ArgumentNullException.ThrowIfNull(since);
        return defaults is null
            || (
                TakesSettings
                && (
                    since.Length == 0
                        ? NeedsSettingsBesideIt || Judge([.. At("environment.data"), key]).Taken
                        : Default([.. At("environment.data"), key]) is not null
                            || At("environment.data").Append(key).Aggregate(uses, (u, k) => u?.Find(k)) is not null
                )
            );
    }

    /// <summary>The same values without what the chart does not take.</summary>
    public Dictionary<string, object?> Legal(Dictionary<string, object?> values) =>
        defaults is null ? values : Legal(Layout.Place(values), []);

    /// <summary>Names that values.yaml gives at a path and that would stay beside the portal's own, since Helm lays values over
    /// defaults.</summary>
    internal IReadOnlyList<string> DefaultsAt(string path) =>
        Default(At(path)) is YamlMappingNode map
            ?
            [
                .. map
                    .Children.Where(c => c.Value is not YamlScalarNode { Value: null or "" or "null" or "~" })
                    .Select(c => c.Key)
                    .OfType<YamlScalarNode>()
                    .Select(k => k.Value ?? ""),
            ]
            : [];

    private string[] At(string what) => Layout.PathOf(what).Split('.');

    private Dictionary<string, object?> Legal(IEnumerable<KeyValuePair<string, object?>> values, string[] above)
    {
        var legal = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in values)
        {
            string[] path = [.. above, key];
            if (Judge(path).Taken)
            {
                legal[key] = value is IEnumerable<KeyValuePair<string, object?>> inside ? Legal(inside, path) : value;
            }
        }

        return legal;
    }

    private ChartPlace Judge(string[] path)
    {
        var name = string.Join('.', path);
        for (var length = 1; length <= path.Length; length++)
        {
            if (schema?.Allows(path.AsSpan(0, length)) == false)
            {
                return new(name, false, false, "schema: additionalProperties false");
            }
        }

        if (uses is null)
        {
            return new(name, true, true, "the templates are more than can be followed");
        }

        if (inner.Contains(path[0]))
        {
            return new(name, true, true, "it goes to a chart within it");
        }

        var (use, passed) = (uses, uses.PassedOn);
        foreach (var key in path)
        {
            if (passed.Length > 0)
            {
                break;
            }

            if (use.Find(key) is not { IsReached: true } next)
            {
                return new(name, false, false, use.Below.Count == 0 || use == uses ? "nothing reads it" : Only(use));
            }

            (use, passed) = (next, next.PassedOn);
        }

        var closed = schema?.Allows([.. path, "an-other-name"]) == false;
        return closed ? new(name, true, false, "schema: additionalProperties false")
            : passed.Length > 0 ? new(name, true, true, $"templates pass it on whole: {passed}")
            : use.Below.Count > 0 ? new(name, true, false, Only(use))
            : new(name, true, false, "templates only look whether it is set");
    }

    private static string Only(ValueUse use) =>
        $"templates read only {string.Join(", ", use.Below.Keys.Order(StringComparer.Ordinal).Take(8).Select(k => $".{k}"))}{(use.Below.Count > 8 ? $" and {use.Below.Count - 8} more" : "")}";

    private static IEnumerable<string> Paths(string[] above, YamlNode? node, ValueUse? use, int depth)
    {
        var named = node is YamlMappingNode map
            ? map.Children.ToDictionary(c => (c.Key as YamlScalarNode)?.Value ?? "", c => c.Value, StringComparer.Ordinal)
            : [];
        foreach (
            var key in depth > 3
                ? []
                : named
                    .Keys.Union(use?.Below.Keys ?? [], StringComparer.Ordinal)
                    .Where(k => k.Length > 0 && !k.Contains('.', StringComparison.Ordinal))
                    .Take(300)
        )
        {
            var (inside, below) = (named.GetValueOrDefault(key), use?.Find(key));
            if (inside is YamlMappingNode or YamlSequenceNode || below?.Below.Count > 0)
            {
                yield return string.Join('.', [.. above, key]);
                foreach (var deeper in Paths([.. above, key], inside, below, depth + 1))
                {
                    yield return deeper;
                }
            }
        }
    }

    private YamlNode? Default(params string[] path) =>
        path.Aggregate(
            (YamlNode?)defaults,
            (node, key) => node is YamlMappingNode mapping && mapping.Children.TryGetValue(key, out var next) ? next : null
        );

    private static YamlMappingNode Defaults(string folder)
    {
        var path = System.IO.Path.Combine(folder, "values.yaml");
        return !File.Exists(path)
            ? new YamlMappingNode()
            : BoundedYaml.ReadFile(path, ReadLimits.ChartFile("values.yaml")) switch
            {
                [] => new YamlMappingNode(),
                [YamlMappingNode mapping] => mapping,
                [YamlScalarNode { Value: null or "" or "null" or "~" }] => new YamlMappingNode(),
                _ => throw new ChartException("chart-invalid", "values.yaml is not one mapping."),
            };
    }

    private static ValueUse? Uses(string folder)
    {
        try
        {
            return TemplateReader.Read(ChartParts.Files(folder));
        }
        catch (TemplateTooHardException)
        {
            return null;
        }
    }

    private static ChartSchema? Schema(string folder)
    {
        var path = System.IO.Path.Combine(folder, "values.schema.json");
        if (!File.Exists(path))
        {
            return null;
        }

        var limits = ReadLimits.ChartFile("values.schema.json");
        if (new FileInfo(path).Length > limits.Size)
        {
            throw BoundedYaml.TooLarge(limits);
        }

        using var document = BoundedJson.Document(File.ReadAllBytes(path), limits);
        return new ChartSchema(document.RootElement.Clone());
    }

    // A subchart may have another name there, and a condition decides whether it is there.
    private static HashSet<string> Inner(string folder)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in new[] { "Chart.yaml", "requirements.yaml" }.Select(n => System.IO.Path.Combine(folder, n)).Where(File.Exists))
        {
            if (
                BoundedYaml.ReadFile(name, ReadLimits.ChartFile(System.IO.Path.GetFileName(name))) is [YamlMappingNode chart]
                && chart.Children.TryGetValue("dependencies", out var all)
                && all is YamlSequenceNode list
            )
            {
                foreach (var one in list.Children.OfType<YamlMappingNode>())
                {
                    string?[] words =
                    [
                        Word(one, "alias"),
                        Word(one, "alias").Length == 0 ? Word(one, "name") : "",
                        .. Word(one, "condition").Split(',').Select(c => c.Trim().Split('.')[0]),
                        "tags",
                        "global",
                    ];
                    found.UnionWith(words.OfType<string>().Where(w => w.Length > 0));
                }
            }
        }

        return found;
    }

    private static string Word(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out var value) && value is YamlScalarNode { Value: { } text } ? text : "";
}
