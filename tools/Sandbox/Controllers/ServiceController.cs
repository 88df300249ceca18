using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Gives Services their addresses and listens on them.</summary>
internal sealed class ServiceController(Workload work, LoopbackSlot slot) : IController, IDisposable
{
    private static readonly TimeSpan RetryListen = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, ServiceListeners> _listeners = new(StringComparer.Ordinal);

    public IEnumerable<ObjectName> Affected(WatchEvent change)
    {
        if (change.Type != ResourceTypes.Services)
        {
            return [];
        }

        if (change.Kind == WatchKind.Deleted)
        {
            Release(change.Object);
        }

        return [new ObjectName(change.Namespace, change.Name)];
    }

    public TimeSpan? Reconcile(ObjectName name)
    {
        if (
            work.Store.Peek(ResourceTypes.Services, name.Namespace, name.Name) is not { } service
            || service.Text("spec", "type") == "ExternalName"
        )
        {
            return null;
        }

        var addressed = work.Store.Mutate(ResourceTypes.Services, name.Namespace, name.Name, Address);
        return addressed is null || !Listen(addressed) ? RetryListen : null;
    }

    public void Dispose()
    {
        foreach (var listeners in _listeners.Values)
        {
            listeners.Dispose();
        }
    }

    private bool Address(JsonObject service)
    {
        var before = service.DeepClone();
        var spec = service.Ensure("spec");
        spec["type"] ??= "ClusterIP";
        if (service.Text("spec", "clusterIP") is null or "")
        {
            spec["clusterIP"] = slot.Services.Take(service.Uid());
        }
        else if (service.Text("spec", "clusterIP") is { } known and not "None" && !_listeners.ContainsKey(service.Uid()))
        {
            slot.Services.Take(service.Uid(), known, onlyAccess: true);
        }

        spec["clusterIPs"] = new JsonArray(service.Text("spec", "clusterIP"));
        if (service.Text("spec", "type") is "NodePort" or "LoadBalancer")
        {
            foreach (var port in service.Items("spec", "ports").Where(port => port.Int("nodePort") is null or 0))
            {
                port["nodePort"] = NodePorts.FindFree(work.Store);
            }
        }

        LoadBalancer(service);
        return !JsonNode.DeepEquals(before, service);
    }

    private void LoadBalancer(JsonObject service)
    {
        var ingress = service.Items("status", "loadBalancer", "ingress").FirstOrDefault().Text("ip");
        if (service.Text("spec", "type") == "LoadBalancer")
        {
            if (ingress is null)
            {
                var address = slot.LoadBalancers.Take(service.Uid());
                service.Ensure("status", "loadBalancer")["ingress"] = new JsonArray(
                    new JsonObject { ["ip"] = address, ["ipMode"] = "VIP" }
                );
                work.Record(service, "service-controller", NodeEvent.Normal("EnsuredLoadBalancer", "Ensured load balancer"));
            }
            else if (!_listeners.ContainsKey(service.Uid()))
            {
                slot.LoadBalancers.Take(service.Uid(), ingress, onlyAccess: true);
            }
        }
        else if (ingress is not null)
        {
            slot.LoadBalancers.Return(ingress);
            service.Ensure("status")["loadBalancer"] = new JsonObject();
        }
    }

    private bool Listen(JsonObject service)
    {
        if (!_listeners.TryGetValue(service.Uid(), out var listeners))
        {
            _listeners[service.Uid()] = listeners = new ServiceListeners(work.Store, service.Namespace(), service.Name());
        }

        var faults = listeners.Follow(service);
        foreach (var fault in faults)
        {
            work.Record(service, "service-controller", NodeEvent.Warning("FailedListen", fault));
        }

        return faults.Count == 0;
    }

    private void Release(JsonObject service)
    {
        if (_listeners.Remove(service.Uid(), out var listeners))
        {
            listeners.Dispose();
        }

        slot.Services.Return(service.Text("spec", "clusterIP") ?? "");
        slot.LoadBalancers.Return(service.Items("status", "loadBalancer", "ingress").FirstOrDefault().Text("ip") ?? "");
    }
}
