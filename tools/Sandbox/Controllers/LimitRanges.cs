using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>LimitRange: defaults for containers that state no resources, and bounds for those that do.</summary>
internal static class LimitRanges
{
    public static void Apply(ObjectStore store, JsonObject pod)
    {
        var rules = store
            .PeekAll(ResourceTypes.LimitRanges, pod.Namespace())
            .Items.SelectMany(range => range.Items("spec", "limits"))
            .Where(limit => limit.Text("type") == "Container")
            .ToList();
        foreach (var container in pod.Items("spec", "containers").Concat(pod.Items("spec", "initContainers")))
        {
            foreach (var rule in rules)
            {
                Default(container, "limits", rule.Map("default"));
                Default(container, "requests", rule.Map("defaultRequest"));
            }

            // Always, not only under a LimitRange: a limit alone is also a request.
            Default(container, "requests", container.Map("resources", "limits"));
            rules.ForEach(rule => Bound(pod, container, rule));
        }
    }

    private static void Default(JsonObject container, string kind, IReadOnlyDictionary<string, string> values)
    {
        foreach (var (resource, value) in values)
        {
            container.Ensure("resources", kind)[resource] ??= value;
        }
    }

    private static void Bound(JsonObject pod, JsonObject container, JsonObject rule)
    {
        foreach (var (resource, most) in rule.Map("max"))
        {
            if (container.Text("resources", "limits", resource) is { } limit && Quantity.Parse(limit) > Quantity.Parse(most))
            {
                throw PodAdmission.Refuse(pod, $"maximum {resource} usage per Container is {most}, but limit is {limit}");
            }
        }

        foreach (var (resource, least) in rule.Map("min"))
        {
            if (container.Text("resources", "requests", resource) is { } request && Quantity.Parse(request) < Quantity.Parse(least))
            {
                throw PodAdmission.Refuse(pod, $"minimum {resource} usage per Container is {least}, but request is {request}");
            }
        }
    }
}
