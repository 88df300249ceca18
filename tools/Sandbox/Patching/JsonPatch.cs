using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.JsonPatch.SystemTextJson;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Patching;

/// <summary>RFC 6902: a list of operations, all or none. What the library accepts but an API server does not is checked
/// first.</summary>
internal static class JsonPatch
{
    private const int MostOperations = 10_000;

    public static JsonObject Apply(JsonObject target, JsonArray patch)
    {
        if (patch.Count > MostOperations)
        {
            throw new KubeStatusException(
                413,
                "RequestEntityTooLarge",
                $"The allowed maximum operations in a JSON patch is {MostOperations}, got {patch.Count}"
            );
        }

        JsonNode? root = target.DeepClone();
        foreach (var node in patch)
        {
            var operation =
                node as JsonObject ?? throw KubeStatusException.BadRequest("error decoding patch: an operation must be an object");
            Check(operation);
            root = operation.Text("path") is "" ? Whole(root, operation) : Run(root, operation);
        }

        return root as JsonObject ?? throw Invalid("the patch replaced the object by something else");
    }

    private static void Check(JsonObject operation)
    {
        var op = operation.Text("op");
        if (op is not ("add" or "remove" or "replace" or "move" or "copy" or "test"))
        {
            throw KubeStatusException.BadRequest($"error decoding patch: unexpected kind: {op}");
        }

        CheckPath(operation.Text("path"));
        if (op is "move" or "copy")
        {
            CheckPath(operation.Text("from"));
        }

        if (op is "add" or "replace" && !operation.ContainsKey("value"))
        {
            throw KubeStatusException.BadRequest("error decoding patch: an operation lacks its value");
        }
    }

    private static void CheckPath(string? path)
    {
        if (path is null)
        {
            throw KubeStatusException.BadRequest("error decoding patch: an operation lacks its path");
        }

        if (path.Length > 0 && path[0] != '/')
        {
            throw KubeStatusException.BadRequest($"error decoding patch: the path '{path}' does not start with a slash");
        }
    }

    // The library knows no path to the whole document.
    private static JsonNode? Whole(JsonNode? root, JsonObject operation) =>
        operation.Text("op") switch
        {
            "add" or "replace" => operation["value"]?.DeepClone(),
            "test" => JsonNode.DeepEquals(root, operation["value"]) ? root : throw Invalid("testing value  failed"),
            _ => throw Invalid($"{operation.Text("op")} operation does not apply to the whole object"),
        };

    private static JsonNode Run(JsonNode? root, JsonObject operation)
    {
        var node = root ?? throw Invalid("the patch replaced the object by something else");
        var error = "";
        JsonSerializer
            .Deserialize<JsonPatchDocument>($"[{operation.ToJsonString()}]")!
            .ApplyTo(node, problem => error = problem.ErrorMessage);
        return error.Length == 0 ? node : throw Invalid($"{operation.Text("op")} operation does not apply: {error}");
    }

    private static KubeStatusException Invalid(string why) =>
        new(422, "Invalid", $"the server rejected our request due to an error in our request: {why}");
}
