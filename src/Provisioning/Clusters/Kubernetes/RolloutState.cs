using k8s.Models;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>Why a rollout cannot succeed.</summary>
/// <param name="Code">Machine word.</param>
/// <param name="Reason">What the workload says, without its last full stop; empty where its pod says it all.</param>
/// <param name="Pod">Pod to look at; empty for none.</param>
internal sealed record RolloutFailure(string Code, string Reason, string Pod)
{
    /// <summary>What that pod says of itself.</summary>
    public PodCause Cause { get; init; } = PodCause.None;

    /// <summary>The whole of it for people. What a probe found, and what a volume waits for, stands among the pod's events alone.</summary>
    public string Message(IReadOnlyList<PodEvent> events)
    {
        var says = Cause.With(events).Says;
        return says.Length == 0 ? $"{Reason}."
            : Cause == PodCause.None ? $"{Reason}. The pod {says}."
            : Reason.Length == 0 ? $"Pod {Pod} {says}."
            : $"{Reason}; pod {Pod} {says}.";
    }
}

/// <summary>What a rollout watcher knows and concludes. Holds no clock and makes no calls.</summary>
internal sealed class RolloutState
{
    /// <summary>How long a pod may show a problem that can pass by itself, such as a registry's brief failure.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const int CrashesUntilFailure = 3;
    private const string RevisionAnnotation = "deployment.kubernetes.io/revision";

    private readonly Dictionary<string, (string Word, DateTime Since)> problems = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Word, string Message)> told = new(StringComparer.Ordinal);

    public IReadOnlyCollection<V1Deployment>? Deployments { get; set; }

    public IReadOnlyCollection<V1StatefulSet>? StatefulSets { get; set; }

    public IReadOnlyCollection<V1ReplicaSet>? ReplicaSets { get; set; }

    public IReadOnlyCollection<V1Pod>? Pods { get; set; }

    /// <summary>Forgets what was listed, but not since when pods have had a problem, nor what was told.</summary>
    public void Forget() => (Deployments, StatefulSets, ReplicaSets, Pods) = (null, null, null, null);

    /// <summary>Whether each kind was listed at least once.</summary>
    public bool Complete => Deployments is not null && StatefulSets is not null && ReplicaSets is not null && Pods is not null;

    public bool Empty => Deployments!.Count + StatefulSets!.Count == 0;

    /// <summary>Why it is not done, with what a pod of it says of itself; empty when every workload is current.</summary>
    public string Waiting()
    {
        var reason = Behind();
        return Reason = reason.Length > 0 && Saying() is { } pod ? $"{reason}; pod {pod.Metadata.Name} {PodCause.Of(pod).Says}" : reason;
    }

    /// <summary>Why it was not done when it was last asked; another thread may read it.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Lines for what changed since the last call.</summary>
    public IEnumerable<string> News()
    {
        foreach (var pod in Pods!)
        {
            var status = PodStatus.Of(pod);
            var word =
                $"{(status.Ready ? "ready" : status.Word)}{(status.Restarts > 0 ? $", {Plural.Of(status.Restarts, "restart")}" : "")}";
            var before = told.GetValueOrDefault(pod.Metadata.Name, (Word: "", Message: ""));
            if (before != (word, status.Message))
            {
                // A kubelet alternates between words for the same sentence, which is said once.
                var again = status.Message.Length == 0 || Sentence(before.Message) == Sentence(status.Message);
                told[pod.Metadata.Name] = (word, status.Message.Length == 0 ? before.Message : status.Message);
                if (before.Word != word || !again)
                {
                    yield return $"Pod {pod.Metadata.Name}: {word}{(again ? "" : $": {status.Message}")}";
                }
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

    /// <summary>The failure that is certain by now; null while success is possible.</summary>
    public RolloutFailure? Failure(DateTime now)
    {
        foreach (var deployment in Deployments!)
        {
            if (Kstatus.Of(deployment) is { Stalled: true } stalled)
            {
                return stalled.Reason.Contains("exceeded quota", StringComparison.Ordinal)
                        ? new("quota-exceeded", $"{stalled.Reason}. Ask for a smaller size, or have the namespace's quota raised", "")
                    : stalled.Reason.Contains("deadline", StringComparison.Ordinal)
                        ? Of(stalled.Reason, Sick(deployment), "progress-deadline")
                    : new("pods-refused", $"{stalled.Reason}. Have the cluster's policy or the chart's settings changed", "");
            }
        }

        return NewPods().Select(p => Failure(p, PodStatus.Of(p), now)).FirstOrDefault(f => f is not null);
    }

    /// <summary>When a problem seen now becomes certain; null when none is seen.</summary>
    public DateTime? NextLook() => problems.Count == 0 ? null : problems.Values.Min(p => p.Since) + Patience;

    /// <summary>The failure when time is up: what is behind, and the pod that says why, or any that is not ready.</summary>
    public RolloutFailure Timeout(TimeSpan after)
    {
        const string Code = "rollout-timeout";
        var reason = $"It was not ready after {after.TotalSeconds:0} seconds: {Behind()}";
        var unready = Pods!.FirstOrDefault(p => PodStatus.Of(p) is { Ready: false, Word: not "Terminating" });
        return Saying() is { } pod ? Of(reason, pod, Code) : new(Code, reason, unready?.Metadata.Name ?? "");
    }

    private RolloutFailure? Failure(V1Pod pod, PodStatus status, DateTime now)
    {
        var name = pod.Metadata.Name;
        if (status.IsCrashLoop && status.Restarts >= CrashesUntilFailure)
        {
            return Of("", pod);
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

        return now - seen.Since < Patience ? null : Of("", pod);
    }

    private static RolloutFailure Of(string reason, V1Pod? pod, string? code = null)
    {
        var cause = pod is null ? PodCause.None : PodCause.Of(pod);
        return new(code ?? cause.Code, reason, pod?.Metadata.Name ?? "") { Cause = cause };
    }

    // Of "Back-off pulling image …: ErrImagePull: SENTENCE" what was said before without the frame.
    private static string Sentence(string message) =>
        message.IndexOf("ErrImagePull: ", StringComparison.Ordinal) is >= 0 and var at
            ? message[(at + "ErrImagePull: ".Length)..]
            : message;

    // What the first workload that is not current lacks; empty when every one is.
    private string Behind() => Workloads().FirstOrDefault(w => !w.Current)?.Reason ?? "";

    // The first of the new pods that says why it does not serve.
    private V1Pod? Saying() => NewPods().FirstOrDefault(p => PodCause.Of(p).Says.Length > 0);

    private IEnumerable<WorkloadState> Workloads() => Deployments!.Select(Kstatus.Of).Concat(StatefulSets!.Select(Kstatus.Of));

    private V1Pod? Sick(V1Deployment deployment) =>
        NewPods()
            .FirstOrDefault(p =>
                p.Metadata.Name.StartsWith(deployment.Metadata.Name + "-", StringComparison.Ordinal) && !PodStatus.Of(p).Ready
            );

    // Pods of the newest template only: an old one in a crash loop may be just what this rollout mends.
    private IEnumerable<V1Pod> NewPods()
    {
        var old = new HashSet<string>(StringComparer.Ordinal);
        foreach (var set in ReplicaSets!)
        {
            var owner = Deployments!.FirstOrDefault(d =>
                d.Metadata.Uid == set.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true)?.Uid
            );
            if (owner is not null && (!Seen(owner) || Revision(owner.Metadata) != Revision(set.Metadata)))
            {
                old.Add(set.Metadata.Uid);
            }
        }

        foreach (var pod in Pods!.Where(p => p.Metadata.DeletionTimestamp is null))
        {
            var owner = pod.Metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true);
            var set = StatefulSets!.FirstOrDefault(s => s.Metadata.Uid == owner?.Uid);
            var stale =
                set?.Status?.UpdateRevision is { } revision
                && pod.Metadata.Labels?.TryGetValue("controller-revision-hash", out var hash) == true
                && hash != revision;
            if (!stale && !old.Contains(owner?.Uid ?? ""))
            {
                yield return pod;
            }
        }
    }

    private static bool Seen(V1Deployment deployment) =>
        (deployment.Status?.ObservedGeneration ?? 0) >= (deployment.Metadata.Generation ?? 0);

    private static string Revision(V1ObjectMeta metadata) =>
        metadata.Annotations?.TryGetValue(RevisionAnnotation, out var revision) == true ? revision : "";
}
