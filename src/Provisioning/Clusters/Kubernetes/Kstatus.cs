using k8s.Models;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>How far a workload is.</summary>
/// <param name="Current">Whether the cluster has made everything that the newest spec asks for.</param>
/// <param name="Stalled">Whether the cluster itself has given up on it.</param>
/// <param name="Complete">Whether this spec has been completely rolled out before, whatever happened to its pods since.</param>
/// <param name="Reason">Why it is not current; empty when it is.</param>
internal sealed record WorkloadState(bool Current, bool Stalled, bool Complete, string Reason);

/// <summary>The rules of kstatus for the kinds a gateway has. Pure.</summary>
internal static class Kstatus
{
    public static WorkloadState Of(V1Deployment deployment)
    {
        var name = $"Deployment {deployment.Metadata.Name}";
        var status = deployment.Status;
        if (status is null || (status.ObservedGeneration ?? 0) < (deployment.Metadata.Generation ?? 0))
        {
            return Waiting($"{name} has not been seen by its controller yet");
        }

        var conditions = status.Conditions ?? [];
        var progressing = conditions.FirstOrDefault(c => c.Type == "Progressing");
        if (progressing is { Reason: "ProgressDeadlineExceeded" })
        {
            return new(Current: false, Stalled: true, Complete: false, $"{name} made no progress within its deadline");
        }

        var wanted = deployment.Spec.Replicas ?? 1;
        var complete = progressing is { Status: "True", Reason: "NewReplicaSetAvailable" };
        if (conditions.FirstOrDefault(c => c is { Type: "ReplicaFailure", Status: "True" }) is { } failure)
        {
            return new(
                Current: false,
                Stalled: failure.Reason == "FailedCreate",
                complete,
                $"{name} cannot make its pods: {failure.Message}"
            );
        }

        var reason =
            (status.UpdatedReplicas ?? 0) < wanted ? $"{name}: {Share(status.UpdatedReplicas, wanted)} new"
            : (status.Replicas ?? 0) > wanted ? $"{name}: {Plural.Of((status.Replicas ?? 0) - wanted, "old pod has", "old pods have")} not gone yet"
            : (status.AvailableReplicas ?? 0) < wanted ? $"{name}: {Share(status.AvailableReplicas, wanted)} available"
            : "";
        return new(reason.Length == 0, Stalled: false, complete, reason);
    }

    public static WorkloadState Of(V1StatefulSet set)
    {
        var name = $"StatefulSet {set.Metadata.Name}";
        var status = set.Status;
        if (status is null || (status.ObservedGeneration ?? 0) < (set.Metadata.Generation ?? 0))
        {
            return Waiting($"{name} has not been seen by its controller yet");
        }

        // With OnDelete nothing rolls out by itself, so nothing is waited for.
        var wanted = set.Spec.Replicas ?? 1;
        var rolls = set.Spec.UpdateStrategy?.Type != "OnDelete";
        var rolled =
            !rolls
            || status.UpdateRevision is null
            || status.CurrentRevision == status.UpdateRevision
            || (status.UpdatedReplicas ?? 0) >= wanted;
        var reason =
            status.Replicas != wanted ? $"{name}: {Plural.Of(status.Replicas, "pod")} where {Plural.Of(wanted, "is", "are")} wanted"
            : !rolled ? $"{name}: {Share(status.UpdatedReplicas, wanted)} new"
            : (status.ReadyReplicas ?? 0) < wanted ? $"{name}: {Share(status.ReadyReplicas, wanted)} ready"
            : "";
        return new(reason.Length == 0, Stalled: false, rolled && status.Replicas == wanted, reason);
    }

    // "0 of 1 pod is", "1 of 2 pods are"
    private static string Share(int? some, int wanted) => $"{some ?? 0} of {Plural.Of(wanted, "pod is", "pods are")}";

    private static WorkloadState Waiting(string reason) => new(Current: false, Stalled: false, Complete: false, reason);
}
