using System.Text.Json.Nodes;

namespace Portkey.Portal.Sandbox.Admission;

/// <summary>Sets a field where it is missing.</summary>
internal static class DefaultValues
{
    public static JsonObject Or(this JsonObject item, string key, JsonValue value)
    {
        if (item[key] is null)
        {
            item[key] = value;
        }

        return item;
    }

    public static JsonObject Or(this JsonObject item, string key, string value) => item.Or(key, JsonValue.Create(value)!);

    public static JsonObject Or(this JsonObject item, string key, int value) => item.Or(key, JsonValue.Create(value));

    public static JsonObject Or(this JsonObject item, string key, bool value) => item.Or(key, JsonValue.Create(value));

    public static JsonObject OrObject(this JsonObject item, string key)
    {
        if (item[key] is not JsonObject child)
        {
            item[key] = child = [];
        }

        return child;
    }
}
