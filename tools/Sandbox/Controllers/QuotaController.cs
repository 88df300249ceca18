using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Writes into each ResourceQuota what its namespace uses.</summary>
internal sealed class QuotaController(Workload work) : IController
{
    public IEnumerable<ObjectName> Affected(WatchEvent change) =>
        change.Type == ResourceTypes.ResourceQuotas ? [new ObjectName(change.Namespace, change.Name)]
        : change.Type == ResourceTypes.Events
        || (change.Kind == WatchKind.Modified && change.Type != ResourceTypes.Pods && change.Type != ResourceTypes.Services)
            ? []
        : work
            .Store.PeekAll(ResourceTypes.ResourceQuotas, change.Namespace)
            .Items.Where(quota => quota.Namespace() == change.Namespace)
            .Select(quota => new ObjectName(quota.Namespace(), quota.Name()));

    public TimeSpan? Reconcile(ObjectName name)
    {
        if (work.Store.Peek(ResourceTypes.ResourceQuotas, name.Namespace, name.Name) is { } quota)
        {
            var hard = quota.Map("spec", "hard");
            var used = Quotas.Used(work.Store, name.Namespace, hard.Keys);
            work.WriteStatus(
                ResourceTypes.ResourceQuotas,
                quota,
                status =>
                {
                    status["hard"] = quota.Dig("spec", "hard")?.DeepClone();
                    status["used"] = new JsonObject(
                        hard.Keys.Select(key => KeyValuePair.Create(key, (JsonNode?)Quantity.Format(key, used[key])))
                    );
                }
            );
        }

        return null;
    }
}
