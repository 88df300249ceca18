using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>ReplicaSet → pods.</summary>
internal sealed class ReplicaSetController(Workload work) : IController
{
    private const string Component = "replicaset-controller";
    private const int Burst = 50;

    private readonly Dictionary<string, BackOff> _refused = new(StringComparer.Ordinal);

    public IEnumerable<ObjectName> Affected(WatchEvent change) =>
        change.Type == ResourceTypes.ReplicaSets ? [new ObjectName(change.Namespace, change.Name)]
        : change.Type == ResourceTypes.Pods ? Owners.OfKind(change.Object, "ReplicaSet")
        : [];

    public TimeSpan? Reconcile(ObjectName name)
    {
        if (work.Store.Peek(ResourceTypes.ReplicaSets, name.Namespace, name.Name) is not { } set)
        {
            return null;
        }

        var pods = Owners.Owned(work.Store, ResourceTypes.Pods, set).FindAll(PodState.IsActive);
        TimeSpan? again = null;
        KubeStatusException? refusal = null;
        if (!set.IsDeleting())
        {
            refusal = Scale(set, pods, ref again);
        }

        WriteStatus(set, refusal, ref again);
        return again;
    }

    private KubeStatusException? Scale(JsonObject set, List<JsonObject> pods, ref TimeSpan? again)
    {
        var missing = Workload.Replicas(set) - pods.Count;
        for (var i = 0; i < Math.Min(missing, Burst); i++)
        {
            try
            {
                work.CreatePod(set, Component, null, (JsonObject?)set.Dig("spec", "template") ?? [], _ => { });
            }
            catch (KubeStatusException refusal)
            {
                again = Refused(set).Next();
                return refusal;
            }
        }

        foreach (var surplus in pods.OrderBy(Worth).Take(Math.Max(0, -missing)))
        {
            work.DeletePod(set, Component, surplus);
        }

        _refused.Remove(set.Uid());
        again = missing > Burst ? TimeSpan.FromMilliseconds(50) : null;
        return null;
    }

    private BackOff Refused(JsonObject set) =>
        _refused.TryGetValue(set.Uid(), out var backOff)
            ? backOff
            : _refused[set.Uid()] = new BackOff(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30));

    private void WriteStatus(JsonObject set, KubeStatusException? refusal, ref TimeSpan? again)
    {
        var pods = Owners.Owned(work.Store, ResourceTypes.Pods, set).FindAll(PodState.IsActive);
        var now = work.Now;
        var min = set.Int("spec", "minReadySeconds") ?? 0;
        var available = 0;
        foreach (var pod in pods)
        {
            available += PodState.IsAvailable(pod, min, now, ref again) ? 1 : 0;
        }

        work.WriteStatus(
            ResourceTypes.ReplicaSets,
            set,
            status =>
            {
                status["replicas"] = pods.Count;
                status["fullyLabeledReplicas"] = pods.Count;
                status["readyReplicas"] = pods.Count(PodState.IsReady);
                status["availableReplicas"] = available;
                status["observedGeneration"] = set.Generation();
                if (refusal is null)
                {
                    Conditions.Remove(status, "ReplicaFailure");
                }
                else
                {
                    Conditions.Set(status, "ReplicaFailure", true, "FailedCreate", refusal.Message, now);
                }
            }
        );
    }

    // Those that help least go first: not bound, not ready, then the youngest.
    private static (bool, bool, long) Worth(JsonObject pod) =>
        (pod.Text("spec", "nodeName") is not null, PodState.IsReady(pod), -(pod.Time("metadata", "creationTimestamp")?.UtcTicks ?? 0));
}
