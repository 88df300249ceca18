using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Admission;

/// <summary>Rules for pods and pod templates.</summary>
internal static class PodRules
{
    public static void Check(JsonObject spec, string field, FieldErrors errors)
    {
        if (spec["containers"] is not JsonArray { Count: > 0 })
        {
            errors.Required(field + ".containers");
        }

        var volumes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (volume, i) in spec["volumes"].Objects().Select((v, i) => (v, i)))
        {
            var name = volume.Text("name") ?? "";
            CheckLabelName(name, $"{field}.volumes[{i}].name", errors);
            if (!volumes.Add(name))
            {
                errors.Duplicate($"{field}.volumes[{i}].name", name);
            }

            if (volume.Count > 2)
            {
                errors.Forbidden($"{field}.volumes[{i}]", "may not specify more than 1 volume type");
            }
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var list in (ReadOnlySpan<string>)["initContainers", "containers"])
        {
            foreach (var (container, i) in spec[list].Objects().Select((c, i) => (c, i)))
            {
                var at = $"{field}.{list}[{i}]";
                ContainerRules.Check(container, at, volumes, errors);
                if (container.Text("name") is { } name && !names.Add(name))
                {
                    errors.Duplicate(at + ".name", name);
                }
            }
        }

        if (spec.Text("restartPolicy") is { } restart and not ("Always" or "OnFailure" or "Never"))
        {
            errors.Unsupported(field + ".restartPolicy", restart, "Always", "OnFailure", "Never");
        }

        if (spec.Text("serviceAccountName") is { Length: > 0 } account && !Names.IsSubdomain(account))
        {
            errors.Invalid(field + ".serviceAccountName", account, Names.SubdomainRule);
        }

        if (spec.Number("terminationGracePeriodSeconds") is < 0)
        {
            errors.Invalid(
                field + ".terminationGracePeriodSeconds",
                spec["terminationGracePeriodSeconds"],
                "must be greater than or equal to 0"
            );
        }

        MetaRules.CheckLabels(spec["nodeSelector"] as JsonObject, field + ".nodeSelector", errors);
        foreach (var (spread, i) in spec["topologySpreadConstraints"].Objects().Select((s, i) => (s, i)))
        {
            var at = $"{field}.topologySpreadConstraints[{i}]";
            if (spread.Number("maxSkew") is null or <= 0)
            {
                errors.Invalid(at + ".maxSkew", spread["maxSkew"], "must be greater than zero");
            }

            if (string.IsNullOrEmpty(spread.Text("topologyKey")))
            {
                errors.Required(at + ".topologyKey", "can not be empty");
            }

            if (spread.Text("whenUnsatisfiable") is not ("DoNotSchedule" or "ScheduleAnyway"))
            {
                errors.Unsupported(at + ".whenUnsatisfiable", spread["whenUnsatisfiable"], "DoNotSchedule", "ScheduleAnyway");
            }
        }
    }

    /// <summary>Of a pod that exists, little more than its images may change.</summary>
    public static void CheckUpdate(JsonObject item, JsonObject before, FieldErrors errors)
    {
        static JsonObject Fixed(JsonObject pod)
        {
            var spec = (JsonObject)(pod.Spec() ?? []).DeepClone();
            foreach (
                var key in (ReadOnlySpan<string>)
                    ["activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations", "schedulingGates"]
            )
            {
                spec.Remove(key);
            }

            foreach (var container in spec["containers"].Objects().Concat(spec["initContainers"].Objects()))
            {
                container.Remove("image");
                container.Remove("imagePullPolicy");
            }

            return spec;
        }

        if (!JsonNode.DeepEquals(Fixed(item), Fixed(before)))
        {
            errors.Forbidden(
                "spec",
                "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds`"
            );
        }
    }

    public static void CheckLabelName(string name, string field, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(field);
        }
        else if (!Names.IsLabel(name))
        {
            errors.Invalid(field, name, Names.LabelRule);
        }
    }
}
