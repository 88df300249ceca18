using System.Net;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>The sockets of one Service: cluster address, node ports, load balancer address.</summary>
internal sealed class ServiceListeners(ObjectStore store, string ns, string name) : IDisposable
{
    private readonly Dictionary<IPEndPoint, Forwarder> _open = [];
    private int _turn;

    /// <summary>Opens what the Service states and closes the rest; answers what could not be opened.</summary>
    public List<string> Follow(JsonObject service)
    {
        var wanted = Wanted(service);
        foreach (var (address, forwarder) in _open.Where(open => !wanted.ContainsKey(open.Key)).ToList())
        {
            forwarder.Dispose();
            _open.Remove(address);
        }

        var faults = new List<string>();
        foreach (var (address, port) in wanted.Where(want => !_open.ContainsKey(want.Key)))
        {
            try
            {
                _open[address] = new Forwarder(address, () => NextEndpoint(port));
            }
            catch (System.Net.Sockets.SocketException fault)
            {
                faults.Add($"Cannot listen on {address}: {fault.Message}. The service answers through the API server's proxy only.");
            }
        }

        return faults;
    }

    public void Dispose()
    {
        foreach (var forwarder in _open.Values)
        {
            forwarder.Dispose();
        }

        _open.Clear();
    }

    private static Dictionary<IPEndPoint, string> Wanted(JsonObject service)
    {
        var wanted = new Dictionary<IPEndPoint, string>();
        var balancer = service.Items("status", "loadBalancer", "ingress").FirstOrDefault().Text("ip");
        foreach (var port in service.Items("spec", "ports").Where(port => (port.Text("protocol") ?? "TCP") == "TCP"))
        {
            var title = port.Text("name") ?? "";
            Add(wanted, service.Text("spec", "clusterIP"), port.Int("port"), title);
            Add(wanted, balancer, port.Int("port"), title);
            Add(wanted, "127.0.0.1", service.Text("spec", "type") is "NodePort" or "LoadBalancer" ? port.Int("nodePort") : null, title);
        }

        return wanted;
    }

    // Only loopback: a Service must not make the sandbox listen where others could reach it.
    private static void Add(Dictionary<IPEndPoint, string> wanted, string? address, int? port, string title)
    {
        if (port is > 0 and < 65_536 && IPAddress.TryParse(address, out var ip) && IPAddress.IsLoopback(ip))
        {
            wanted[new IPEndPoint(ip, port.Value)] = title;
        }
    }

    private IPEndPoint? NextEndpoint(string port)
    {
        var ready = ReadyEndpoints.Of(store, ns, name, port);
        return ready.Count == 0 ? null : ready[(int)((uint)Interlocked.Increment(ref _turn) % (uint)ready.Count)];
    }
}
