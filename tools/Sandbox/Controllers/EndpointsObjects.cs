using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Builds Endpoints and EndpointSlices.</summary>
internal static class EndpointsObjects
{
    public static JsonObject Endpoints(JsonObject service, List<JsonObject> pods)
    {
        var subsets = new JsonArray();
        foreach (var group in pods.GroupBy(pod => Ports(service, pod).ToJsonArray().ToJsonString(), StringComparer.Ordinal))
        {
            var subset = new JsonObject();
            Add(subset, "addresses", group.Where(pod => Serves(service, pod)));
            Add(subset, "notReadyAddresses", group.Where(pod => !Serves(service, pod)));
            subset["ports"] = JsonNode.Parse(group.Key);
            subsets.Add(subset);
        }

        return new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = service.Name(),
                ["namespace"] = service.Namespace(),
                ["labels"] = service.Dig("metadata", "labels")?.DeepClone() ?? new JsonObject(),
            },
            ["subsets"] = subsets,
        };
    }

    public static JsonObject Slice(JsonObject service, List<JsonObject> pods)
    {
        var labels = (JsonObject)(service.Dig("metadata", "labels")?.DeepClone() ?? new JsonObject());
        labels["kubernetes.io/service-name"] = service.Name();
        labels["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io";
        return new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                // One slice a service is enough here; a name that follows from the service needs no look-up.
                ["name"] = $"{service.Name()}-{Workload.Hash(service.Uid())[..5]}",
                ["namespace"] = service.Namespace(),
                ["labels"] = labels,
                ["ownerReferences"] = Owners.Reference(service),
            },
            ["addressType"] = "IPv4",
            ["endpoints"] = pods.Select(pod => new JsonObject
            {
                ["addresses"] = new JsonArray(pod.Text("status", "podIP")),
                ["conditions"] = new JsonObject
                {
                    ["ready"] = Serves(service, pod) && !pod.IsDeleting(),
                    ["serving"] = PodState.IsReady(pod),
                    ["terminating"] = pod.IsDeleting(),
                },
                ["nodeName"] = pod.Text("spec", "nodeName"),
                ["targetRef"] = Target(pod),
            })
                .ToJsonArray(),
            ["ports"] = pods.SelectMany(pod => Ports(service, pod)).DistinctBy(port => port.ToJsonString()).ToJsonArray(),
        };
    }

    /// <summary>The port of a pod behind a service port: a number, or the name of a container port.</summary>
    public static int? TargetPort(JsonObject port, JsonObject pod) =>
        port.Int("targetPort") is > 0 and var number ? number
        : port.Text("targetPort") is { Length: > 0 } name
            ? int.TryParse(name, out var stated) ? stated
                : pod.Items("spec", "containers")
                    .SelectMany(c => c.Items("ports"))
                    .FirstOrDefault(p => p.Text("name") == name)
                    .Int("containerPort")
        : port.Int("port");

    private static IEnumerable<JsonObject> Ports(JsonObject service, JsonObject pod)
    {
        foreach (var port in service.Items("spec", "ports"))
        {
            if (TargetPort(port, pod) is { } target)
            {
                var item = new JsonObject { ["port"] = target, ["protocol"] = port.Text("protocol") ?? "TCP" };
                if (port.Text("name") is { Length: > 0 } name)
                {
                    item["name"] = name;
                }

                yield return item;
            }
        }
    }

    private static bool Serves(JsonObject service, JsonObject pod) =>
        PodState.IsReady(pod) || service.IsTrue("spec", "publishNotReadyAddresses");

    private static void Add(JsonObject subset, string field, IEnumerable<JsonObject> pods)
    {
        var addresses = pods.Select(pod => new JsonObject
        {
            ["ip"] = pod.Text("status", "podIP"),
            ["nodeName"] = pod.Text("spec", "nodeName"),
            ["targetRef"] = Target(pod),
        })
            .ToJsonArray();
        if (addresses.Count > 0)
        {
            subset[field] = addresses;
        }
    }

    private static JsonObject Target(JsonObject pod) =>
        new()
        {
            ["kind"] = "Pod",
            ["namespace"] = pod.Namespace(),
            ["name"] = pod.Name(),
            ["uid"] = pod.Uid(),
        };
}
