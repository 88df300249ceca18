using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>
/// HorizontalPodAutoscaler: keeps the target between its bounds. There is no load to measure here, so the metrics
/// read as idle and nothing scales by itself beyond the minimum.
/// </summary>
internal sealed class HpaController(Workload work) : IController
{
    private const string Component = "horizontal-pod-autoscaler";

    public IEnumerable<ObjectName> Affected(WatchEvent change) =>
        change.Type == ResourceTypes.HorizontalPodAutoscalers ? [new ObjectName(change.Namespace, change.Name)]
        : change.Type == ResourceTypes.Deployments || change.Type == ResourceTypes.StatefulSets
            ? work
                .Store.PeekAll(ResourceTypes.HorizontalPodAutoscalers, change.Namespace)
                .Items.Where(hpa => hpa.Text("spec", "scaleTargetRef", "name") == change.Name)
                .Select(hpa => new ObjectName(hpa.Namespace(), hpa.Name()))
        : [];

    public TimeSpan? Reconcile(ObjectName name)
    {
        if (work.Store.Peek(ResourceTypes.HorizontalPodAutoscalers, name.Namespace, name.Name) is not { } hpa || hpa.IsDeleting())
        {
            return null;
        }

        var type = ResourceTypes.OfKind(
            hpa.Text("spec", "scaleTargetRef", "apiVersion") ?? "",
            hpa.Text("spec", "scaleTargetRef", "kind") ?? ""
        );
        var target = hpa.Text("spec", "scaleTargetRef", "name") ?? "";
        if (type is not { HasScale: true } || work.Store.Peek(type, name.Namespace, target) is not { } found)
        {
            Missing(hpa, type, target);
            return null;
        }

        var current = Workload.Replicas(found);
        var least = Math.Max(1, hpa.Int("spec", "minReplicas") ?? 1);
        var desired = current == 0 ? 0 : Math.Clamp(current, least, Math.Max(least, hpa.Int("spec", "maxReplicas") ?? least));
        if (desired != current)
        {
            work.Store.Mutate(
                type,
                name.Namespace,
                target,
                item =>
                {
                    item.Ensure("spec")["replicas"] = desired;
                    return true;
                }
            );
            work.Record(
                hpa,
                Component,
                NodeEvent.Normal(
                    "SuccessfulRescale",
                    $"New size: {desired}; reason: Current number of replicas {(desired > current ? "below Spec.MinReplicas" : "above Spec.MaxReplicas")}"
                )
            );
        }

        work.WriteStatus(ResourceTypes.HorizontalPodAutoscalers, hpa, status => Fill(status, hpa, found, current, desired));
        return null;
    }

    private void Fill(JsonObject status, JsonObject hpa, JsonObject target, int current, int desired)
    {
        status["currentReplicas"] = target.Int("status", "replicas") ?? 0;
        status["desiredReplicas"] = desired;
        status["observedGeneration"] = Math.Max(1, hpa.Generation());
        status["currentMetrics"] = hpa.Items("spec", "metrics")
            .Where(metric => metric.Text("type") == "Resource")
            .Select(metric => new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject
                {
                    ["name"] = metric.Text("resource", "name"),
                    ["current"] = new JsonObject { ["averageUtilization"] = 0, ["averageValue"] = "0" },
                },
            })
            .ToJsonArray();
        if (desired != current)
        {
            status["lastScaleTime"] = work.Now.Stamp();
        }

        Conditions.Set(status, "AbleToScale", true, "ReadyForNewScale", "recommended size matches current size", work.Now);
        if (current == 0)
        {
            Conditions.Set(
                status,
                "ScalingActive",
                false,
                "ScalingDisabled",
                "scaling is disabled since the replica count of the target is zero",
                work.Now
            );
        }
        else
        {
            Conditions.Set(
                status,
                "ScalingActive",
                true,
                "ValidMetricFound",
                "the HPA was able to successfully calculate a replica count (the sandbox measures no load)",
                work.Now
            );
        }

        Conditions.Set(
            status,
            "ScalingLimited",
            desired != current,
            desired != current ? "TooFewReplicas" : "DesiredWithinRange",
            desired != current
                ? "the desired replica count is less than the minimum replica count"
                : "the desired count is within the acceptable range",
            work.Now
        );
    }

    private void Missing(JsonObject hpa, ResourceType? type, string target)
    {
        var message =
            $"the HPA controller was unable to get the target's current scale: {type?.GroupResource ?? "resource"} \"{target}\" not found";
        work.WriteStatus(
            ResourceTypes.HorizontalPodAutoscalers,
            hpa,
            status => Conditions.Set(status, "AbleToScale", false, "FailedGetScale", message, work.Now)
        );
        if (PodState.Condition(hpa, "AbleToScale").Text("message") != message)
        {
            work.Record(hpa, Component, NodeEvent.Warning("FailedGetScale", message));
        }
    }
}
