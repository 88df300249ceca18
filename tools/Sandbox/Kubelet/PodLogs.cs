using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>Answers the log subresource from the buffers of the running containers.</summary>
internal sealed class PodLogs(ObjectStore store, NodeKubelet kubelet, TimeProvider time) : IPodLogs
{
    public IAsyncEnumerable<string> ReadAsync(string ns, string pod, PodLogOptions options, CancellationToken cancellation)
    {
        var found = store.Peek(ResourceTypes.Pods, ns, pod) ?? throw KubeStatusException.NotFound(ResourceTypes.Pods, pod);
        var names = found
            .Items("spec", "containers")
            .Concat(found.Items("spec", "initContainers"))
            .Select(c => c.Text("name") ?? "")
            .ToList();
        if (options.Container is null && found.Items("spec", "containers").Count() > 1)
        {
            throw KubeStatusException.BadRequest(
                $"a container name must be specified for pod {pod}, choose one of: [{string.Join(' ', names)}]"
            );
        }

        var container = options.Container ?? names.FirstOrDefault() ?? "";
        if (!names.Contains(container, StringComparer.Ordinal))
        {
            throw KubeStatusException.BadRequest($"container {container} is not valid for pod {pod}");
        }

        var runner = kubelet.Find(found.Text("metadata", "uid") ?? "")?.Container(container);
        var log = options.Previous ? runner?.PreviousLog : runner?.Log;
        if (log is null)
        {
            throw KubeStatusException.BadRequest(
                options.Previous
                    ? $"previous terminated container \"{container}\" in pod \"{pod}\" not found"
                    : $"container \"{container}\" in pod \"{pod}\" is waiting to start: {runner?.View.State.Text("waiting", "reason") ?? "ContainerCreating"}"
            );
        }

        return LogReader.LinesAsync(log, options, time, cancellation);
    }
}
