using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>What an API server does to a pod before it stores it: defaults of LimitRanges, pod security, quotas.</summary>
internal static class PodAdmission
{
    /// <exception cref="KubeStatusException">The pod may not be created; the message is a real cluster's.</exception>
    public static void Admit(ObjectStore store, JsonObject pod)
    {
        LimitRanges.Apply(store, pod);
        PodSecurity.Check(store, pod);
        Quotas.Check(store, pod);
    }

    internal static KubeStatusException Refuse(JsonObject pod, string why) =>
        KubeStatusException.Forbidden(
            ResourceTypes.Pods,
            pod.Name() is { Length: > 0 } name ? name : pod.Text("metadata", "generateName") ?? "",
            why
        );
}
