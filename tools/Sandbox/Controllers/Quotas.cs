using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>ResourceQuota: what a namespace uses, and whether one more object fits.</summary>
internal static class Quotas
{
    private static readonly Dictionary<string, ResourceType> Short = new(StringComparer.Ordinal)
    {
        ["services"] = ResourceTypes.Services,
        ["secrets"] = ResourceTypes.Secrets,
        ["configmaps"] = ResourceTypes.ConfigMaps,
        ["persistentvolumeclaims"] = ResourceTypes.PersistentVolumeClaims,
        ["resourcequotas"] = ResourceTypes.ResourceQuotas,
        ["replicationcontrollers"] = ResourceTypes.ReplicationControllers,
    };

    public static void Check(ObjectStore store, JsonObject pod)
    {
        foreach (var quota in store.PeekAll(ResourceTypes.ResourceQuotas, pod.Namespace()).Items)
        {
            var hard = quota.Map("spec", "hard");
            var unstated = hard.Keys.Where(name => Compute(name) is not null && !Applies(pod, name)).ToList();
            if (unstated.Count > 0)
            {
                throw PodAdmission.Refuse(
                    pod,
                    $"failed quota: {quota.Name()}: must specify {string.Join("; ", unstated.Select(name => $"{name} for: {string.Join(',', pod.Items("spec", "containers").Select(c => c.Text("name")))}"))}"
                );
            }

            var used = Used(store, pod.Namespace(), hard.Keys);
            if (Exceeded(quota, hard, used, name => Adds(pod, name)) is { } why)
            {
                throw PodAdmission.Refuse(pod, why);
            }
        }
    }

    /// <summary>For everything but pods: quotas on how many of a kind there may be.</summary>
    public static void CheckCount(ObjectStore store, ResourceType type, JsonObject item)
    {
        foreach (var quota in store.PeekAll(ResourceTypes.ResourceQuotas, item.Namespace()).Items)
        {
            var hard = quota.Map("spec", "hard").Where(limit => Adds(type, item, limit.Key) > 0).ToDictionary(StringComparer.Ordinal);
            if (
                hard.Count > 0
                && Exceeded(quota, hard, Used(store, item.Namespace(), hard.Keys), name => Adds(type, item, name)) is { } why
            )
            {
                throw KubeStatusException.Forbidden(type, item.Name(), why);
            }
        }
    }

    private static string? Exceeded(
        JsonObject quota,
        IReadOnlyDictionary<string, string> hard,
        Dictionary<string, decimal> used,
        Func<string, decimal> adds
    )
    {
        var over = hard.Where(limit => adds(limit.Key) is > 0 and var more && used[limit.Key] + more > Quantity.Parse(limit.Value))
            .ToList();
        return over.Count == 0
            ? null
            : $"exceeded quota: {quota.Name()}, "
                + $"requested: {string.Join(',', over.Select(limit => $"{limit.Key}={Quantity.Format(limit.Key, adds(limit.Key))}"))}, "
                + $"used: {string.Join(',', over.Select(limit => $"{limit.Key}={Quantity.Format(limit.Key, used[limit.Key])}"))}, "
                + $"limited: {string.Join(',', over.Select(limit => $"{limit.Key}={limit.Value}"))}";
    }

    private static decimal Adds(ResourceType type, JsonObject item, string name) =>
        name switch
        {
            "requests.storage" when type == ResourceTypes.PersistentVolumeClaims => Quantity.Parse(
                item.Text("spec", "resources", "requests", "storage")
            ),
            "services.loadbalancers" when type == ResourceTypes.Services => item.Text("spec", "type") == "LoadBalancer" ? 1 : 0,
            "services.nodeports" when type == ResourceTypes.Services => item.Text("spec", "type") is "NodePort" or "LoadBalancer" ? 1 : 0,
            _ => Counts(name) == type ? 1 : 0,
        };

    // services, and in the newer way of writing count/services, count/deployments.apps.
    private static ResourceType? Counts(string name) =>
        Short.TryGetValue(name, out var type) ? type
        : name.StartsWith("count/", StringComparison.Ordinal)
            ? ResourceTypes.All.FirstOrDefault(t => t.Namespaced && name == $"count/{t.GroupResource}")
        : null;

    public static Dictionary<string, decimal> Used(ObjectStore store, string ns, IEnumerable<string> names)
    {
        var pods = store.PeekAll(ResourceTypes.Pods, ns).Items.FindAll(pod => !PodState.IsFinished(pod));
        return names.ToDictionary(name => name, name => Used(store, ns, name, pods), StringComparer.Ordinal);
    }

    private static decimal Used(ObjectStore store, string ns, string name, List<JsonObject> pods) =>
        name switch
        {
            "requests.storage" => store
                .PeekAll(ResourceTypes.PersistentVolumeClaims, ns)
                .Items.Sum(claim => Quantity.Parse(claim.Text("spec", "resources", "requests", "storage"))),
            "services.loadbalancers" => store
                .PeekAll(ResourceTypes.Services, ns)
                .Items.Count(service => service.Text("spec", "type") == "LoadBalancer"),
            "services.nodeports" => store
                .PeekAll(ResourceTypes.Services, ns)
                .Items.Count(service => service.Text("spec", "type") is "NodePort" or "LoadBalancer"),
            _ when Counts(name) is { } type => store.PeekAll(type, ns).Items.Count,
            _ => pods.Sum(pod => Adds(pod, name)),
        };

    private static decimal Adds(JsonObject pod, string name) =>
        name is "pods" or "count/pods" ? 1
        : Compute(name) is var (kind, resource) ? Placement.Request(pod, resource, kind)
        : 0;

    // A quota on cpu or memory obliges every container to state it.
    private static bool Applies(JsonObject pod, string name) =>
        Compute(name) is not var (kind, resource)
        || pod.Items("spec", "containers").All(container => container.Text("resources", kind, resource) is not null);

    private static (string Kind, string Resource)? Compute(string name) =>
        name switch
        {
            "cpu" or "memory" => ("requests", name),
            "requests.cpu" or "requests.memory" or "limits.cpu" or "limits.memory" => (name.Split('.')[0], name.Split('.')[1]),
            _ => null,
        };
}
