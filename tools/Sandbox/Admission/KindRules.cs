using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Admission;

/// <summary>Rules for single kinds: what must be there, and what may not change.</summary>
internal static class KindRules
{
    private const int SecretBytes = 1024 * 1024;

    public static void Check(ResourceType type, JsonObject item, JsonObject? before, FieldErrors errors)
    {
        switch (type.Kind)
        {
            case "Deployment" or "ReplicaSet" or "StatefulSet" or "DaemonSet":
                WorkloadRules.Check(type, item, before, errors);
                break;
            case "Pod":
                PodRules.Check(item.Spec() ?? [], "spec", errors);
                if (before is not null)
                {
                    PodRules.CheckUpdate(item, before, errors);
                }

                break;
            case "Job":
                WorkloadRules.CheckJob(item.Spec() ?? [], "spec", errors);
                break;
            case "CronJob":
                if (string.IsNullOrEmpty(item["spec"].Text("schedule")))
                {
                    errors.Required("spec.schedule");
                }

                WorkloadRules.CheckJob(item["spec"].At("jobTemplate", "spec") as JsonObject ?? [], "spec.jobTemplate.spec", errors);
                break;
            case "Secret" or "ConfigMap":
                Data(item, before, errors);
                break;
            case "Service":
                ServiceRules.Check(item, before, errors);
                break;
            case "Ingress" or "NetworkPolicy" or "HorizontalPodAutoscaler" or "PodDisruptionBudget":
                PolicyRules.Check(type, item, errors);
                break;
            case "RoleBinding" or "ClusterRoleBinding":
                RoleRef(item, before, errors);
                break;
        }
    }

    private static void Data(JsonObject item, JsonObject? before, FieldErrors errors)
    {
        long size = 0;
        foreach (var field in (ReadOnlySpan<string>)["data", "binaryData"])
        {
            foreach (var (key, value) in item[field] as JsonObject ?? [])
            {
                size += value?.ToString().Length ?? 0;
                if (!Names.IsDataKey(key))
                {
                    errors.Invalid($"{field}[{key}]", key, "a valid config key must consist of alphanumeric characters, '-', '_' or '.'");
                }
            }
        }

        var limit = item.Text("kind") == "Secret" ? SecretBytes * 4L / 3 : SecretBytes;
        if (size > limit)
        {
            errors.TooLong("data", SecretBytes);
        }

        if (before is null)
        {
            return;
        }

        if (before.Flag("immutable") == true)
        {
            if (item.Flag("immutable") != true)
            {
                errors.Forbidden("immutable", "field is immutable when `immutable` is set");
            }

            if (!Same(before["data"], item["data"]) || !Same(before["binaryData"], item["binaryData"]))
            {
                errors.Forbidden("data", "field is immutable when `immutable` is set");
            }
        }

        if (before.Text("type") is { } was && item.Text("type") != was)
        {
            errors.Invalid("type", item["type"], "field is immutable");
        }
    }

    private static void RoleRef(JsonObject item, JsonObject? before, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(item["roleRef"].Text("name")))
        {
            errors.Required("roleRef.name");
        }

        if (before is not null && !Same(before["roleRef"], item["roleRef"]))
        {
            errors.Invalid("roleRef", item["roleRef"], "cannot change roleRef");
        }
    }

    private static bool Same(JsonNode? a, JsonNode? b) =>
        JsonNode.DeepEquals(a, b) || (a is null or JsonObject { Count: 0 } && b is null or JsonObject { Count: 0 });
}
