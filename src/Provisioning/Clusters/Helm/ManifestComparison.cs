using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>Whether two texts hold the same objects, field by field. Their order, comments and YAML style do not count.</summary>
internal static class ManifestComparison
{
    /// <summary>Kinds and names of objects that are in one only, or that differ; empty when they are the same.</summary>
    /// <exception cref="ClusterException">One of them is not YAML manifests.</exception>
    public static IReadOnlyList<string> Differences(string approved, string recorded)
    {
        var (wanted, found) = (Count(approved), Count(recorded));
        return
        [
            .. wanted
                .Keys.Union(found.Keys)
                .Where(k => wanted.GetValueOrDefault(k) != found.GetValueOrDefault(k))
                .Select(k => k.Name)
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
    }

    private static Dictionary<(string Name, string Text), int> Count(string manifest) =>
        ManifestYaml
            .Parse(manifest)
            .GroupBy(o => ($"{o["kind"]} {(o["metadata"] as JsonObject)?["name"]}", Canonical(o)!.ToJsonString()))
            .ToDictionary(g => g.Key, g => g.Count());

    // Fields of an object have no order.
    private static JsonNode? Canonical(JsonNode? node) =>
        node switch
        {
            JsonObject mapping => new JsonObject(
                mapping.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Canonical(p.Value)))
            ),
            JsonArray list => new JsonArray([.. list.Select(Canonical)]),
            _ => node?.DeepClone(),
        };
}
