using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Kubelet;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Node;

/// <summary>The kubelet's API server is a real one.</summary>
internal sealed class RemoteNodeApi(ApiClient api, TimeProvider time) : INodeApi
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, JsonObject> _written = new(StringComparer.Ordinal);

    public Task<JsonObject?> ReadAsync(string resource, string ns, string name, CancellationToken cancel) =>
        UntilAnsweredAsync(() => api.GetAsync($"/api/v1/namespaces/{ns}/{resource}/{name}", cancel), cancel);

    public async Task WriteStatusAsync(PodKey pod, JsonObject status, CancellationToken cancel)
    {
        if (_written.TryGetValue(pod.Uid, out var last) && JsonNode.DeepEquals(last, status))
        {
            return;
        }

        // The uid makes it a conflict where the name belongs to another incarnation by now.
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = pod.Uid },
            ["status"] = status.DeepClone(),
        };
        await UntilAnsweredAsync(
            () => api.SendAsync(HttpMethod.Patch, $"{Path(pod)}/status", patch, cancel, "application/merge-patch+json"),
            cancel
        );
        _written[pod.Uid] = (JsonObject)status.DeepClone();
    }

    public async Task RemoveAsync(PodKey pod, CancellationToken cancel)
    {
        _written.TryRemove(pod.Uid, out _);
        var options = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["gracePeriodSeconds"] = 0,
            ["preconditions"] = new JsonObject { ["uid"] = pod.Uid },
        };
        await UntilAnsweredAsync(() => api.SendAsync(HttpMethod.Delete, Path(pod), options, cancel), cancel);
    }

    public async Task RecordAsync(PodKey pod, NodeEvent happening, CancellationToken cancel)
    {
        var now = time.GetUtcNow().Stamp();
        var item = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{pod.Name[..Math.Min(pod.Name.Length, 230)]}.{Guid.NewGuid().ToString("N")[..16]}",
                ["namespace"] = pod.Namespace,
            },
            ["involvedObject"] = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Pod",
                ["name"] = pod.Name,
                ["namespace"] = pod.Namespace,
                ["uid"] = pod.Uid,
                ["fieldPath"] = happening.FieldPath,
            },
            ["type"] = happening.Type,
            ["reason"] = happening.Reason,
            ["message"] = happening.Message,
            ["source"] = new JsonObject { ["component"] = "kubelet" },
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["count"] = 1,
        };
        try
        {
            await api.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{pod.Namespace}/events", item, cancel);
        }
        catch (HttpRequestException)
        {
            // One event more or less does not matter; a terminating namespace accepts none.
        }
    }

    private static string Path(PodKey pod) => $"/api/v1/namespaces/{pod.Namespace}/pods/{pod.Name}";

    // Tests stop and start the API server; a kubelet waits for it.
    private static async Task<T> UntilAnsweredAsync<T>(Func<Task<T>> call, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (HttpRequestException)
            {
                await Task.Delay(Pause, cancel);
            }
        }
    }
}
