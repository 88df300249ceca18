using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>What the containers of one pod share.</summary>
internal sealed class PodContext(JsonObject pod, string address, NodeServices node, Action changed)
{
    private TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public JsonObject Pod { get; } = pod;

    public PodKey Key { get; } = PodKey.Of(pod);

    public string Address { get; } = address;

    public NodeServices Node { get; } = node;

    public string RestartPolicy { get; } = pod.Text("spec", "restartPolicy") ?? "Always";

    public string Folder { get; } = Path.Combine(node.Options.WorkFolder, PodKey.Of(pod).Uid);

    /// <summary>How long containers may take to end; set by the deletion.</summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(pod.Int("spec", "terminationGracePeriodSeconds") ?? 30);

    /// <summary>Set when no time is left: a hook before the end is not waited for, and the process is killed.</summary>
    public CancellationTokenSource Hurry { get; } = new();

    /// <summary>Whether the whole sandbox ends, where a node does not wait for hooks.</summary>
    public bool NodeEnds { get; set; }

    /// <summary>A container's state changed: the pod's status is to be written.</summary>
    public void Changed() => changed();

    public async Task RecordAsync(NodeEvent happening)
    {
        try
        {
            await Node.Api.RecordAsync(Key, happening, CancellationToken.None);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // As on a real node, an event that cannot be written must not stop the pod.
            Node.Log.EventLost(Key.Namespace, Key.Name, happening.Reason, fault);
        }
    }

    /// <summary>A Secret or ConfigMap of the namespace changed.</summary>
    public void ConfigChanged() =>
        Interlocked.Exchange(ref _signal, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Take this before reading, so that no change between reading and waiting is missed.</summary>
    public Task NextConfigChange => Volatile.Read(ref _signal).Task;
}
