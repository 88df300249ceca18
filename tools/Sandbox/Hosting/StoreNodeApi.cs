using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Controllers;
using Portkey.Portal.Sandbox.Kubelet;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Hosting;

/// <summary>The kubelet's API server is the sandbox's own store.</summary>
internal sealed class StoreNodeApi(ObjectStore store, EventRecorder events) : INodeApi
{
    public Task<JsonObject?> ReadAsync(string resource, string ns, string name, CancellationToken cancel) =>
        Task.FromResult(store.Peek(resource == "secrets" ? ResourceTypes.Secrets : ResourceTypes.ConfigMaps, ns, name));

    public Task WriteStatusAsync(PodKey pod, JsonObject status, CancellationToken cancel)
    {
        store.Mutate(
            ResourceTypes.Pods,
            pod.Namespace,
            pod.Name,
            found =>
            {
                if (found.Uid() != pod.Uid || JsonNode.DeepEquals(found["status"], status))
                {
                    return false;
                }

                found["status"] = status.DeepClone();
                return true;
            }
        );
        return Task.CompletedTask;
    }

    public Task RemoveAsync(PodKey pod, CancellationToken cancel)
    {
        try
        {
            store.Delete(ResourceTypes.Pods, pod.Namespace, pod.Name, DeleteChoice.Now with { Uid = pod.Uid });
        }
        catch (KubeStatusException)
        {
            // Gone already, or its name belongs to another incarnation.
        }

        return Task.CompletedTask;
    }

    public Task RecordAsync(PodKey pod, NodeEvent happening, CancellationToken cancel)
    {
        if (store.Peek(ResourceTypes.Pods, pod.Namespace, pod.Name) is { } found && found.Uid() == pod.Uid)
        {
            events.Record(found, "kubelet", happening);
        }

        return Task.CompletedTask;
    }
}
