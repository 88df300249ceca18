using System.Globalization;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Admission;

/// <summary>Rules for a container.</summary>
internal static class ContainerRules
{
    public static void Check(JsonObject container, string field, HashSet<string> volumes, FieldErrors errors)
    {
        PodRules.CheckLabelName(container.Text("name") ?? "", field + ".name", errors);
        if (container.Text("image") is not { Length: > 0 } image)
        {
            errors.Required(field + ".image");
        }
        else if (image.Any(char.IsWhiteSpace))
        {
            errors.Invalid(field + ".image", image, "must not have leading or trailing whitespace");
        }

        if (container.Text("imagePullPolicy") is { } policy and not ("Always" or "IfNotPresent" or "Never"))
        {
            errors.Unsupported(field + ".imagePullPolicy", policy, "Always", "IfNotPresent", "Never");
        }

        Ports(container, field, errors);
        Environment(container, field, errors);
        foreach (var (mount, i) in container["volumeMounts"].Objects().Select((m, i) => (m, i)))
        {
            if (mount.Text("name") is not { Length: > 0 } name || !volumes.Contains(name))
            {
                // A stateful set's claims become volumes of their own later.
                if (!field.StartsWith("spec.template", StringComparison.Ordinal) || volumes.Count > 0 || mount.Text("name") is null or "")
                {
                    errors.Invalid($"{field}.volumeMounts[{i}].name", mount["name"], "Not found");
                }
            }

            if (string.IsNullOrEmpty(mount.Text("mountPath")))
            {
                errors.Required($"{field}.volumeMounts[{i}].mountPath");
            }
        }

        Resources(container["resources"], field + ".resources", errors);
        foreach (var key in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe"])
        {
            Probe(container[key] as JsonObject, $"{field}.{key}", errors);
        }
    }

    private static void Ports(JsonObject container, string field, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (port, i) in container["ports"].Objects().Select((p, i) => (p, i)))
        {
            if (port.Number("containerPort") is null or < 1 or > 65535)
            {
                errors.Invalid($"{field}.ports[{i}].containerPort", port["containerPort"], "must be between 1 and 65535, inclusive");
            }

            if (port.Text("protocol") is { } protocol and not ("TCP" or "UDP" or "SCTP"))
            {
                errors.Unsupported($"{field}.ports[{i}].protocol", protocol, "SCTP", "TCP", "UDP");
            }

            if (port.Text("name") is { Length: > 0 } name && (name.Length > 15 || !Names.IsLabel(name)))
            {
                errors.Invalid($"{field}.ports[{i}].name", name, "must be no more than 15 characters");
            }
            else if (port.Text("name") is { Length: > 0 } twice && !names.Add(twice))
            {
                errors.Duplicate($"{field}.ports[{i}].name", twice);
            }
        }
    }

    private static void Environment(JsonObject container, string field, FieldErrors errors)
    {
        foreach (var (variable, i) in container["env"].Objects().Select((e, i) => (e, i)))
        {
            var name = variable.Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required($"{field}.env[{i}].name");
            }
            else if (name.Contains('=', StringComparison.Ordinal) || name.Any(c => c is < ' ' or > '~'))
            {
                errors.Invalid(
                    $"{field}.env[{i}].name",
                    name,
                    "a valid environment variable name must consist only of printable ASCII characters other than '='"
                );
            }

            if (variable["valueFrom"] is JsonObject source)
            {
                if (variable.Text("value") is { Length: > 0 })
                {
                    errors.Invalid($"{field}.env[{i}].valueFrom", "", "may not be specified when `value` is not empty");
                }

                foreach (var key in (ReadOnlySpan<string>)["secretKeyRef", "configMapKeyRef"])
                {
                    if (source[key] is { } reference && string.IsNullOrEmpty(reference.Text("key")))
                    {
                        errors.Required($"{field}.env[{i}].valueFrom.{key}.key");
                    }
                }
            }
        }
    }

    private static void Resources(JsonNode? resources, string field, FieldErrors errors)
    {
        foreach (var key in (ReadOnlySpan<string>)["limits", "requests"])
        {
            foreach (var (name, value) in resources.Child(key) as JsonObject ?? [])
            {
                if (Quantity.Parse(value?.ToString()) is not { } amount || amount < 0)
                {
                    errors.Invalid(
                        $"{field}.{key}[{name}]",
                        value,
                        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
                    );
                }
                else if (key == "requests" && Quantity.Parse(resources.At("limits", name)?.ToString()) is { } limit && amount > limit)
                {
                    errors.Invalid(
                        $"{field}.requests",
                        value,
                        $"must be less than or equal to {name} limit of {resources.At("limits", name)}"
                    );
                }
            }
        }
    }

    private static void Probe(JsonObject? probe, string field, FieldErrors errors)
    {
        if (probe is null)
        {
            return;
        }

        if (!probe.Any(p => p.Key is "httpGet" or "tcpSocket" or "exec" or "grpc"))
        {
            errors.Required(field, "must specify a handler type");
        }

        foreach (
            var key in (ReadOnlySpan<string>)
                ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "failureThreshold", "successThreshold"]
        )
        {
            if (probe.Number(key) is < 0)
            {
                errors.Invalid(
                    string.Create(CultureInfo.InvariantCulture, $"{field}.{key}"),
                    probe[key],
                    "must be greater than or equal to 0"
                );
            }
        }
    }
}
