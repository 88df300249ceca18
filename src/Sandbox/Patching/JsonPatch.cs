using System.Globalization;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Patching;

/// <summary>RFC 6902: a list of operations, all or none.</summary>
internal static class JsonPatch
{
    private const int MostOperations = 10_000;

    public static JsonObject Apply(JsonObject target, JsonArray patch)
    {
        if (patch.Count > MostOperations)
        {
            throw new KubeStatusException(413, "RequestEntityTooLarge", $"The allowed maximum operations in a JSON patch is {MostOperations}, got {patch.Count}");
        }

        JsonNode? root = target.DeepClone();
        foreach (var node in patch)
        {
            if (node is not JsonObject operation)
            {
                throw KubeStatusException.BadRequest("error decoding patch: an operation must be an object");
            }

            root = Run(root, operation);
        }

        return root as JsonObject ?? throw Invalid("the patch replaced the object by something else");
    }

    private static JsonNode? Run(JsonNode? root, JsonObject operation)
    {
        var path = Split(operation.Text("path"));
        switch (operation.Text("op"))
        {
            case "add":
                return Add(root, path, Value(operation));
            case "remove":
                return Remove(root, path, out _);
            case "replace":
                if (path.Length == 0)
                {
                    return Value(operation);
                }

                root = Remove(root, path, out _);
                return Add(root, path, Value(operation));
            case "move":
                root = Remove(root, Split(operation.Text("from")), out var moved);
                return Add(root, path, moved?.DeepClone());
            case "copy":
                return Add(root, path, Find(root, Split(operation.Text("from")))?.DeepClone());
            case "test":
                if (!JsonNode.DeepEquals(Find(root, path), operation["value"]))
                {
                    throw Invalid($"testing value {operation.Text("path")} failed");
                }

                return root;
            default:
                throw KubeStatusException.BadRequest($"error decoding patch: unexpected kind: {operation.Text("op")}");
        }
    }

    private static JsonNode? Value(JsonObject operation) => operation.ContainsKey("value")
        ? operation["value"]?.DeepClone()
        : throw KubeStatusException.BadRequest("error decoding patch: an operation lacks its value");

    private static string[] Split(string? path) => path switch
    {
        null => throw KubeStatusException.BadRequest("error decoding patch: an operation lacks its path"),
        "" => [],
        ['/', .. var rest] => [.. rest.Split('/').Select(s => s.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))],
        _ => throw KubeStatusException.BadRequest($"error decoding patch: the path '{path}' does not start with a slash"),
    };

    private static JsonNode? Find(JsonNode? root, ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            root = root switch
            {
                JsonObject item when item.ContainsKey(step) => item[step],
                JsonArray list => list[Index(step, list.Count - 1)],
                _ => throw Invalid($"the path has no '{step}'"),
            };
        }

        return root;
    }

    private static JsonNode? Add(JsonNode? root, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            return value;
        }

        switch (Find(root, path.AsSpan(..^1)))
        {
            case JsonObject item:
                item[path[^1]] = value;
                return root;
            case JsonArray list:
                list.Insert(path[^1] == "-" ? list.Count : Index(path[^1], list.Count), value);
                return root;
            default:
                throw Invalid($"add operation does not apply: doc is missing path: \"/{string.Join('/', path)}\"");
        }
    }

    private static JsonNode? Remove(JsonNode? root, string[] path, out JsonNode? removed)
    {
        removed = Find(root, path);
        switch (path.Length == 0 ? null : Find(root, path.AsSpan(..^1)))
        {
            case JsonObject item:
                item.Remove(path[^1]);
                return root;
            case JsonArray list:
                list.RemoveAt(Index(path[^1], list.Count - 1));
                return root;
            default:
                throw Invalid("remove operation does not apply to the whole object");
        }
    }

    private static int Index(string step, int highest) =>
        int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= highest
            ? index
            : throw Invalid($"index '{step}' is out of bounds");

    private static KubeStatusException Invalid(string why) => new(422, "Invalid", $"the server rejected our request due to an error in our request: {why}");
}
