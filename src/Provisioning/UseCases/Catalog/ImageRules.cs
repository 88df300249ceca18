using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>What was approved must still be what is pulled tomorrow: no image by a moving tag. Pure.</summary>
public static class ImageRules
{
    private static readonly string[] ContainerLists = ["initContainers", "containers", "ephemeralContainers"];

    /// <summary>Whether a tag moves: <c>latest</c>, which is also the meaning of no tag.</summary>
    public static bool IsFloatingTag(string tag) => tag.Length == 0 || tag.Equals("latest", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a reference names neither a digest nor a fixed tag.</summary>
    public static bool IsFloating(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
        {
            return image.EndsWith('@');
        }

        // A colon before the last slash is that of the registry's port.
        var (slash, colon) = (image.LastIndexOf('/'), image.LastIndexOf(':'));
        return colon <= slash || IsFloatingTag(image[(colon + 1)..].Trim());
    }

    /// <summary>Containers with a floating image, wherever in an object they are; empty for none.</summary>
    /// <exception cref="ClusterException">The text is not YAML manifests.</exception>
    public static IReadOnlyList<string> Floating(string manifest)
    {
        var wrong = new List<string>();
        foreach (var one in ManifestYaml.Parse(manifest))
        {
            Look(one, Where(one, ""), wrong);
        }

        return wrong;
    }

    private static void Look(JsonNode? node, string where, List<string> wrong)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (key, value) in map)
                {
                    if (value is JsonArray containers && ContainerLists.Contains(key))
                    {
                        wrong.AddRange(
                            containers
                                .OfType<JsonObject>()
                                .Where(c => IsFloating(Text(c["image"])))
                                .Select(c =>
                                    $"{where}, container {Text(c["name"])}: image '{Text(c["image"])}' has no tag, or a moving one. Name a version, or a digest."
                                )
                        );
                    }

                    Look(value, where, wrong);
                }

                break;
            case JsonArray list:
                foreach (var item in list)
                {
                    Look(item, Where(item as JsonObject, where), wrong);
                }

                break;
        }
    }

    private static string Where(JsonObject? one, string otherwise) =>
        Text(one?["kind"]) is { Length: > 0 } kind ? $"{kind} {Text((one!["metadata"] as JsonObject)?["name"])}" : otherwise;

    private static string Text(JsonNode? node) => (node as JsonValue)?.ToString() ?? "";
}
