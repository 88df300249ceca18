using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Provisioning.Common;

/// <summary>One text for all JSON that means the same: JSON objects have no order.</summary>
internal static class CanonicalJson
{
    public static string Write<T>(T value) => Sorted(JsonSerializer.SerializeToNode(value, PortalJson.Options))?.ToJsonString() ?? "null";

    private static JsonNode? Sorted(JsonNode? node) =>
        node switch
        {
            JsonObject map => new JsonObject(
                map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))
            ),
            JsonArray list => new JsonArray([.. list.Select(Sorted)]),
            _ => node?.DeepClone(),
        };
}
