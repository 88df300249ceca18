using k8s.Models;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>What <c>kubectl get pods</c> would show of a pod. Pure.</summary>
/// <param name="Word">Such as <c>Running</c>, <c>ContainerCreating</c> or <c>CrashLoopBackOff</c>.</param>
/// <param name="Message">What the cluster says about it; empty for nothing.</param>
/// <param name="Ready">Whether it takes traffic.</param>
/// <param name="Restarts">Restarts of all its containers.</param>
internal sealed record PodStatus(string Word, string Message, bool Ready, int Restarts)
{
    private static readonly string[] ImageReasons =
    [
        "ImagePullBackOff",
        "ErrImagePull",
        "InvalidImageName",
        "ErrImageNeverPull",
        "ImageInspectError",
        "RegistryUnavailable",
    ];
    private static readonly string[] ConfigTerms = ["CreateContainerConfigError", "CreateContainerError", "RunContainerError"];

    public bool IsImageProblem => ImageReasons.Contains(Word, StringComparer.Ordinal);

    public bool IsConfigProblem => ConfigTerms.Contains(Word, StringComparer.Ordinal);

    public bool IsCrashLoop => Word == "CrashLoopBackOff";

    /// <summary>Whether it needs somebody's help.</summary>
    public bool IsBad => IsImageProblem || IsConfigProblem || IsCrashLoop;

    public static PodStatus Of(V1Pod pod)
    {
        IReadOnlyList<V1ContainerStatus> containers =
        [
            .. (pod.Status?.InitContainerStatuses ?? []),
            .. (pod.Status?.ContainerStatuses ?? []),
        ];
        var restarts = containers.Sum(c => c.RestartCount);
        var ready =
            pod.Metadata.DeletionTimestamp is null && (pod.Status?.Conditions ?? []).Any(c => c is { Type: "Ready", Status: "True" });
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            return new("Terminating", "", ready, restarts);
        }

        foreach (var container in containers)
        {
            if (container.State?.Waiting is { Reason.Length: > 0 } waiting && waiting.Reason != "PodInitializing")
            {
                return new(waiting.Reason, waiting.Message ?? LastLines(container), ready, restarts);
            }

            if (container.State?.Terminated is { ExitCode: not 0 } ended)
            {
                return new(ended.Reason ?? "Error", ended.Message ?? $"exit code {ended.ExitCode}", ready, restarts);
            }
        }

        var unscheduled = (pod.Status?.Conditions ?? []).FirstOrDefault(c => c is { Type: "PodScheduled", Status: "False" });
        return unscheduled is not null
            ? new(unscheduled.Reason ?? "Pending", unscheduled.Message ?? "", ready, restarts)
            : new(pod.Status?.Reason ?? pod.Status?.Phase ?? "Pending", pod.Status?.Message ?? "", ready, restarts);
    }

    private static string LastLines(V1ContainerStatus container) =>
        container.LastState?.Terminated is { } last ? $"exit code {last.ExitCode} {last.Message}".TrimEnd() : "";
}
