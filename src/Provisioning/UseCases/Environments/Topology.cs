using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Health;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Draws an environment from what was last seen of it and what its spec says it talks to. Pure.</summary>
public static class Topology
{
    /// <summary>Parts and arrows.</summary>
    public static TopologyView Of(GatewayEnvironment environment, EnvironmentSpec spec)
    {
        var seen = Seen(environment);
        var nodes = new List<TopologyNode>();
        var links = new List<TopologyLink>();
        var value = SpecValidator.Value(spec);
        var health = environment.Health;
        nodes.Add(new("clients", "Clients", "", HealthStatus.Unknown, []));
        if (spec.Network.Exposure != Exposure.Internal)
        {
            var detail =
                spec.Network.Exposure == Exposure.Ingress ? spec.Network.Host ?? ""
                : seen?.GatewayService is { Addresses: [var address, ..] } ? address
                : "no address yet";
            nodes.Add(new("entry", spec.Network.Exposure == Exposure.Ingress ? "Ingress" : "Load balancer", detail, health, []));
            links.Add(new("clients", "entry", ""));
        }

        var gateway = Pods(seen?.GatewayPods);
        nodes.Add(
            new(
                "gateway",
                "Gateway",
                gateway.Count == 0 ? "no pods seen yet" : $"{gateway.Count(p => p.Ready)} of {Plural.Of(gateway.Count, "pod")} ready",
                health,
                gateway
            )
        );
        links.Add(
            new(
                spec.Network.Exposure == Exposure.Internal ? "clients" : "entry",
                "gateway",
                spec.Network.Exposure == Exposure.Internal ? "inside the cluster" : ""
            )
        );
        if (spec.Edition == Edition.Enterprise)
        {
            var redis = Pods(seen?.RedisPods);
            var builtIn = value("CACHE_STORE") == "redis";
            Add(
                "redis",
                "Redis",
                builtIn ? "built in" : value("CACHE_STORE"),
                redis.Count == 0 ? HealthStatus.Unknown
                    : redis.All(p => p.Ready) ? HealthStatus.Healthy
                    : HealthStatus.Unhealthy,
                redis
            );
            if (value("LOG_STORE") is { Length: > 0 } store)
            {
                Add("log-store", "Log store", store, HealthStatus.Unknown, []);
            }

            if (value("ANALYTICS_STORE") == "clickhouse")
            {
                Add("analytics", "ClickHouse", value("ANALYTICS_STORE_ENDPOINT"), HealthStatus.Unknown, []);
            }

            Add("control-plane", "Portkey control plane", "", HealthStatus.Unknown, []);
        }

        Add(
            "providers",
            "Model providers",
            spec.Network.Egress.Count == 0 ? "any, on 443" : Plural.Of(spec.Network.Egress.Count, "allowed range"),
            HealthStatus.Unknown,
            []
        );
        return new TopologyView(nodes, links);

        void Add(string id, string label, string detail, HealthStatus status, IReadOnlyList<PodView> pods)
        {
            nodes.Add(new(id, label, detail, status, pods));
            links.Add(new("gateway", id, ""));
        }
    }

    /// <summary>What was last seen; null before the first look.</summary>
    internal static EnvironmentObservation? Seen(GatewayEnvironment environment) =>
        environment.TopologyJson.Length == 0 ? null : PortalJson.Read<EnvironmentObservation>(environment.TopologyJson);

    private static List<PodView> Pods(IEnumerable<PodObservation>? pods) =>
        [.. (pods ?? []).Select(p => new PodView(p.Name, p.Ready, p.Status, p.Restarts, p.Node))];
}
