using System.Text.Json.Nodes;

namespace Portkey.Portal.Sandbox.Patching;

/// <summary>RFC 7386: objects are merged, null removes, everything else replaces.</summary>
internal static class MergePatch
{
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject change)
        {
            return patch?.DeepClone();
        }

        var result = target is JsonObject item ? (JsonObject)item.DeepClone() : [];
        foreach (var (key, value) in change)
        {
            if (value is null)
            {
                result.Remove(key);
            }
            else
            {
                result[key] = Apply(result[key], value);
            }
        }

        return result;
    }
}
