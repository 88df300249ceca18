using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>Pods that one workload of the rendered objects asks for.</summary>
/// <param name="Name">Workload.</param>
/// <param name="Least">How many there always are.</param>
/// <param name="Most">How many there are at most, with autoscaling.</param>
/// <param name="Cpu">Cores that each requests.</param>
/// <param name="Memory">Bytes that each requests.</param>
/// <param name="Spec">Spec of the pod.</param>
internal sealed record PodGroup(string Name, int Least, int Most, decimal Cpu, decimal Memory, JsonObject Spec)
{
    /// <summary>Reads them from the objects that keep running. A container that requests nothing gets its limit, or else what a LimitRange
    /// among them gives.</summary>
    public static IReadOnlyList<PodGroup> Of(IReadOnlyList<JsonObject> objects)
    {
        var scaled = OfKind(objects, "HorizontalPodAutoscaler")
            .Select(o => o["spec"])
            .ToLookup(s => Text(s?["scaleTargetRef"]?["name"]), StringComparer.Ordinal);
        var defaults = OfKind(objects, "LimitRange")
            .SelectMany(o => (o["spec"]?["limits"] as JsonArray ?? []).OfType<JsonObject>())
            .FirstOrDefault(l => Text(l["type"]) == "Container");
        return
        [
            .. OfKind(objects, "Deployment", "StatefulSet", "Pod")
                .Select(o =>
                {
                    var name = Text(o["metadata"]?["name"]);
                    var spec = (Text(o["kind"]) == "Pod" ? o["spec"] : o["spec"]?["template"]?["spec"]) as JsonObject ?? [];
                    var replicas = Number(o["spec"]?["replicas"]);
                    var (least, most) = scaled[name].FirstOrDefault() is { } scaling
                        ? (Number(scaling["minReplicas"]), Number(scaling["maxReplicas"]))
                        : (replicas, replicas);
                    return new PodGroup(
                        name,
                        least,
                        Math.Max(least, most),
                        Requests(spec, "cpu", defaults),
                        Requests(spec, "memory", defaults),
                        spec
                    );
                }),
        ];
    }

    /// <summary>A Kubernetes quantity; 0 for nothing and for what is not one.</summary>
    public static decimal Quantity(JsonNode? node) => Quantities.Read(node) ?? 0;

    // Init containers run before and one after another: the largest counts if it is more than all that run later.
    private static decimal Requests(JsonObject spec, string resource, JsonObject? defaults) =>
        Math.Max(
            Containers(spec["containers"]).Sum(c => One(c, resource, defaults)),
            Containers(spec["initContainers"]).Select(c => One(c, resource, defaults)).DefaultIfEmpty().Max()
        );

    private static decimal One(JsonObject container, string resource, JsonObject? defaults) =>
        Quantity(
            container["resources"]?["requests"]?[resource]
                ?? container["resources"]?["limits"]?[resource]
                ?? defaults?["defaultRequest"]?[resource]
        );

    private static IEnumerable<JsonObject> Containers(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();

    private static IEnumerable<JsonObject> OfKind(IEnumerable<JsonObject> objects, params string[] kinds) =>
        objects.Where(o => kinds.Contains(Text(o["kind"]), StringComparer.Ordinal));

    // YAML's numbers come as any width.
    private static int Number(JsonNode? node) => node is null ? 1 : (int)Math.Clamp(Quantity(node), 0, 10_000);

    private static string Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : node?.ToJsonString() ?? "";
}
