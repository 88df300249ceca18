using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>One incarnation of a pod: the name may come back, the uid never does.</summary>
internal sealed record PodKey(string Namespace, string Name, string Uid)
{
    public static PodKey Of(JsonNode pod) =>
        new(pod.Text("metadata", "namespace") ?? "default", pod.Text("metadata", "name") ?? "", pod.Text("metadata", "uid") ?? "");
}
