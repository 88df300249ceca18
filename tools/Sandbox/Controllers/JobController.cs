using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Job → pods that run to their end: completions, parallelism, backoff limit, active deadline, and removal some time after the
/// end.</summary>
internal sealed class JobController(Workload work) : IController
{
    private const string Component = "job-controller";

    public IEnumerable<ObjectName> Affected(WatchEvent change) =>
        change.Type == ResourceTypes.Jobs ? [new ObjectName(change.Namespace, change.Name)]
        : change.Type == ResourceTypes.Pods ? Owners.OfKind(change.Object, "Job")
        : [];

    public TimeSpan? Reconcile(ObjectName name)
    {
        if (
            work.Store.Peek(ResourceTypes.Jobs, name.Namespace, name.Name) is not { } job
            || job.IsDeleting()
            || job.IsTrue("spec", "suspend")
        )
        {
            return null;
        }

        if (FinishedAt(job) is { } finished)
        {
            return RemoveInTime(job, finished);
        }

        var pods = Owners.Owned(work.Store, ResourceTypes.Pods, job);
        var succeeded = pods.Count(pod => PodState.Phase(pod) == "Succeeded");
        var failed = pods.Count(pod => PodState.Phase(pod) == "Failed");
        var active = pods.FindAll(PodState.IsActive);
        var completions = job.Int("spec", "completions") ?? 1;
        var limit = job.Int("spec", "backoffLimit") ?? 6;
        TimeSpan? again = null;
        var left = job.Int("spec", "activeDeadlineSeconds") is { } seconds
            ? (job.Time("status", "startTime") ?? work.Now) + TimeSpan.FromSeconds(seconds) - work.Now
            : (TimeSpan?)null;
        var isLate = left <= TimeSpan.Zero && succeeded < completions;
        if (failed <= limit && !isLate)
        {
            again = Start(job, Math.Min(completions - succeeded, job.Int("spec", "parallelism") ?? 1) - active.Count);
        }
        else
        {
            active.ForEach(pod => work.DeletePod(job, Component, pod));
        }

        work.WriteStatus(
            ResourceTypes.Jobs,
            job,
            status =>
            {
                status["startTime"] ??= work.Now.Stamp();
                status["active"] = Owners.Owned(work.Store, ResourceTypes.Pods, job).Count(PodState.IsActive);
                status["ready"] = active.Count(PodState.IsReady);
                status["succeeded"] = succeeded;
                status["failed"] = failed;
                if (succeeded >= completions)
                {
                    status["completionTime"] = work.Now.Stamp();
                    Conditions.Set(
                        status,
                        "SuccessCriteriaMet",
                        true,
                        "CompletionsReached",
                        "Reached expected number of succeeded pods",
                        work.Now
                    );
                    Conditions.Set(status, "Complete", true, "CompletionsReached", "Reached expected number of succeeded pods", work.Now);
                }
                else if (failed > limit)
                {
                    Conditions.Set(status, "Failed", true, "BackoffLimitExceeded", "Job has reached the specified backoff limit", work.Now);
                }
                else if (isLate)
                {
                    Conditions.Set(status, "Failed", true, "DeadlineExceeded", "Job was active longer than specified deadline", work.Now);
                }
            }
        );

        // The end itself is a change, which leads here again. A little is added, so that the time has passed by then.
        var late = left > TimeSpan.Zero ? left + TimeSpan.FromMilliseconds(50) : null;
        return again is null || late < again ? late ?? again : again;
    }

    private TimeSpan? Start(JsonObject job, int count)
    {
        for (var i = 0; i < count; i++)
        {
            try
            {
                work.CreatePod(
                    job,
                    Component,
                    null,
                    job.Dig("spec", "template") as JsonObject ?? [],
                    pod =>
                    {
                        var labels = pod.Ensure("metadata", "labels");
                        labels["batch.kubernetes.io/job-name"] = job.Name();
                        labels["job-name"] = job.Name();
                        labels["batch.kubernetes.io/controller-uid"] = job.Uid();
                    }
                );
            }
            catch (KubeStatusException)
            {
                return TimeSpan.FromSeconds(5); // the event is written
            }
        }

        return null;
    }

    private TimeSpan? RemoveInTime(JsonObject job, DateTimeOffset finished)
    {
        if (job.Int("spec", "ttlSecondsAfterFinished") is not { } seconds)
        {
            return null;
        }

        var left = finished + TimeSpan.FromSeconds(seconds) - work.Now;
        if (left > TimeSpan.Zero)
        {
            return left + TimeSpan.FromMilliseconds(50);
        }

        work.Store.Delete(ResourceTypes.Jobs, job.Namespace(), job.Name(), new DeleteChoice(Propagation.Foreground, Uid: job.Uid()));
        return null;
    }

    private static DateTimeOffset? FinishedAt(JsonObject job) =>
        job.Items("status", "conditions")
            .Where(condition => condition.Text("type") is "Complete" or "Failed" && condition.Text("status") == "True")
            .Select(condition => (DateTimeOffset?)(condition.Time("lastTransitionTime") ?? DateTimeOffset.UnixEpoch))
            .FirstOrDefault();
}
