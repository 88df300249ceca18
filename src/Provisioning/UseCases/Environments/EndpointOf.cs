using Portkey.Portal.Provisioning.Engine.Health;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Finds the address at which callers reach a gateway.</summary>
public static class EndpointOf
{
    /// <summary>URL, best first: ingress host, load balancer address, the service's own address where callers can reach it, else its DNS
    /// name inside the cluster.</summary>
    public static string Environment(EnvironmentObservation observation, EnvironmentSpec spec, bool serviceAddressesReachable)
    {
        if (spec.Network is { Exposure: Exposure.Ingress, Host.Length: > 0 } network)
        {
            return $"{(network.TlsSecret is null ? "http" : "https")}://{network.Host}/";
        }

        if (observation.GatewayService is not { } service || service.Ports.Count == 0)
        {
            return "";
        }

        var port = service.Ports[0].Port;
        var host =
            service.Addresses.Count > 0 ? service.Addresses[0]
            : serviceAddressesReachable && service.ClusterIp.Length > 0 && service.ClusterIp != "None" ? service.ClusterIp
            : $"{service.Name}.{observation.Namespace}.svc.cluster.local";
        return $"http://{(host.Contains(':') ? $"[{host}]" : host)}:{port}/";
    }
}
