using System.Text.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Schema;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Apply;

/// <summary>Names the items of lists that are merged item by item.</summary>
internal static class ListKeys
{
    private static readonly JsonSerializerOptions _plain = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The step of an item in a path: <c>k:{"name":"x"}</c> or <c>v:"x"</c>.</summary>
    public static string StepOf(FieldType list, JsonNode? item)
    {
        if (list.IsSet)
        {
            return "v:" + (item?.ToJsonString(_plain) ?? "null");
        }

        var keys = new JsonObject();
        foreach (var key in list.Keys.Order(StringComparer.Ordinal))
        {
            if (item.Child(key) is { } value)
            {
                keys[key] = value.DeepClone();
            }
            else if (FieldType.KeyDefault(key) is { } standard)
            {
                keys[key] = standard;
            }
        }

        return "k:" + keys.ToJsonString(_plain);
    }

    /// <summary>The items by their steps. A duplicate item is an error of the writer.</summary>
    public static Dictionary<string, JsonNode?> Index(FieldType list, JsonArray items, bool refuseTwice, string path)
    {
        var index = new Dictionary<string, JsonNode?>(items.Count, StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (list.IsAssociative && item is not JsonObject)
            {
                throw KubeStatusException.BadRequest($"{path}: expected a list of objects");
            }

            if (!index.TryAdd(StepOf(list, item), item) && refuseTwice)
            {
                throw new KubeStatusException(
                    500,
                    "InternalError",
                    $"failed to create typed patch object: {path}: duplicate entries for key {StepOf(list, item)[2..]}"
                );
            }
        }

        return index;
    }
}
