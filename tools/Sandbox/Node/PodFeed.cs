using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Controllers;
using Portkey.Portal.Sandbox.Hosting;
using Portkey.Portal.Sandbox.Kubelet;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Node;

/// <summary>Plays scheduler and pod source: keeps the nodes registered, binds what waits, and tells the kubelet of the rest.</summary>
internal sealed partial class PodFeed(ApiClient api, NodeKubelet kubelet, NodeAddress address, ILogger<PodFeed> logger) : BackgroundService
{
    private readonly ConcurrentDictionary<string, JsonObject> _pods = new(StringComparer.Ordinal);
    private readonly List<JsonObject> _nodes = [];

    /// <summary>The current incarnation of a pod; null where there is none.</summary>
    public string? UidOf(string ns, string pod) => _pods.Values.FirstOrDefault(p => p.Namespace() == ns && p.Name() == pod)?.Uid();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RegisterAsync(stoppingToken);
                var list = await api.GetAsync("/api/v1/pods", stoppingToken) ?? throw new HttpRequestException("no list of pods");
                var found = list.Items("items")
                    .ToDictionary(pod => pod.Text("metadata", "uid")!, pod => (JsonObject)pod, StringComparer.Ordinal);
                foreach (var gone in _pods.Keys.Where(uid => !found.ContainsKey(uid)))
                {
                    _pods.TryRemove(gone, out _);
                }

                kubelet.ForgetAllBut(found.Keys.ToHashSet(StringComparer.Ordinal));
                foreach (var pod in found.Values)
                {
                    await SeeAsync("ADDED", pod, stoppingToken);
                }

                await foreach (var (type, pod) in api.WatchAsync("/api/v1/pods", list.Text("metadata", "resourceVersion")!, stoppingToken))
                {
                    await SeeAsync(type, pod, stoppingToken);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                LogAway(logger, e.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(500), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await kubelet.DisposeAsync();
    }

    private async Task SeeAsync(string type, JsonObject pod, CancellationToken cancel)
    {
        if (type == "DELETED")
        {
            _pods.TryRemove(pod.Uid(), out _);
            kubelet.Forget(pod.Uid());
            await BindWaitingAsync(cancel); // room may have come free
            return;
        }

        _pods[pod.Uid()] = pod;
        if (pod.Text("spec", "nodeName") is { Length: > 0 })
        {
            kubelet.Sync(pod);
        }
        else if (!pod.IsDeleting())
        {
            await BindAsync(pod, cancel);
        }
    }

    private async Task BindWaitingAsync(CancellationToken cancel)
    {
        foreach (var pod in _pods.Values.Where(p => p.Text("spec", "nodeName") is null or "" && !p.IsDeleting()))
        {
            await BindAsync(pod, cancel);
        }
    }

    private async Task BindAsync(JsonObject pod, CancellationToken cancel)
    {
        var path = $"/api/v1/namespaces/{pod.Namespace()}/pods/{pod.Name()}";
        var (node, refusal) = Placement.Choose(
            pod,
            _nodes,
            [.. _pods.Values.Where(p => p.Text("spec", "nodeName") is { Length: > 0 } && !PodState.IsFinished(p))]
        );
        if (node is null)
        {
            var condition = new JsonObject
            {
                ["type"] = "PodScheduled",
                ["status"] = "False",
                ["reason"] = "Unschedulable",
                ["message"] = refusal,
            };
            if (PodState.Condition(pod, "PodScheduled").Text("message") != refusal)
            {
                await api.SendAsync(
                    HttpMethod.Patch,
                    path + "/status",
                    new JsonObject
                    {
                        ["status"] = new JsonObject { ["phase"] = "Pending", ["conditions"] = new JsonArray(condition) },
                    },
                    cancel,
                    "application/merge-patch+json"
                );
            }

            return;
        }

        // Remembered at once: the next pod is placed with this one counted.
        pod.Ensure("spec")["nodeName"] = node;
        await api.SendAsync(
            HttpMethod.Post,
            path + "/binding",
            new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Binding",
                ["metadata"] = new JsonObject { ["name"] = pod.Name(), ["uid"] = pod.Uid() },
                ["target"] = new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Node",
                    ["name"] = node,
                },
            },
            cancel
        );
    }

    private async Task RegisterAsync(CancellationToken cancel)
    {
        _nodes.Clear();
        for (var i = 1; i <= 3; i++)
        {
            var node = Seed.Node(i);
            (node["apiVersion"], node["kind"]) = ("v1", "Node");

            // The API server asks here for the logs of containers.
            node["status"]!["addresses"] = new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = "127.0.0.1" });
            node["status"]!["daemonEndpoints"] = new JsonObject { ["kubeletEndpoint"] = new JsonObject { ["Port"] = address.Port } };
            _nodes.Add((JsonObject)node.DeepClone());
            await api.SendAsync(HttpMethod.Post, "/api/v1/nodes", (JsonObject)node.DeepClone(), cancel);
            await api.SendAsync(
                HttpMethod.Patch,
                $"/api/v1/nodes/{node.Name()}/status",
                new JsonObject { ["status"] = node["status"]!.DeepClone() },
                cancel,
                "application/merge-patch+json"
            );
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The API server is unavailable: {Reason}")]
    private static partial void LogAway(ILogger logger, string reason);
}

/// <summary>Where this node's kubelet answers.</summary>
internal sealed class NodeAddress
{
    public int Port { get; set; }
}
