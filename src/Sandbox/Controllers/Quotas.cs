using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Kubelet;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>ResourceQuota: what a namespace uses, and whether one more pod fits.</summary>
internal static class Quotas
{
    private static readonly Dictionary<string, ResourceType> Counted = new(StringComparer.Ordinal)
    {
        ["services"] = ResourceTypes.Services,
        ["secrets"] = ResourceTypes.Secrets,
        ["configmaps"] = ResourceTypes.ConfigMaps,
        ["persistentvolumeclaims"] = ResourceTypes.PersistentVolumeClaims,
        ["resourcequotas"] = ResourceTypes.ResourceQuotas,
        ["replicationcontrollers"] = ResourceTypes.ReplicationControllers,
        ["count/deployments.apps"] = ResourceTypes.Deployments,
        ["count/replicasets.apps"] = ResourceTypes.ReplicaSets,
        ["count/statefulsets.apps"] = ResourceTypes.StatefulSets,
        ["count/jobs.batch"] = ResourceTypes.Jobs,
        ["count/pods"] = ResourceTypes.Pods,
    };

    public static void Check(ObjectStore store, JsonObject pod)
    {
        foreach (var quota in store.PeekAll(ResourceTypes.ResourceQuotas, pod.Namespace()).Items)
        {
            var hard = quota.Map("spec", "hard");
            var unstated = hard.Keys.Where(name => Compute(name) is not null && !Applies(pod, name)).ToList();
            if (unstated.Count > 0)
            {
                throw PodAdmission.Refuse(pod, $"failed quota: {quota.Name()}: must specify {string.Join("; ", unstated.Select(name => $"{name} for: {string.Join(',', pod.Items("spec", "containers").Select(c => c.Text("name")))}"))}");
            }

            var used = Used(store, pod.Namespace(), hard.Keys);
            var over = hard.Where(limit => Adds(pod, limit.Key) is > 0 and var more && used[limit.Key] + more > Quantity.Parse(limit.Value)).ToList();
            if (over.Count > 0)
            {
                throw PodAdmission.Refuse(pod, $"exceeded quota: {quota.Name()}, " +
                    $"requested: {string.Join(',', over.Select(limit => $"{limit.Key}={Quantity.Format(limit.Key, Adds(pod, limit.Key))}"))}, " +
                    $"used: {string.Join(',', over.Select(limit => $"{limit.Key}={Quantity.Format(limit.Key, used[limit.Key])}"))}, " +
                    $"limited: {string.Join(',', over.Select(limit => $"{limit.Key}={limit.Value}"))}");
            }
        }
    }

    public static Dictionary<string, decimal> Used(ObjectStore store, string ns, IEnumerable<string> names)
    {
        var pods = store.PeekAll(ResourceTypes.Pods, ns).Items.FindAll(pod => !PodState.IsFinished(pod));
        return names.ToDictionary(name => name, name => Used(store, ns, name, pods), StringComparer.Ordinal);
    }

    private static decimal Used(ObjectStore store, string ns, string name, List<JsonObject> pods) => name switch
    {
        "requests.storage" => store.PeekAll(ResourceTypes.PersistentVolumeClaims, ns).Items.Sum(claim => Quantity.Parse(claim.Text("spec", "resources", "requests", "storage"))),
        "services.loadbalancers" => store.PeekAll(ResourceTypes.Services, ns).Items.Count(service => service.Text("spec", "type") == "LoadBalancer"),
        "services.nodeports" => store.PeekAll(ResourceTypes.Services, ns).Items.Count(service => service.Text("spec", "type") is "NodePort" or "LoadBalancer"),
        _ when Counted.TryGetValue(name, out var type) => store.PeekAll(type, ns).Items.Count,
        _ => pods.Sum(pod => Adds(pod, name)),
    };

    private static decimal Adds(JsonObject pod, string name) =>
        name is "pods" or "count/pods" ? 1
        : Compute(name) is var (kind, resource) ? Placement.Request(pod, resource, kind)
        : 0;

    // A quota on cpu or memory obliges every container to state it.
    private static bool Applies(JsonObject pod, string name) =>
        Compute(name) is not var (kind, resource) || pod.Items("spec", "containers").All(container => container.Text("resources", kind, resource) is not null);

    private static (string Kind, string Resource)? Compute(string name) => name switch
    {
        "cpu" or "memory" => ("requests", name),
        "requests.cpu" or "requests.memory" or "limits.cpu" or "limits.memory" => (name.Split('.')[0], name.Split('.')[1]),
        _ => null,
    };
}
