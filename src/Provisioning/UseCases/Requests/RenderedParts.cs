using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>A workload of a rendered manifest.</summary>
/// <param name="Kind">Kind, such as <c>Deployment</c>.</param>
/// <param name="Name">Name.</param>
/// <param name="Labels">Labels of its pods.</param>
/// <param name="Pod">Spec of its pods.</param>
internal sealed record RenderedWorkload(string Kind, string Name, JsonObject? Labels, JsonObject Pod)
{
    /// <summary>Its containers without those that only run before.</summary>
    public IReadOnlyList<JsonObject> Containers { get; } = [.. (Pod["containers"] as JsonArray ?? []).OfType<JsonObject>()];

    /// <summary>Those and the ones that run before.</summary>
    public IEnumerable<JsonObject> AllContainers => Containers.Concat((Pod["initContainers"] as JsonArray ?? []).OfType<JsonObject>());

    /// <summary>Images without tag and digest.</summary>
    public IEnumerable<string> Repositories => Containers.Select(c => ManifestImages.Repository(RenderedParts.Text(c["image"])));

    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>Reads rendered manifests for what is judged of them.</summary>
internal static class RenderedParts
{
    private static readonly HashSet<string> Kinds = new(StringComparer.Ordinal)
    {
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "ReplicaSet",
        "ReplicationController",
        "Pod",
    };

    /// <summary>What keeps running; a Job ends.</summary>
    public static IReadOnlyList<RenderedWorkload> Workloads(IReadOnlyList<JsonObject> objects) =>
        [
            .. objects
                .Where(o => Kinds.Contains(Text(o["kind"])))
                .Select(o =>
                {
                    var template = Text(o["kind"]) == "Pod" ? o : At(o, "spec", "template") as JsonObject;
                    return template?["spec"] is JsonObject pod
                        ? new RenderedWorkload(
                            Text(o["kind"]),
                            Text(At(o, "metadata", "name")),
                            At(template, "metadata", "labels") as JsonObject,
                            pod
                        )
                        : null;
                })
                .OfType<RenderedWorkload>(),
        ];

    public static IReadOnlyList<JsonObject> Objects(string manifest) => [.. ManifestItems.Parse(manifest)];

    public static IEnumerable<JsonObject> OfKind(IEnumerable<JsonObject> objects, string kind) =>
        objects.Where(o => Text(o["kind"]) == kind);

    public static string Text(JsonNode? node) => node?.ToString() ?? "";

    public static JsonNode? At(JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            node = (node as JsonObject)?[key];
        }

        return node;
    }
}
