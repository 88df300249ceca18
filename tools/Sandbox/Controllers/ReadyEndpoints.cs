using System.Net;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Where a Service's traffic may go now.</summary>
internal static class ReadyEndpoints
{
    /// <param name="store">The cluster.</param>
    /// <param name="ns">Namespace of the Service.</param>
    /// <param name="name">Name of the Service.</param>
    /// <param name="port">Name of the Service's port, empty for one without a name.</param>
    public static List<IPEndPoint> Of(ObjectStore store, string ns, string name, string port)
    {
        var found = new List<IPEndPoint>();
        foreach (var subset in store.Peek(ResourceTypes.Endpoints, ns, name).Items("subsets"))
        {
            foreach (
                var target in subset
                    .Items("ports")
                    .Where(item => (item.Text("name") ?? "") == port)
                    .Select(item => item.Int("port"))
                    .OfType<int>()
            )
            {
                // Endpoints can be written by hand: only the sandbox's own net is ever called.
                found.AddRange(
                    subset
                        .Items("addresses")
                        .Select(address => IPAddress.TryParse(address.Text("ip"), out var ip) && IPAddress.IsLoopback(ip) ? ip : null)
                        .OfType<IPAddress>()
                        .Where(_ => target is > 0 and < 65_536)
                        .Select(ip => new IPEndPoint(ip, target))
                );
            }
        }

        return found;
    }
}
