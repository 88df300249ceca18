using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>
/// All that a kubelet asks of its API server. The sandbox answers from its own store; a node stand-in in front of a
/// real kube-apiserver answers over HTTP. Every call may be repeated.
/// </summary>
internal interface INodeApi
{
    /// <summary>A Secret ("secrets") or ConfigMap ("configmaps"), or null where there is none.</summary>
    Task<JsonObject?> ReadAsync(string resource, string ns, string name, CancellationToken cancel);

    /// <summary>Replaces the status of the pod; does nothing when this incarnation is gone.</summary>
    Task WriteStatusAsync(PodKey pod, JsonObject status, CancellationToken cancel);

    /// <summary>Takes the pod object away for good, after its containers have ended.</summary>
    Task RemoveAsync(PodKey pod, CancellationToken cancel);

    Task RecordAsync(PodKey pod, NodeEvent happening, CancellationToken cancel);
}
