using System.Runtime.CompilerServices;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>Answers the log subresource from the buffers of the running containers.</summary>
internal sealed class PodLogs(ObjectStore store, NodeKubelet kubelet, TimeProvider time) : IPodLogs
{
    public IAsyncEnumerable<string> ReadAsync(string ns, string pod, PodLogOptions options, CancellationToken cancellation)
    {
        var found = store.Peek(ResourceTypes.Pods, ns, pod) ?? throw KubeStatusException.NotFound(ResourceTypes.Pods, pod);
        var names = found.Items("spec", "containers").Concat(found.Items("spec", "initContainers")).Select(c => c.Text("name") ?? "").ToList();
        if (options.Container is null && found.Items("spec", "containers").Count() > 1)
        {
            throw KubeStatusException.BadRequest($"a container name must be specified for pod {pod}, choose one of: [{string.Join(' ', names)}]");
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
            throw KubeStatusException.BadRequest(options.Previous
                ? $"previous terminated container \"{container}\" in pod \"{pod}\" not found"
                : $"container \"{container}\" in pod \"{pod}\" is waiting to start: {runner?.View.State.Text("waiting", "reason") ?? "ContainerCreating"}");
        }

        return LinesAsync(log, options, cancellation);
    }

    private async IAsyncEnumerable<string> LinesAsync(LogBuffer log, PodLogOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var since = options.SinceTime ?? (options.SinceSeconds is { } seconds ? time.GetUtcNow().AddSeconds(-seconds) : DateTimeOffset.MinValue);
        var left = options.LimitBytes ?? long.MaxValue;
        var (lines, more, closed) = log.After(0);
        IEnumerable<LogLine> batch = lines.Where(line => line.Time >= since);
        batch = options.TailLines is { } tail ? batch.TakeLast(Math.Max(0, tail)) : batch;
        var last = lines.Count > 0 ? lines[^1].Number : 0;
        while (true)
        {
            foreach (var line in batch)
            {
                var text = options.Timestamps ? $"{line.Time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fffffff}00Z {line.Text}" : line.Text;
                if (text.Length >= left)
                {
                    yield return text[..(int)left];
                    yield break;
                }

                left -= text.Length + 1;
                yield return text;
            }

            if (!options.Follow || closed)
            {
                yield break;
            }

            await more.WaitAsync(cancellation);
            (lines, more, closed) = log.After(last);
            last = lines.Count > 0 ? lines[^1].Number : last;
            batch = lines;
        }
    }
}
