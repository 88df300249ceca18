using k8s.Models;

namespace Portkey.Portal.Provisioning.Kubernetes;

/// <summary>Why a rollout cannot succeed.</summary>
internal sealed record RolloutFailure(string Code, string Message, string Pod);

/// <summary>What a rollout watcher knows, and what it makes of it. Holds no clock and makes no calls.</summary>
internal sealed class RolloutState
{
    /// <summary>How long a pod may show a problem that can pass by itself, such as a registry that stumbles.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const int CrashesUntilFailure = 3;
    private const string RevisionAnnotation = "deployment.kubernetes.io/revision";

    private readonly Dictionary<string, (string Word, DateTime Since)> problems = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> told = new(StringComparer.Ordinal);

    public IReadOnlyCollection<V1Deployment>? Deployments { get; set; }

    public IReadOnlyCollection<V1StatefulSet>? StatefulSets { get; set; }

    public IReadOnlyCollection<V1ReplicaSet>? ReplicaSets { get; set; }

    public IReadOnlyCollection<V1Pod>? Pods { get; set; }

    /// <summary>Forgets what was listed, but not since when pods have had a problem, nor what was told.</summary>
    public void Forget() => (Deployments, StatefulSets, ReplicaSets, Pods) = (null, null, null, null);

    /// <summary>Whether each kind was listed at least once.</summary>
    public bool Complete => Deployments is not null && StatefulSets is not null && ReplicaSets is not null && Pods is not null;

    public bool Empty => Deployments!.Count + StatefulSets!.Count == 0;

    /// <summary>Why it is not done; empty when every workload is current.</summary>
    public string Waiting() => Workloads().FirstOrDefault(w => !w.Current)?.Reason ?? "";

    /// <summary>Lines for what changed since the last call.</summary>
    public IEnumerable<string> News()
    {
        foreach (var pod in Pods!)
        {
            var status = PodStatus.Of(pod);
            var line = $"{(status.Ready ? "ready" : status.Word)}{(status.Restarts > 0 ? $", {status.Restarts} restarts" : "")}{(status.Message.Length > 0 ? $": {status.Message}" : "")}";
            if (told.GetValueOrDefault(pod.Metadata.Name) != line)
            {
                told[pod.Metadata.Name] = line;
                yield return $"Pod {pod.Metadata.Name}: {line}";
            }
        }

        var gone = told.Keys.Except(Pods.Select(p => p.Metadata.Name), StringComparer.Ordinal).ToList();
        foreach (var name in gone)
        {
            told.Remove(name);
            problems.Remove(name);
            yield return $"Pod {name}: gone";
        }
    }

    /// <summary>The failure that is certain by now; null while there is hope.</summary>
    public RolloutFailure? Failure(DateTime now)
    {
        foreach (var deployment in Deployments!)
        {
            if (Kstatus.Of(deployment) is { Stalled: true } stalled)
            {
                return stalled.Reason.Contains("exceeded quota", StringComparison.Ordinal)
                    ? new("quota-exceeded", $"{stalled.Reason}. Ask for a smaller size, or have the namespace's quota raised.", "")
                    : stalled.Reason.Contains("deadline", StringComparison.Ordinal)
                        ? new("progress-deadline", $"{stalled.Reason}. Look at the pods' events and logs below.", Sick(deployment))
                        : new("pods-refused", $"{stalled.Reason}. Have the cluster's policy or the chart's settings changed.", "");
            }
        }

        return NewPods().Select(p => Failure(p, PodStatus.Of(p), now)).FirstOrDefault(f => f is not null);
    }

    /// <summary>When a problem seen now becomes certain; null when none is seen.</summary>
    public DateTime? NextLook() => problems.Count == 0 ? null : problems.Values.Min(p => p.Since) + Patience;

    /// <summary>A pod worth looking at when time is up.</summary>
    public string AnyUnready() => Pods!.Where(p => PodStatus.Of(p) is { Ready: false, Word: not "Terminating" }).Select(p => p.Metadata.Name).FirstOrDefault() ?? "";

    private RolloutFailure? Failure(V1Pod pod, PodStatus status, DateTime now)
    {
        var name = pod.Metadata.Name;
        if (status.IsCrashLoop && status.Restarts >= CrashesUntilFailure)
        {
            return new("crash-loop", $"Pod {name} starts and ends again ({status.Restarts} restarts). {status.Message} Look at its log below for the reason, often a setting or a secret that the gateway does not accept.", name);
        }

        if (!status.IsImageProblem && !status.IsConfigProblem)
        {
            problems.Remove(name);
            return null;
        }

        // ErrImagePull and ImagePullBackOff take turns: they are one problem, not two short ones.
        var kind = status.IsImageProblem ? "image" : "config";
        if (!problems.TryGetValue(name, out var seen) || seen.Word != kind)
        {
            problems[name] = seen = (kind, now);
        }

        return now - seen.Since < Patience ? null : status.IsImageProblem
            ? new("image-pull", $"Pod {name} cannot get its image: {status.Message} Check the chart version's image tag and the registry's credentials.", name)
            : new("container-config", $"Pod {name} cannot start its container: {status.Message} Check that every secret key the settings need is stored.", name);
    }

    private IEnumerable<WorkloadState> Workloads() => Deployments!.Select(Kstatus.Of).Concat(StatefulSets!.Select(Kstatus.Of));

    private string Sick(V1Deployment deployment) => NewPods().Where(p => p.Metadata.Name.StartsWith(deployment.Metadata.Name + "-", StringComparison.Ordinal) && !PodStatus.Of(p).Ready).Select(p => p.Metadata.Name).FirstOrDefault() ?? "";

    // Pods of the newest template only: an old one in a crash loop may be just what this rollout mends.
    private IEnumerable<V1Pod> NewPods()
    {
        var old = new HashSet<string>(StringComparer.Ordinal);
        foreach (var set in ReplicaSets!)
        {
            var owner = Deployments!.FirstOrDefault(d => d.Metadata.Uid == set.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true)?.Uid);
            if (owner is not null && (!Seen(owner) || Revision(owner.Metadata) != Revision(set.Metadata)))
            {
                old.Add(set.Metadata.Uid);
            }
        }

        foreach (var pod in Pods!.Where(p => p.Metadata.DeletionTimestamp is null))
        {
            var owner = pod.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true);
            var set = StatefulSets!.FirstOrDefault(s => s.Metadata.Uid == owner?.Uid);
            var stale = set?.Status?.UpdateRevision is { } revision && pod.Metadata.Labels?.TryGetValue("controller-revision-hash", out var hash) == true && hash != revision;
            if (!stale && !old.Contains(owner?.Uid ?? ""))
            {
                yield return pod;
            }
        }
    }

    private static bool Seen(V1Deployment deployment) => (deployment.Status?.ObservedGeneration ?? 0) >= (deployment.Metadata.Generation ?? 0);

    private static string Revision(V1ObjectMeta metadata) => metadata.Annotations?.TryGetValue(RevisionAnnotation, out var revision) == true ? revision : "";
}
