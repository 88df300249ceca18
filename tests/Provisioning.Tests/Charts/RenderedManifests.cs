using System.Text.Json.Nodes;
using Xunit;
using YamlDotNet.Serialization;

namespace Portkey.Portal.Provisioning.Tests.Charts;

/// <summary>The objects of a render, as JSON trees of text and booleans that tests can index.</summary>
internal sealed class RenderedManifests(string text, IReadOnlyList<JsonNode> objects)
{
    private static readonly IDeserializer Reader = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();

    public string Text { get; } = text;

    public IReadOnlyList<JsonNode> Objects { get; } = objects;

    public static RenderedManifests Parse(string text)
    {
        // Helm separates objects by a line of three dashes.
        var objects = text.Split("\n---\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(document => ToJson(Reader.Deserialize<object?>(document.TrimStart('-'))))
            .OfType<JsonNode>()
            .ToList();
        return new RenderedManifests(text, objects);
    }

    public static JsonNode? ParseValues(string yaml) => ToJson(Reader.Deserialize<object?>(yaml));

    public bool Has(string kind) => Objects.Any(o => o.Text("kind") == kind);

    public JsonNode One(string kind, string? name = null) =>
        Assert.Single(Objects, o => o.Text("kind") == kind && (name is null || o.Text("metadata", "name") == name));

    /// <summary>Name of each workload, with its pod spec.</summary>
    public IEnumerable<(string Name, JsonNode Spec)> Pods() =>
        Objects.Where(o => o["spec"]?["template"] is not null).Select(o => (o.Text("metadata", "name")!, o["spec"]!["template"]!["spec"]!));

    private static JsonNode? ToJson(object? value) =>
        value switch
        {
            null => null,
            IDictionary<object, object?> map => new JsonObject(
                map.Select(pair => KeyValuePair.Create(pair.Key.ToString()!, ToJson(pair.Value)))
            ),
            IList<object?> list => new JsonArray([.. list.Select(ToJson)]),
            bool flag => JsonValue.Create(flag),
            _ => JsonValue.Create(Convert.ToString(value)),
        };
}

/// <summary>Short ways to look into a manifest.</summary>
internal static class JsonNodeLookup
{
    /// <summary>The value at a path as text, whatever its scalar type; null where there is none.</summary>
    public static string? Text(this JsonNode? node, params string[] path) => node.At(path)?.ToString();

    public static JsonNode? At(this JsonNode? node, params string[] path) =>
        path.Aggregate(node, (current, key) => (current as JsonObject)?[key]);

    public static IReadOnlyList<JsonNode> Items(this JsonNode? node, params string[] path) =>
        [.. (node.At(path) as JsonArray ?? []).OfType<JsonNode>()];

    /// <summary>The first container of a workload.</summary>
    public static JsonNode Container(this JsonNode workload) => workload.Items("spec", "template", "spec", "containers")[0];

    public static JsonNode? Env(this JsonNode container, string name) =>
        container.Items("env").SingleOrDefault(entry => entry.Text("name") == name);
}
