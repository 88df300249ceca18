using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Admission;

/// <summary>Rules for Services.</summary>
internal static class ServiceRules
{
    public static void Check(JsonObject item, JsonObject? before, FieldErrors errors)
    {
        var spec = item.Spec() ?? [];
        var kind = spec.Text("type");
        if (kind is not ("ClusterIP" or "NodePort" or "LoadBalancer" or "ExternalName"))
        {
            errors.Unsupported("spec.type", spec["type"], "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        }

        var ports = spec["ports"].Objects().ToList();
        if (ports.Count == 0 && kind != "ExternalName" && spec.Text("clusterIP") != "None")
        {
            errors.Required("spec.ports");
        }

        var (names, numbers) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        for (var i = 0; i < ports.Count; i++)
        {
            var port = ports[i];
            if (port.Number("port") is null or < 1 or > 65535)
            {
                errors.Invalid($"spec.ports[{i}].port", port["port"], "must be between 1 and 65535, inclusive");
            }

            if (
                port["targetPort"] is JsonValue target
                && (
                    target.AsNumber() is { } number
                        ? number is < 1 or > 65535
                        : target.ToString() is var text && (text.Length is 0 or > 15 || !Names.IsLabel(text))
                )
            )
            {
                errors.Invalid(
                    $"spec.ports[{i}].targetPort",
                    target,
                    "must be a port number between 1 and 65535 or a port name of at most 15 characters"
                );
            }

            if (port.Number("nodePort") is not (null or 0 or (>= 30000 and <= 32767)))
            {
                errors.Invalid(
                    $"spec.ports[{i}].nodePort",
                    port["nodePort"],
                    "provided port is not in the valid range. The range of valid ports is 30000-32767"
                );
            }

            var name = port.Text("name") ?? "";
            if (name.Length == 0 && ports.Count > 1)
            {
                errors.Required($"spec.ports[{i}].name");
            }
            else if (name.Length > 0 && !Names.IsLabel(name))
            {
                errors.Invalid($"spec.ports[{i}].name", name, Names.LabelRule);
            }
            else if (name.Length > 0 && !names.Add(name))
            {
                errors.Duplicate($"spec.ports[{i}].name", name);
            }

            if (!numbers.Add($"{port.Number("port")}/{port.Text("protocol")}"))
            {
                errors.Duplicate($"spec.ports[{i}]", $"{port.Number("port")}/{port.Text("protocol")}");
            }
        }

        if (kind == "ExternalName" && string.IsNullOrEmpty(spec.Text("externalName")))
        {
            errors.Required("spec.externalName");
        }

        MetaRules.CheckLabels(spec["selector"] as JsonObject, "spec.selector", errors);
        if (
            before?["spec"].Text("clusterIP") is { Length: > 0 } address
            && kind != "ExternalName"
            && before["spec"].Text("type") != "ExternalName"
            && spec.Text("clusterIP") != address
        )
        {
            errors.Invalid("spec.clusterIPs[0]", new JsonArray(spec["clusterIP"]?.DeepClone()), "may not change once set");
        }
    }
}
