using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>PersistentVolumeClaims are bound at once. No data is kept behind them: every program here keeps its own scratch
/// folder.</summary>
internal sealed class ClaimController(Workload work) : IController
{
    public IEnumerable<ObjectName> Affected(WatchEvent change) =>
        change.Type == ResourceTypes.PersistentVolumeClaims && change.Kind == WatchKind.Added
            ? [new ObjectName(change.Namespace, change.Name)]
            : [];

    public TimeSpan? Reconcile(ObjectName name)
    {
        work.Store.Mutate(
            ResourceTypes.PersistentVolumeClaims,
            name.Namespace,
            name.Name,
            claim =>
            {
                if (claim.Text("status", "phase") == "Bound")
                {
                    return false;
                }

                claim.Ensure("spec")["volumeName"] ??= $"pvc-{claim.Uid()}";
                claim["status"] = new JsonObject
                {
                    ["phase"] = "Bound",
                    ["accessModes"] = claim.Dig("spec", "accessModes")?.DeepClone(),
                    ["capacity"] = claim.Dig("spec", "resources", "requests")?.DeepClone(),
                };
                return true;
            }
        );
        return null;
    }
}
