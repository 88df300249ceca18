using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>Builds a pod's status from the state of its containers.</summary>
internal sealed class PodStatus(PodContext pod)
{
    private readonly Dictionary<string, (string Status, string Since)> _conditions = pod
        .Pod.Items("status", "conditions")
        .Where(condition => condition.Text("type") is not null)
        .GroupBy(condition => condition.Text("type")!, StringComparer.Ordinal)
        .ToDictionary(
            group => group.Key,
            group => (group.Last().Text("status") ?? "False", group.Last().Text("lastTransitionTime") ?? pod.Node.Time.GetUtcNow().Stamp()),
            StringComparer.Ordinal
        );

    private readonly string _start = pod.Pod.Text("status", "startTime") ?? pod.Node.Time.GetUtcNow().Stamp();

    public JsonObject Build(IReadOnlyList<ContainerView> inits, IReadOnlyList<ContainerView> containers, bool initialized, bool stopping)
    {
        var phase = Phase(containers, inits, initialized);
        var notReady = containers.Where(container => !container.Ready).Select(container => container.Name).ToList();
        var ready = notReady.Count == 0 && phase == "Running" && !stopping;
        var why =
            phase == "Succeeded" ? ("PodCompleted", (string?)null)
            : ready ? (null, null)
            : ("ContainersNotReady", $"containers with unready status: [{string.Join(' ', notReady)}]");
        var uninitialized = inits.Where(init => init.ExitCode != 0).Select(init => init.Name);
        var status = new JsonObject
        {
            ["phase"] = phase,
            ["conditions"] = new JsonArray(
                Condition("PodReadyToStartContainers", true),
                Condition(
                    "Initialized",
                    initialized,
                    initialized ? null : "ContainersNotInitialized",
                    initialized ? null : $"containers with incomplete status: [{string.Join(' ', uninitialized)}]"
                ),
                Condition("Ready", ready, why.Item1, why.Item2),
                Condition("ContainersReady", ready, why.Item1, why.Item2),
                Condition("PodScheduled", true)
            ),
            ["hostIP"] = "127.0.0.1",
            ["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = "127.0.0.1" }),
            ["podIP"] = pod.Address,
            ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = pod.Address }),
            ["startTime"] = _start,
            ["qosClass"] = QosClass(),
            ["containerStatuses"] = containers.Select(container => container.ToJson()).ToJsonArray(),
        };
        if (pod.Pod.Dig("metadata", "generation") is { } generation)
        {
            status["observedGeneration"] = generation.DeepClone();
        }

        if (inits.Count > 0)
        {
            status["initContainerStatuses"] = inits.Select(init => (init with { Ready = init.ExitCode == 0 }).ToJson()).ToJsonArray();
        }

        return status;
    }

    private string Phase(IReadOnlyList<ContainerView> containers, IReadOnlyList<ContainerView> inits, bool initialized)
    {
        if (!initialized)
        {
            return pod.RestartPolicy == "Never" && inits.Any(init => init.ExitCode > 0) ? "Failed" : "Pending";
        }

        if (pod.RestartPolicy != "Always" && containers.All(container => container.ExitCode is not null))
        {
            return containers.All(container => container.ExitCode == 0) ? "Succeeded" : "Failed";
        }

        // Once a container has run the pod is Running, also while it waits to run again.
        return containers.Any(container => container.Running || container.ContainerId is not null || container.RestartCount > 0)
            ? "Running"
            : "Pending";
    }

    private JsonObject Condition(string type, bool holds, string? reason = null, string? message = null)
    {
        var status = holds ? "True" : "False";
        if (!_conditions.TryGetValue(type, out var known) || known.Status != status)
        {
            _conditions[type] = known = (status, pod.Node.Time.GetUtcNow().Stamp());
        }

        var condition = new JsonObject
        {
            ["type"] = type,
            ["status"] = status,
            ["lastProbeTime"] = null,
            ["lastTransitionTime"] = known.Since,
        };
        if (reason is not null)
        {
            condition["reason"] = reason;
        }

        if (message is not null)
        {
            condition["message"] = message;
        }

        return condition;
    }

    private string QosClass()
    {
        var containers = pod.Pod.Items("spec", "containers").Concat(pod.Pod.Items("spec", "initContainers")).ToList();
        if (containers.All(c => !c.Map("resources", "requests").Any() && !c.Map("resources", "limits").Any()))
        {
            return "BestEffort";
        }

        return containers.All(c =>
            new[] { "cpu", "memory" }.All(resource =>
                c.Text("resources", "limits", resource) is { } limit
                && Quantity.Parse(limit) == Quantity.Parse(c.Text("resources", "requests", resource) ?? limit)
            )
        )
            ? "Guaranteed"
            : "Burstable";
    }
}
