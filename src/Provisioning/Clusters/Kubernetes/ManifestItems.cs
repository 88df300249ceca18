using System.Text.Json.Nodes;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>The individual objects of manifests: whatever has <c>items</c> is a list to Helm, whatever its kind says, and may hold lists
/// again.</summary>
internal static class ManifestItems
{
    private const int Deepest = 16;

    /// <summary>Every object, with lists expanded. An item without a kind gets that of its list, as Helm's own reading does.</summary>
    /// <exception cref="ClusterException">The text is not YAML manifests.</exception>
    public static IReadOnlyList<JsonObject> Parse(string yaml) => [.. ManifestYaml.Parse(yaml).SelectMany(o => Of(o, 0))];

    /// <summary>The same for a row that may have been changed outside the portal; null where the text is not what was once rendered.
    /// Code that shows or applies the text itself reports that.</summary>
    public static IReadOnlyList<JsonObject>? TryParse(string yaml)
    {
        try
        {
            return Parse(yaml);
        }
        catch (ClusterRejectedException)
        {
            return null;
        }
    }

    private static IEnumerable<JsonObject> Of(JsonObject manifest, int depth)
    {
        if (manifest["items"] is not JsonArray items)
        {
            return [manifest];
        }

        if (depth == Deepest)
        {
            throw new ClusterRejectedException("manifest-invalid", $"The manifests hold lists within lists, more than {Deepest} deep.");
        }

        var kind = manifest["kind"]?.ToString() ?? "";
        return items.SelectMany(i =>
            i is JsonObject item
                ? Of(
                    Named(
                        item,
                        kind.EndsWith("List", StringComparison.Ordinal) ? kind[..^4] : kind,
                        manifest["apiVersion"]?.ToString() ?? ""
                    ),
                    depth + 1
                )
                : throw new ClusterRejectedException("manifest-invalid", $"{kind} holds an item that is not an object.")
        );
    }

    private static JsonObject Named(JsonObject item, string kind, string apiVersion)
    {
        if (item["kind"] is not null && item["apiVersion"] is not null)
        {
            return item;
        }

        var named = item.DeepClone().AsObject();
        named["kind"] ??= kind;
        named["apiVersion"] ??= apiVersion;
        return named;
    }
}
