using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Service → Endpoints and EndpointSlice of the pods that it selects.</summary>
internal sealed class EndpointsController(Workload work) : IController
{
    public IEnumerable<ObjectName> Affected(WatchEvent change) =>
        change.Type == ResourceTypes.Services || change.Type == ResourceTypes.Endpoints ? [new ObjectName(change.Namespace, change.Name)]
        : change.Type == ResourceTypes.Pods ? Selecting(change.Object)
        : [];

    public TimeSpan? Reconcile(ObjectName name)
    {
        var service = work.Store.Peek(ResourceTypes.Services, name.Namespace, name.Name);
        if (service is null)
        {
            Drop(ResourceTypes.Endpoints, name);
            return null; // the slice is owned by the service: the collector takes it
        }

        if (service.IsDeleting() || service.Text("spec", "type") == "ExternalName" || service.Map("spec", "selector").Count == 0)
        {
            return null; // without a selector, endpoints are their writer's business
        }

        var pods = work
            .Store.PeekAll(ResourceTypes.Pods, name.Namespace)
            .Items.FindAll(pod => Matches(service, pod) && !PodState.IsFinished(pod) && pod.Text("status", "podIP") is not null);

        // A pod that is to go gets no new callers, before its process is told; a slice still names it, as terminating.
        Put(ResourceTypes.Endpoints, EndpointsObjects.Endpoints(service, pods.FindAll(pod => !pod.IsDeleting())));
        Put(ResourceTypes.EndpointSlices, EndpointsObjects.Slice(service, pods));
        return null;
    }

    private static bool Matches(JsonObject service, JsonObject pod) =>
        service.Map("spec", "selector") is { Count: > 0 } selector && selector.All(pair => pod.Label(pair.Key) == pair.Value);

    private IEnumerable<ObjectName> Selecting(JsonObject pod) =>
        work
            .Store.PeekAll(ResourceTypes.Services, pod.Namespace())
            .Items.Where(service => Matches(service, pod))
            .Select(service => new ObjectName(service.Namespace(), service.Name()));

    private void Put(ResourceType type, JsonObject wanted)
    {
        if (work.Store.Peek(type, wanted.Namespace(), wanted.Name()) is null)
        {
            try
            {
                work.Store.Create(type, wanted);
            }
            catch (KubeStatusException)
            {
                // The namespace is going.
            }

            return;
        }

        work.Store.Mutate(
            type,
            wanted.Namespace(),
            wanted.Name(),
            found =>
            {
                var changed = false;
                foreach (var field in (string[])["subsets", "endpoints", "ports"])
                {
                    if (!JsonNode.DeepEquals(found[field], wanted[field]))
                    {
                        found[field] = wanted[field]?.DeepClone();
                        changed = true;
                    }
                }

                return changed;
            }
        );
    }

    private void Drop(ResourceType type, ObjectName name)
    {
        try
        {
            work.Store.Delete(type, name.Namespace, name.Name);
        }
        catch (KubeStatusException)
        {
            // There was none.
        }
    }
}
