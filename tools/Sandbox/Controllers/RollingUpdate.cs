using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>One step of a rolling update: never more than desired + maxSurge, never fewer available than desired -
/// maxUnavailable.</summary>
internal static class RollingUpdate
{
    private const string Component = "deployment-controller";

    public static void Step(Rollout rollout, Workload work)
    {
        if (rollout.New is not { } current)
        {
            return; // just created: its own change brings us back
        }

        if (current.Wanted > rollout.Desired)
        {
            Scale(rollout.Deployment, current, rollout.Desired, work);
            return;
        }

        var room = rollout.Desired + rollout.MaxSurge - rollout.TotalWanted;
        if (current.Wanted < rollout.Desired && room > 0)
        {
            Scale(rollout.Deployment, current, Math.Min(rollout.Desired, current.Wanted + room), work);
            return;
        }

        ScaleDownOld(rollout, current, work);
    }

    public static void Scale(System.Text.Json.Nodes.JsonObject deployment, CountedSet set, int size, Workload work)
    {
        if (set.Wanted == size)
        {
            return;
        }

        var changed = work.Store.Mutate(
            ResourceTypes.ReplicaSets,
            set.Set.Namespace(),
            set.Set.Name(),
            found =>
            {
                found.Ensure("spec")["replicas"] = size;
                return true;
            }
        );
        if (changed is not null)
        {
            work.Record(
                deployment,
                Component,
                NodeEvent.Normal(
                    "ScalingReplicaSet",
                    $"Scaled {(size > set.Wanted ? "up" : "down")} replica set {set.Set.Name()} from {set.Wanted} to {size}"
                )
            );
        }
    }

    private static void ScaleDownOld(Rollout rollout, CountedSet current, Workload work)
    {
        var leastAvailable = rollout.Desired - rollout.MaxUnavailable;
        var newUnavailable = Math.Max(0, current.Wanted - current.Available);
        var mayGo = rollout.TotalWanted - leastAvailable - newUnavailable;

        // Old pods that do not serve anyway go first; they free room for new ones even when those have trouble.
        var sizes = rollout.Old.ToDictionary(old => old, old => old.Wanted);
        foreach (var old in rollout.Old.Where(old => old.Wanted > old.Available))
        {
            var unhealthy = Math.Min(Math.Max(0, mayGo), old.Wanted - old.Available);
            sizes[old] -= unhealthy;
            mayGo -= unhealthy;
        }

        var spare = rollout.All.Sum(set => set.Available) - leastAvailable;
        foreach (var old in rollout.Old)
        {
            var go = Math.Min(Math.Max(0, Math.Min(spare, mayGo)), Math.Min(sizes[old], old.Available));
            sizes[old] -= go;
            spare -= go;
            mayGo -= go;
        }

        foreach (var (old, size) in sizes)
        {
            Scale(rollout.Deployment, old, size, work);
        }
    }
}
