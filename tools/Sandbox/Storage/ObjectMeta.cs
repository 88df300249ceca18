using System.Globalization;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Sandbox.Storage;

/// <summary>Short ways to read and write the parts of an object that every kind has.</summary>
internal static class ObjectMeta
{
    public static JsonObject Meta(this JsonObject item)
    {
        if (item["metadata"] is not JsonObject metadata)
        {
            item["metadata"] = metadata = [];
        }

        return metadata;
    }

    public static string Name(this JsonObject item) => item["metadata"].Text("name") ?? "";

    public static string Namespace(this JsonObject item) => item["metadata"].Text("namespace") ?? "";

    public static string Uid(this JsonObject item) => item["metadata"].Text("uid") ?? "";

    public static bool IsDeleting(this JsonObject item) => item["metadata"].Text("deletionTimestamp") is not null;

    public static long ResourceVersion(this JsonObject item) =>
        long.TryParse(item["metadata"].Text("resourceVersion"), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : 0;

    public static long Generation(this JsonObject item) => item["metadata"].Number("generation") ?? 0;

    public static string? Label(this JsonObject item, string key) => item["metadata"].Child("labels").Text(key);

    public static JsonObject? Spec(this JsonObject item) => item["spec"] as JsonObject;

    public static JsonObject? Status(this JsonObject item) => item["status"] as JsonObject;

    /// <summary>The child of that name where the node is an object and has one.</summary>
    public static JsonNode? Child(this JsonNode? node, string key) => node is JsonObject item ? item[key] : null;

    /// <summary>The child at the end of a path, or nothing.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            node = node.Child(key);
        }

        return node;
    }

    public static string? Text(this JsonNode? node, string key) =>
        node.Child(key) is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static long? Number(this JsonNode? node, string key) => node.Child(key).AsNumber();

    public static long? AsNumber(this JsonNode? node)
    {
        if (node is not JsonValue value)
        {
            return null;
        }

        return value.TryGetValue<long>(out var number) ? number
            : value.TryGetValue<int>(out var small) ? small
            : value.TryGetValue<double>(out var real) && Math.Abs(real) < 9e15 ? (long)real
            : null;
    }

    public static bool? Flag(this JsonNode? node, string key) =>
        node.Child(key) is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    public static IEnumerable<JsonObject> Objects(this JsonNode? node) => node is JsonArray array ? array.OfType<JsonObject>() : [];

    public static IEnumerable<string> Texts(this JsonNode? node) =>
        node is JsonArray array
            ? array.Select(n => n is JsonValue v && v.TryGetValue<string>(out var text) ? text : null).OfType<string>()
            : [];

    /// <summary>The time format of the Kubernetes API: RFC 3339 in UTC with whole seconds.</summary>
    public static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string StampNow() => Stamp(TimeProvider.System.GetUtcNow());
}
