using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Discovery;

/// <summary>
/// As much OpenAPI as clients read before they write: that PATCH of each kind understands fieldValidation and dryRun,
/// so that kubectl and Helm leave validation to the server.
/// </summary>
internal static class OpenApi
{
    public static JsonObject Index()
    {
        var paths = new JsonObject();
        foreach (var root in ResourceTypes.All.Select(t => t.RootPath.TrimStart('/')).Distinct())
        {
            paths[root] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{root}?hash={ApiLimits.KubernetesVersion}" };
        }

        return new JsonObject { ["paths"] = paths };
    }

    /// <summary>The document of one group and version, such as <c>apis/apps/v1</c>; nothing where there is none.</summary>
    public static JsonObject? Document(string root)
    {
        var types = ResourceTypes.All.Where(t => t.RootPath.TrimStart('/') == root && t.Ability is ResourceAbility.Full).ToList();
        if (types.Count == 0)
        {
            return null;
        }

        var paths = new JsonObject();
        foreach (var type in types)
        {
            paths[$"{type.RootPath}{(type.Namespaced ? "/namespaces/{namespace}" : "")}/{type.Plural}/{{name}}"] = new JsonObject
            {
                ["patch"] = Patch(type),
            };
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = ApiLimits.KubernetesVersion },
            ["paths"] = paths,
        };
    }

    public static JsonObject Swagger() =>
        new()
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = ApiLimits.KubernetesVersion },
            ["paths"] = new JsonObject(),
            ["definitions"] = new JsonObject(),
        };

    /// <summary>The same in the protobuf encoding of gnostic's openapi.v2.Document, which is all that client-go reads.</summary>
    public static byte[] SwaggerProto()
    {
        byte[] info =
        [
            .. Field(1, Encoding.ASCII.GetBytes("Kubernetes")),
            .. Field(2, Encoding.ASCII.GetBytes(ApiLimits.KubernetesVersion)),
        ];
        return [.. Field(1, "2.0"u8), .. Field(2, info), .. Field(8, [])];
    }

    private static byte[] Field(int number, ReadOnlySpan<byte> value) => [(byte)((number << 3) | 2), (byte)value.Length, .. value];

    private static JsonObject Patch(ResourceType type) =>
        new()
        {
            ["operationId"] = $"patch{type.Kind}",
            ["parameters"] = new JsonArray(
                Parameter("dryRun"),
                Parameter("fieldManager"),
                Parameter("fieldValidation"),
                Parameter("force")
            ),
            ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
            ["x-kubernetes-action"] = "patch",
            ["x-kubernetes-group-version-kind"] = new JsonObject
            {
                ["group"] = type.Group,
                ["version"] = type.Version,
                ["kind"] = type.Kind,
            },
        };

    private static JsonObject Parameter(string name) =>
        new()
        {
            ["name"] = name,
            ["in"] = "query",
            ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true },
        };
}
