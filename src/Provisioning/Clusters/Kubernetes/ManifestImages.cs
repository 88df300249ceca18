using System.Text.Json.Nodes;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>Images that rendered objects start.</summary>
internal static class ManifestImages
{
    private static readonly string[] ContainerLists = ["initContainers", "containers"];

    /// <summary>Images of all containers of rendered objects, once each.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<JsonObject> objects) =>
        [
            .. objects
                .SelectMany(Containers)
                .Select(c => c["image"]?.ToString() ?? "")
                .Where(i => i.Length > 0)
                .Distinct(StringComparer.Ordinal),
        ];

    /// <summary>An image without its tag and digest.</summary>
    public static string Repository(string image)
    {
        var name = image.Split('@')[0];
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? name[..colon] : name;
    }

    // Pod templates of workloads, and those of CronJobs one step deeper.
    private static IEnumerable<JsonObject> Containers(JsonObject one)
    {
        var spec = (one["spec"] as JsonObject)?["jobTemplate"]?["spec"] as JsonObject ?? one["spec"] as JsonObject;
        var pod =
            one["kind"]?.ToString() == "Pod" ? one["spec"] as JsonObject
            : spec?["template"] is JsonObject template ? template["spec"] as JsonObject
            : null;
        return pod is null ? [] : ContainerLists.SelectMany(l => (pod[l] as JsonArray ?? []).OfType<JsonObject>());
    }
}
