using System.Text.Json.Nodes;

namespace Portkey.Portal.Sandbox.Storage;

/// <summary>A field selector: <c>metadata.name=x,status.phase!=Running</c>, over the fields that the kind supports.</summary>
internal sealed class FieldSelector
{
    private static readonly Dictionary<ResourceType, string[]> _fields = new()
    {
        [ResourceTypes.Pods] =
        [
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.nominatedNodeName",
        ],
        [ResourceTypes.Secrets] = ["type"],
        [ResourceTypes.Namespaces] = ["status.phase"],
        [ResourceTypes.Nodes] = ["spec.unschedulable"],
        [ResourceTypes.Services] = ["spec.clusterIP", "spec.type"],
        [ResourceTypes.ReplicaSets] = ["status.replicas"],
        [ResourceTypes.ReplicationControllers] = ["status.replicas"],
        [ResourceTypes.Jobs] = ["status.successful"],
        [ResourceTypes.Events] =
        [
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
    };

    private readonly List<(string Path, string Value, bool Negated)> _terms = [];

    public static FieldSelector Everything { get; } = new();

    /// <summary>The one name that the selector allows, where it says so: single-object watches are frequent.</summary>
    public string? Name => _terms.Find(t => t is { Path: "metadata.name", Negated: false }).Value;

    public static FieldSelector Parse(ResourceType type, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return Everything;
        }

        var selector = new FieldSelector();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw KubeStatusException.BadRequest($"invalid selector: '{text}'; can't understand '{part}'");
            }

            var negated = part[equals - 1] == '!';
            var path = part[..(negated ? equals - 1 : equals)];
            var value = part[(equals + 1)..];
            value = value.StartsWith('=') ? value[1..] : value;
            var known =
                path is "metadata.name"
                || (path is "metadata.namespace" && type.Namespaced)
                || (_fields.TryGetValue(type, out var fields) && fields.Contains(path, StringComparer.Ordinal));
            if (!known)
            {
                throw KubeStatusException.BadRequest($"field label not supported: {path}");
            }

            selector._terms.Add((path, value, negated));
        }

        return selector;
    }

    public bool Matches(JsonObject item)
    {
        foreach (var (path, value, negated) in _terms)
        {
            if (string.Equals(Read(item, path), value, StringComparison.Ordinal) == negated)
            {
                return false;
            }
        }

        return true;
    }

    private static string Read(JsonObject item, string path)
    {
        JsonNode? node = item;
        foreach (var key in path.Split('.'))
        {
            node = node.Child(key);
        }

        return node switch
        {
            null => path is "spec.unschedulable" or "spec.hostNetwork" ? "false"
            : path is "status.replicas" or "status.successful" ? "0"
            : "",
            JsonObject source => source.Text("component") ?? "",
            _ => node.ToString() is var text && path is "spec.unschedulable" ? text.ToLowerInvariant() : node.ToString(),
        };
    }
}
