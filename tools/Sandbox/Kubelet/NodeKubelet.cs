using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>Runs the pods of the nodes. It is told of pods and of changes; it never looks for them itself.</summary>
internal sealed class NodeKubelet(NodeServices node) : IAsyncDisposable
{
    private static readonly TimeSpan ShutDownGrace = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, PodWorker> _workers = new(StringComparer.Ordinal);

    /// <summary>A pod that is bound to a node was added or changed. Call from one thread.</summary>
    public void Sync(JsonObject pod)
    {
        var key = PodKey.Of(pod);
        var deleting = pod.Text("metadata", "deletionTimestamp") is not null;
        if (!_workers.TryGetValue(key.Uid, out var worker))
        {
            if (deleting)
            {
                // Nothing runs for it any more: it was being deleted when the last sandbox ended.
                _ = node.Api.RemoveAsync(key, CancellationToken.None);
                return;
            }

            if (pod.Text("status", "phase") is "Succeeded" or "Failed")
            {
                return;
            }

            worker = new PodWorker((JsonObject)pod.DeepClone(), node);
            _workers[key.Uid] = worker;
            _ = worker.Completion.ContinueWith(_ => _workers.TryRemove(key.Uid, out PodWorker? _), TaskScheduler.Default);
        }

        if (deleting)
        {
            worker.Delete(TimeSpan.FromSeconds(pod.Int("metadata", "deletionGracePeriodSeconds") ?? 30));
        }
    }

    /// <summary>The pod object is gone.</summary>
    public void Forget(string uid)
    {
        if (_workers.TryGetValue(uid, out var worker))
        {
            worker.Forget();
        }
    }

    /// <summary>Ends what runs for pods that are no longer there, after changes were missed.</summary>
    public void ForgetAllBut(IReadOnlySet<string> uids)
    {
        foreach (var worker in _workers.Values.Where(worker => !uids.Contains(worker.Key.Uid)))
        {
            worker.Forget();
        }
    }

    /// <summary>A Secret or ConfigMap of that namespace changed.</summary>
    public void ConfigChanged(string ns)
    {
        foreach (var worker in _workers.Values)
        {
            if (worker.Key.Namespace == ns)
            {
                worker.ConfigChanged();
            }
        }
    }

    public PodWorker? Find(string uid) => _workers.GetValueOrDefault(uid);

    public async ValueTask DisposeAsync() => await Task.WhenAll(_workers.Values.Select(worker => worker.ShutDownAsync(ShutDownGrace)));
}
