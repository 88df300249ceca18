using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Kubelet;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Job → pods that run to their end: completions, parallelism, backoff limit.</summary>
internal sealed class JobController(Workload work) : IController
{
    private const string Component = "job-controller";

    public IEnumerable<ObjectName> Affected(WatchEvent change) =>
        change.Type == ResourceTypes.Jobs ? [new ObjectName(change.Namespace, change.Name)]
        : change.Type == ResourceTypes.Pods ? Owners.OfKind(change.Object, "Job")
        : [];

    public TimeSpan? Reconcile(ObjectName name)
    {
        if (work.Store.Peek(ResourceTypes.Jobs, name.Namespace, name.Name) is not { } job || job.IsDeleting() || Finished(job) || job.IsTrue("spec", "suspend"))
        {
            return null;
        }

        var pods = Owners.Owned(work.Store, ResourceTypes.Pods, job);
        var succeeded = pods.Count(pod => PodState.Phase(pod) == "Succeeded");
        var failed = pods.Count(pod => PodState.Phase(pod) == "Failed");
        var active = pods.FindAll(PodState.IsActive);
        var completions = job.Int("spec", "completions") ?? 1;
        var limit = job.Int("spec", "backoffLimit") ?? 6;
        TimeSpan? again = null;
        if (failed <= limit)
        {
            again = Start(job, Math.Min(completions - succeeded, job.Int("spec", "parallelism") ?? 1) - active.Count);
        }
        else
        {
            active.ForEach(pod => work.DeletePod(job, Component, pod));
        }

        work.WriteStatus(ResourceTypes.Jobs, job, status =>
        {
            status["startTime"] ??= work.Now.Stamp();
            status["active"] = Owners.Owned(work.Store, ResourceTypes.Pods, job).Count(PodState.IsActive);
            status["ready"] = active.Count(PodState.IsReady);
            status["succeeded"] = succeeded;
            status["failed"] = failed;
            if (succeeded >= completions)
            {
                status["completionTime"] = work.Now.Stamp();
                Conditions.Set(status, "SuccessCriteriaMet", true, "CompletionsReached", "Reached expected number of succeeded pods", work.Now);
                Conditions.Set(status, "Complete", true, "CompletionsReached", "Reached expected number of succeeded pods", work.Now);
            }
            else if (failed > limit)
            {
                Conditions.Set(status, "Failed", true, "BackoffLimitExceeded", "Job has reached the specified backoff limit", work.Now);
            }
        });
        return again;
    }

    private TimeSpan? Start(JsonObject job, int count)
    {
        for (var i = 0; i < count; i++)
        {
            try
            {
                work.CreatePod(job, Component, null, job.Dig("spec", "template") as JsonObject ?? [], pod =>
                {
                    var labels = pod.Ensure("metadata", "labels");
                    labels["batch.kubernetes.io/job-name"] = job.Name();
                    labels["job-name"] = job.Name();
                    labels["batch.kubernetes.io/controller-uid"] = job.Uid();
                });
            }
            catch (KubeStatusException)
            {
                return TimeSpan.FromSeconds(5); // the event is written
            }
        }

        return null;
    }

    private static bool Finished(JsonObject job) =>
        job.Items("status", "conditions").Any(condition => condition.Text("type") is "Complete" or "Failed" && condition.Text("status") == "True");
}
