using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Binds pods to nodes: selectors, room, spread over zones.</summary>
internal sealed class Scheduler(Workload work) : IController
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(30);

    public IEnumerable<ObjectName> Affected(WatchEvent change)
    {
        if (change.Type == ResourceTypes.Pods && change.Kind != WatchKind.Deleted && !PodState.IsFinished(change.Object))
        {
            return IsWaiting(change.Object) ? [new ObjectName(change.Namespace, change.Name)] : [];
        }

        // Room may have come free, or a node changed.
        return
            change.Type == ResourceTypes.Nodes || (change.Type == ResourceTypes.Pods && change.Object.Text("spec", "nodeName") is not null)
            ? work.Store.PeekAll(ResourceTypes.Pods).Items.Where(IsWaiting).Select(pod => new ObjectName(pod.Namespace(), pod.Name()))
            : [];
    }

    public TimeSpan? Reconcile(ObjectName name)
    {
        if (work.Store.Peek(ResourceTypes.Pods, name.Namespace, name.Name) is not { } pod || !IsWaiting(pod))
        {
            return null;
        }

        var nodes = work.Store.PeekAll(ResourceTypes.Nodes).Items;
        var pods = work
            .Store.PeekAll(ResourceTypes.Pods)
            .Items.FindAll(other => other.Text("spec", "nodeName") is not null && !PodState.IsFinished(other));
        var (best, refusal) = Placement.Choose(pod, nodes, pods);
        if (best is null)
        {
            Refuse(pod, refusal);
            return Retry;
        }

        Bind(pod, best);
        return null;
    }

    private void Bind(JsonObject pod, string node)
    {
        var bound = work.Store.Mutate(
            ResourceTypes.Pods,
            pod.Namespace(),
            pod.Name(),
            found =>
            {
                if (found.Uid() != pod.Uid() || found.Text("spec", "nodeName") is not null)
                {
                    return false;
                }

                found.Ensure("spec")["nodeName"] = node;
                found.Ensure("status")["phase"] ??= "Pending";
                var status = found.Ensure("status");
                Conditions.Set(status, "PodScheduled", true, "", "", work.Now);
                return true;
            }
        );
        if (bound is not null)
        {
            work.Record(
                bound,
                "default-scheduler",
                NodeEvent.Normal("Scheduled", $"Successfully assigned {pod.Namespace()}/{pod.Name()} to {node}")
            );
        }
    }

    private void Refuse(JsonObject pod, string message)
    {
        work.WriteStatus(
            ResourceTypes.Pods,
            pod,
            status =>
            {
                status["phase"] = "Pending";
                Conditions.Set(status, "PodScheduled", false, "Unschedulable", message, work.Now);
            }
        );
        if (PodState.Condition(pod, "PodScheduled").Text("message") != message)
        {
            work.Record(pod, "default-scheduler", NodeEvent.Warning("FailedScheduling", message));
        }
    }

    private static bool IsWaiting(JsonObject pod) =>
        pod.Text("spec", "nodeName") is null or ""
        && !pod.IsDeleting()
        && pod.Text("spec", "schedulerName") is null or "default-scheduler"
        && !pod.Items("spec", "schedulingGates").Any();
}
