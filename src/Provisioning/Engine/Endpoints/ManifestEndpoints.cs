using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Endpoints;

/// <summary>Entry points that objects take, whether they are about to be applied or are in the cluster already. Claims are read from what
/// is applied, whatever chart made it. Pure.</summary>
internal static class ManifestEndpoints
{
    // Names that controllers use besides those in rules.
    private static readonly string[] HostAnnotations =
    [
        "external-dns.alpha.kubernetes.io/hostname",
        "external-dns.alpha.kubernetes.io/internal-hostname",
        "nginx.ingress.kubernetes.io/server-alias",
    ];

    private static readonly string[] AddressAnnotations =
    [
        "service.beta.kubernetes.io/azure-load-balancer-ipv4",
        "service.beta.kubernetes.io/azure-load-balancer-ipv6",
        "metallb.io/loadBalancerIPs",
        "metallb.universe.tf/loadBalancerIPs",
    ];

    /// <summary>Of what a spec itself names.</summary>
    public static IReadOnlyList<(string Field, Endpoint Endpoint)> Of(NetworkSpec network) =>
        network.Exposure != Exposure.Ingress
            ? []
            :
            [
                .. new[] { ("spec.network.host", network.Host), ("spec.network.mcpHost", network.McpHost) }
                    .Where(h => !string.IsNullOrEmpty(h.Item2))
                    .Select(h => (h.Item1, Endpoint.Host(h.Item2!))),
            ];

    /// <summary>Of rendered manifests.</summary>
    /// <exception cref="ClusterException">The text is not YAML manifests.</exception>
    public static IReadOnlyList<Endpoint> Of(string manifest) => [.. ManifestYaml.Parse(manifest).SelectMany(Of).Distinct()];

    /// <summary>Of one object, and of those in a list.</summary>
    public static IEnumerable<Endpoint> Of(JsonObject one) =>
        Text(one, "kind") switch
        {
            "Ingress" => Ingress(one),
            "HTTPRoute" or "GRPCRoute" or "TLSRoute" => Named(Texts(At(one, "spec"), "hostnames")),
            "VirtualService" => Named(Texts(At(one, "spec"), "hosts")),
            "Route" => Named([Text(At(one, "spec"), "host")]),
            "Service" => Service(one),
            { } kind when kind.EndsWith("List", StringComparison.Ordinal) => Items(one, "items").SelectMany(Of),
            _ => [],
        };

    private static IEnumerable<Endpoint> Ingress(JsonObject ingress)
    {
        var spec = At(ingress, "spec");
        var rules = Items(spec, "rules").Select(r => Text(r, "host")).ToList();
        var hosts = rules.Concat(Items(spec, "tls").SelectMany(t => Texts(t, "hosts"))).Concat(Annotated(ingress, HostAnnotations));
        return (rules.Count == 0 ? hosts.Append("") : hosts).Select(Endpoint.Host).Distinct();
    }

    private static IEnumerable<Endpoint> Service(JsonObject service)
    {
        var spec = At(service, "spec");
        var balances = Text(spec, "type") == "LoadBalancer";
        var addresses = Texts(spec, "externalIPs");
        if (balances)
        {
            addresses = addresses
                .Append(Text(spec, "loadBalancerIP"))
                .Concat(Annotated(service, AddressAnnotations))
                .Concat(Items(At(At(service, "status"), "loadBalancer"), "ingress").Select(i => Text(i, "ip")));
        }

        var ports = Items(spec, "ports")
            .Select(p => (Port: Text(p, "port"), Protocol: Text(p, "protocol"), OfNode: Text(p, "nodePort")))
            .ToList();
        return addresses
            .Where(a => a.Length > 0)
            .SelectMany(a => ports.Select(p => Endpoint.Address(a, p.Port, p.Protocol)))
            .Concat(
                ports
                    .Where(p => (balances || Text(spec, "type") == "NodePort") && p.OfNode.Length > 0 && p.OfNode != "0")
                    .Select(p => Endpoint.NodePort(p.OfNode, p.Protocol))
            )
            .Concat(Annotated(service, HostAnnotations).Select(Endpoint.Host))
            .Distinct();
    }

    private static IEnumerable<Endpoint> Named(IEnumerable<string> hosts) => hosts.DefaultIfEmpty("").Select(Endpoint.Host);

    private static IEnumerable<string> Annotated(JsonObject one, string[] keys) =>
        keys.SelectMany(k =>
            Text(At(At(one, "metadata"), "annotations"), k)
                .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        );

    private static JsonNode? At(JsonNode? node, string key) => (node as JsonObject)?[key];

    private static string Text(JsonNode? node, string key) => (At(node, key) as JsonValue)?.ToString() ?? "";

    private static IEnumerable<JsonObject> Items(JsonNode? node, string key) => (At(node, key) as JsonArray ?? []).OfType<JsonObject>();

    private static IEnumerable<string> Texts(JsonNode? node, string key) =>
        (At(node, key) as JsonArray ?? []).OfType<JsonValue>().Select(v => v.ToString());
}
