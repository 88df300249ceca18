using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Admission;

/// <summary>Rules for what makes pods from a template.</summary>
internal static class WorkloadRules
{
    private static readonly string[] _changeableOfStatefulSet =
    [
        "replicas",
        "ordinals",
        "template",
        "updateStrategy",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
        "minReadySeconds",
    ];

    public static void Check(ResourceType type, JsonObject item, JsonObject? before, FieldErrors errors)
    {
        var spec = item.Spec() ?? [];
        if (spec.Number("replicas") is < 0)
        {
            errors.Invalid("spec.replicas", spec["replicas"], "must be greater than or equal to 0");
        }

        var selector = spec["selector"] as JsonObject;
        if (selector is null)
        {
            errors.Required("spec.selector");
        }
        else if (selector["matchLabels"] is not JsonObject { Count: > 0 } && selector["matchExpressions"] is not JsonArray { Count: > 0 })
        {
            errors.Invalid("spec.selector", selector, $"empty selector is invalid for {type.Singular}");
        }

        var template = spec["template"] as JsonObject ?? [];
        var labels = template["metadata"].Child("labels") as JsonObject;
        MetaRules.CheckLabels(labels, "spec.template.metadata.labels", errors);
        if (selector is not null && !LabelSelector.FromSpec(selector).MatchesLabels(labels))
        {
            errors.Invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
        }

        PodRules.Check(template["spec"] as JsonObject ?? [], "spec.template.spec", errors);
        if (template["spec"].Text("restartPolicy") is { } restart and not "Always")
        {
            errors.Unsupported("spec.template.spec.restartPolicy", restart, "Always");
        }

        if (type.Kind == "Deployment" && spec["strategy"].Text("type") is { } strategy)
        {
            CheckStrategy(spec, strategy, errors);
        }

        if (before is not null)
        {
            CheckUpdate(type, spec, before.Spec() ?? [], errors);
        }
    }

    public static void CheckJob(JsonObject spec, string field, FieldErrors errors)
    {
        var pod = spec["template"].Child("spec") as JsonObject ?? [];
        PodRules.Check(pod, field + ".template.spec", errors);
        if (pod.Text("restartPolicy") is "Always" or null)
        {
            errors.Unsupported(field + ".template.spec.restartPolicy", pod["restartPolicy"], "OnFailure", "Never");
        }
    }

    private static void CheckStrategy(JsonObject spec, string strategy, FieldErrors errors)
    {
        if (strategy is not ("RollingUpdate" or "Recreate"))
        {
            errors.Unsupported("spec.strategy.type", strategy, "Recreate", "RollingUpdate");
        }

        var rolling = spec["strategy"].Child("rollingUpdate");
        if (strategy == "Recreate" && rolling is JsonObject { Count: > 0 })
        {
            errors.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
        }

        if (IsZero(rolling.Child("maxUnavailable")) && IsZero(rolling.Child("maxSurge")))
        {
            errors.Invalid(
                "spec.strategy.rollingUpdate.maxUnavailable",
                rolling.Child("maxUnavailable"),
                "may not be 0 when `maxSurge` is 0"
            );
        }
    }

    private static bool IsZero(JsonNode? value) => value?.ToString() is "0" or "0%";

    private static void CheckUpdate(ResourceType type, JsonObject spec, JsonObject before, FieldErrors errors)
    {
        if (type.Kind == "StatefulSet")
        {
            var changed = spec.Select(p => p.Key)
                .Union(before.Select(p => p.Key))
                .Where(k => !_changeableOfStatefulSet.Contains(k, StringComparer.Ordinal) && !JsonNode.DeepEquals(spec[k], before[k]))
                .ToList();
            if (changed.Count > 0)
            {
                errors.Forbidden(
                    "spec",
                    $"updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden (changed: {string.Join(", ", changed)})"
                );
            }
        }
        else if (!JsonNode.DeepEquals(spec["selector"], before["selector"]))
        {
            errors.Invalid("spec.selector", spec["selector"], "field is immutable");
        }
    }
}
