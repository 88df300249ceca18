using Portkey.Portal.Provisioning.Reading;
using YamlDotNet.RepresentationModel;

namespace Portkey.Portal.Provisioning.Helm;

/// <summary>
/// What one chart version takes, read off its own values.yaml. A value is legal where the file names it, or below a place that it leaves
/// empty (<c>{}</c> or nothing) for the caller to fill.
/// </summary>
public sealed class ChartFacts
{
    private readonly YamlMappingNode? root;

    private ChartFacts(YamlMappingNode? root) => this.root = root;

    /// <summary>A chart that takes everything; for where no chart is at hand.</summary>
    public static ChartFacts Everything { get; } = new(null);

    /// <summary>Whether an existing Secret can be named from which the gateway's environment comes.</summary>
    public bool TakesExistingSecret => Accepts("environment.existingSecret") && Accepts("environment.secretKeys");

    /// <summary>
    /// Whether it keeps the gateway's environment in an object of its own, as charts before <c>existingSecret</c> do, and lets the container
    /// take it from elsewhere instead.
    /// </summary>
    public bool NeedsSettingsBesideIt => !TakesExistingSecret && Accepts("environment.create") && (Accepts("envFrom") || Accepts("extraContainerConfig"));

    /// <summary>Whether the chart has a place for the gateway's settings at all.</summary>
    public bool TakesSettings => Accepts("environment.data");

    /// <summary>Whether it writes the names of pull secrets as plain strings, as charts before <c>existingSecret</c> do.</summary>
    public bool NamesPullSecretsPlainly => At("imagePullSecrets") is YamlSequenceNode { Children: [YamlScalarNode, ..] };

    /// <summary>Environment variables that values.yaml names, with or without a default.</summary>
    public IReadOnlyList<string> Settings =>
        At("environment", "data") is YamlMappingNode data ? [.. data.Children.Keys.OfType<YamlScalarNode>().Select(k => k.Value ?? "")] : [];

    /// <summary>Reads the facts of an unpacked chart. One without a values.yaml takes nothing.</summary>
    /// <exception cref="ChartException">values.yaml is not one YAML mapping.</exception>
    public static ChartFacts Read(string folder)
    {
        var path = Path.Combine(folder, "values.yaml");
        if (!File.Exists(path))
        {
            return new ChartFacts(new YamlMappingNode());
        }

        try
        {
            return new ChartFacts(BoundedYaml.ReadFile(path, ReadLimits.ChartFile("values.yaml")) switch
            {
                [] => new YamlMappingNode(),
                [YamlMappingNode mapping] => mapping,
                [YamlScalarNode { Value: null or "" or "null" or "~" }] => new YamlMappingNode(),
                _ => throw new ChartException("chart-invalid", "values.yaml is not one mapping."),
            });
        }
        catch (UnreadableException problem)
        {
            throw new ChartException("chart-invalid", problem.Message, inner: problem);
        }
    }

    /// <summary>Whether the chart takes a value at that path, such as <c>service.type</c>.</summary>
    public bool Accepts(string path) => root is null || Find(path.Split('.')) != Place.Unknown;

    /// <summary>Whether it takes an environment variable of that name: it names it, or it leaves the place open. Variables that no version of Portkey's chart names are read by every gateway.</summary>
    /// <param name="key">Name.</param>
    /// <param name="since">Chart version that first names it; empty for none.</param>
    public bool AcceptsSetting(string key, string since) =>
        root is null || (TakesSettings && (since.Length == 0 || At("environment", "data") is not YamlMappingNode { Children.Count: > 0 } data || data.Children.ContainsKey(key)));

    /// <summary>The same values without what the chart does not take. What is below <c>environment.data</c> is the caller's to choose.</summary>
    public Dictionary<string, object?> Legal(Dictionary<string, object?> values) => root is null ? values : Legal(values, root, []);

    private static Dictionary<string, object?> Legal(IEnumerable<KeyValuePair<string, object?>> values, YamlMappingNode known, IReadOnlyList<string> above)
    {
        var legal = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in values)
        {
            if (!known.Children.TryGetValue(key, out var node))
            {
                continue;
            }

            IReadOnlyList<string> path = [.. above, key];
            legal[key] = node is YamlMappingNode { Children.Count: > 0 } below && value is IEnumerable<KeyValuePair<string, object?>> inner && path is not ["environment", "data"]
                ? Legal(inner, below, path)
                : value;
        }

        return legal;
    }

    private Place Find(string[] path)
    {
        YamlNode node = root!;
        foreach (var key in path)
        {
            if (node is not YamlMappingNode mapping)
            {
                return node is YamlScalarNode { Value: null or "" or "null" or "~" } ? Place.Open : Place.Unknown;
            }

            if (mapping.Children.Count == 0 && node != root)
            {
                return Place.Open;
            }

            if (!mapping.Children.TryGetValue(key, out var next))
            {
                return Place.Unknown;
            }

            node = next;
        }

        return Place.Named;
    }

    private YamlNode? At(params string[] path) =>
        path.Aggregate((YamlNode?)root, (node, key) => node is YamlMappingNode mapping && mapping.Children.TryGetValue(key, out var next) ? next : null);

    private enum Place
    {
        Unknown,
        Named,
        Open,
    }
}
