using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Tables;

/// <summary>One column of <c>kubectl get</c>. A priority above 0 shows only with <c>-o wide</c>.</summary>
internal sealed record Column(string Name, Func<JsonObject, JsonNode?> Cell, int Priority = 0, string Type = "string");

/// <summary>Objects in the form that kubectl prints.</summary>
internal static class Table
{
    public static JsonObject Of(ResourceType type, IReadOnlyList<JsonObject> items, string version, string include, bool withColumns)
    {
        var columns = Columns.Of(type);
        var rows = new JsonArray();
        foreach (var item in items)
        {
            var row = new JsonObject { ["cells"] = new JsonArray([.. columns.Select(c => c.Cell(item))]) };
            if (include != "None")
            {
                row["object"] =
                    include == "Object"
                        ? item.DeepClone()
                        : new JsonObject
                        {
                            ["kind"] = "PartialObjectMetadata",
                            ["apiVersion"] = "meta.k8s.io/v1",
                            ["metadata"] = item["metadata"]?.DeepClone(),
                        };
            }

            rows.Add(row);
        }

        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = new JsonObject { ["resourceVersion"] = version },
            ["columnDefinitions"] = withColumns ? new JsonArray([.. columns.Select(Define)]) : null,
            ["rows"] = rows,
        };
    }

    public static JsonObject Bookmark(JsonObject metadata) =>
        new()
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = new JsonObject { ["resourceVersion"] = metadata["resourceVersion"]?.DeepClone() },
            ["columnDefinitions"] = null,
            ["rows"] = new JsonArray(
                new JsonObject
                {
                    ["cells"] = null,
                    ["object"] = new JsonObject
                    {
                        ["kind"] = "PartialObjectMetadata",
                        ["apiVersion"] = "meta.k8s.io/v1",
                        ["metadata"] = metadata,
                    },
                }
            ),
        };

    private static JsonNode Define(Column column) =>
        new JsonObject
        {
            ["name"] = column.Name,
            ["type"] = column.Type,
            ["format"] = column.Name == "Name" ? "name" : "",
            ["description"] = "",
            ["priority"] = column.Priority,
        };
}
