using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>What a pod may learn about itself through its environment.</summary>
internal static class DownwardApi
{
    public static string Field(JsonObject pod, string path, string podAddress) =>
        path switch
        {
            "metadata.name" or "metadata.namespace" or "metadata.uid" => pod.Text(path.Split('.')) ?? "",
            "spec.nodeName" or "spec.serviceAccountName" => pod.Text(path.Split('.')) ?? "",
            "status.podIP" or "status.podIPs" => podAddress,
            "status.hostIP" or "status.hostIPs" => "127.0.0.1",
            _ when Keyed(path) is var (map, key) => pod.Text("metadata", map, key) ?? "",
            _ => throw new ContainerConfigException($"unsupported fieldPath: {path}"),
        };

    public static string Resource(JsonObject container, string resource, string? divisor)
    {
        // "limits.cpu" or "requests.memory"
        var parts = resource.Split('.', 2);
        if (parts.Length != 2 || parts[0] is not ("limits" or "requests"))
        {
            throw new ContainerConfigException($"unsupported container resource: {resource}");
        }

        var unit = Quantity.Parse(divisor) is > 0 and var given ? given : 1;
        return $"{decimal.Ceiling(Quantity.Parse(container.Text("resources", parts[0], parts[1])) / unit):0}";
    }

    // metadata.labels['app.kubernetes.io/name']
    private static (string Map, string Key)? Keyed(string path) =>
        path.Split("['") is ["metadata.labels" or "metadata.annotations", var rest] parts && rest.EndsWith("']", StringComparison.Ordinal)
            ? (parts[0]["metadata.".Length..], rest[..^2])
            : null;
}
