using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet.Probes;

/// <summary>A probe as its container states it, with the defaults of Kubernetes.</summary>
internal sealed record Probe(string Kind, JsonObject Spec, IReadOnlyDictionary<string, int> NamedPorts)
{
    public TimeSpan InitialDelay => Seconds("initialDelaySeconds", 0);

    public TimeSpan Period => Seconds("periodSeconds", 10);

    public TimeSpan Timeout => Seconds("timeoutSeconds", 1);

    public int SuccessThreshold => Math.Max(1, Spec.Int("successThreshold") ?? 1);

    public int FailureThreshold => Math.Max(1, Spec.Int("failureThreshold") ?? 3);

    /// <summary>The probe of a kind ("startup", "liveness", "readiness"), or null where the container has none.</summary>
    public static Probe? Of(JsonObject container, string kind) =>
        container.Dig(kind + "Probe") is JsonObject { Count: > 0 } spec ? new Probe(kind, spec, PortsOf(container)) : null;

    /// <summary>Numbers of a container's ports by name.</summary>
    public static Dictionary<string, int> PortsOf(JsonObject container) =>
        container
            .Items("ports")
            .Where(port => port.Text("name") is not null && port.Int("containerPort") is not null)
            .GroupBy(port => port.Text("name")!, StringComparer.Ordinal)
            .ToDictionary(ports => ports.Key, ports => ports.First().Int("containerPort")!.Value, StringComparer.Ordinal);

    /// <summary>The port of an action, by number or by the name of a container port.</summary>
    public int? Port(string action) =>
        Spec.Int(action, "port")
        ?? (
            Spec.Text(action, "port") is { } name
                ? NamedPorts.TryGetValue(name, out var port)
                    ? port
                    : int.TryParse(name, out port)
                        ? port
                        : null
                : null
        );

    private TimeSpan Seconds(string field, int otherwise)
    {
        var stated = Spec.Int(field) ?? otherwise;
        return TimeSpan.FromSeconds(stated < 0 || (stated == 0 && otherwise > 0) ? otherwise : stated);
    }
}
