using System.Text.Json.Nodes;

namespace Portkey.Portal.Provisioning.Engine.SecretDelivery;

/// <summary>Names of Secrets in objects.</summary>
internal static class SecretNames
{
    /// <summary>Whether some field of an object has a name as its value; what kind of object it is does not matter.</summary>
    public static bool Names(JsonNode? item, string name) =>
        item switch
        {
            JsonObject one => one.Any(field => Names(field.Value, name)),
            JsonArray all => all.Any(i => Names(i, name)),
            JsonValue value => value.TryGetValue<string>(out var text) && text == name,
            _ => false,
        };
}
