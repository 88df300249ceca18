using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Deployment → ReplicaSets: revisions, rolling updates, history.</summary>
internal sealed class DeploymentController(Workload work) : IController
{
    private readonly Revisions _revisions = new(work);

    public IEnumerable<ObjectName> Affected(WatchEvent change) =>
        change.Type == ResourceTypes.Deployments ? [new ObjectName(change.Namespace, change.Name)]
        : change.Type == ResourceTypes.ReplicaSets ? Owners.OfKind(change.Object, "Deployment")
        : change.Type == ResourceTypes.Pods ? OfPod(change.Object)
        : [];

    public TimeSpan? Reconcile(ObjectName name)
    {
        if (work.Store.Peek(ResourceTypes.Deployments, name.Namespace, name.Name) is not { } deployment || deployment.IsDeleting())
        {
            return null;
        }

        TimeSpan? again = null;
        var rollout = Read(deployment, ref again);
        if (deployment.IsTrue("spec", "paused"))
        {
            FollowScaleWhilePaused(rollout);
        }
        else
        {
            var before = rollout.New is null;
            var mayCreate = deployment.Text("spec", "strategy", "type") != "Recreate" || ScaleDownForRecreate(rollout);
            if (mayCreate)
            {
                _revisions.EnsureNew(rollout, before ? FirstSize(rollout) : 0);
                RollingUpdate.Step(rollout, work);
            }

            _revisions.CleanUp(rollout);
        }

        rollout = Read(work.Store.Peek(ResourceTypes.Deployments, name.Namespace, name.Name) ?? deployment, ref again);
        DeploymentStatus.Write(rollout, work, ref again);
        return again;
    }

    private Rollout Read(JsonObject deployment, ref TimeSpan? again)
    {
        var sets = Owners.Owned(work.Store, ResourceTypes.ReplicaSets, deployment).FindAll(set => !set.IsDeleting());
        var counted = new List<CountedSet>();
        foreach (var set in sets)
        {
            counted.Add(CountedSet.Of(set, work, deployment.Int("spec", "minReadySeconds") ?? 0, ref again));
        }

        var current = counted
            .Where(set => Revisions.SameTemplate(set.Set, deployment))
            .OrderBy(set => set.Set.Time("metadata", "creationTimestamp"))
            .FirstOrDefault();
        return new Rollout(deployment, current, [.. counted.Where(set => set != current).OrderBy(set => Revisions.Number(set.Set))]);
    }

    /// <summary>Recreate: true once no pod of an old revision is left.</summary>
    private bool ScaleDownForRecreate(Rollout rollout)
    {
        foreach (var old in rollout.Old.Where(set => set.Wanted > 0))
        {
            RollingUpdate.Scale(rollout.Deployment, old, 0, work);
        }

        return !rollout.Old.Any(old => Owners.Owned(work.Store, ResourceTypes.Pods, old.Set).Exists(pod => !PodState.IsFinished(pod)));
    }

    private static int FirstSize(Rollout rollout) =>
        rollout.Old.Any(old => old.Wanted > 0) && rollout.Deployment.Text("spec", "strategy", "type") != "Recreate"
            ? Math.Clamp(rollout.Desired + rollout.MaxSurge - rollout.TotalWanted, 0, rollout.Desired)
            : rollout.Desired;

    private void FollowScaleWhilePaused(Rollout rollout)
    {
        // Only one revision has pods: its size is the Deployment's. In the middle of a rollout sizes stay as they are.
        if (rollout.All.Where(set => set.Wanted > 0).ToList() is [var only])
        {
            RollingUpdate.Scale(rollout.Deployment, only, rollout.Desired, work);
        }
    }

    private IEnumerable<ObjectName> OfPod(JsonObject pod) =>
        Owners
            .OfKind(pod, "ReplicaSet")
            .SelectMany(name =>
                work.Store.Peek(ResourceTypes.ReplicaSets, name.Namespace, name.Name) is { } set ? Owners.OfKind(set, "Deployment") : []
            );
}
