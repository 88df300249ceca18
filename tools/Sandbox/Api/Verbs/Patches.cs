using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Patching;
using Portkey.Portal.Sandbox.Schema;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Verbs;

/// <summary>Reads a patch by its media type into a function from the current object to the next.</summary>
internal static class Patches
{
    public const string Json = "application/json-patch+json";
    public const string Merge = "application/merge-patch+json";
    public const string Strategic = "application/strategic-merge-patch+json";

    public static Func<ResourceType, JsonObject, JsonObject> Parse(string media, byte[] bytes)
    {
        switch (media)
        {
            case Json:
                var operations =
                    BodyReader.Json(bytes) as JsonArray
                    ?? throw KubeStatusException.BadRequest("error decoding patch: a JSON patch is a list of operations");
                return (_, current) => JsonPatch.Apply(current, operations);
            case Merge:
                var merge = Object(bytes);
                return (_, current) => (JsonObject)MergePatch.Apply(current, merge)!;
            case Strategic:
                var strategic = Object(bytes);
                return (type, current) => StrategicMerge.Apply(TypeCatalog.Of(type), current, strategic);
            default:
                throw BodyReader.Unsupported(media, $"{Json}, {Merge}, {Strategic}, application/apply-patch+yaml");
        }
    }

    private static JsonObject Object(byte[] bytes) =>
        BodyReader.Json(bytes) as JsonObject ?? throw KubeStatusException.BadRequest("error decoding patch: the patch is not an object");
}
