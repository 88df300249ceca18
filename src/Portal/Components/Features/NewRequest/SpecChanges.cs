using Portkey.Portal.Provisioning.Environments;

namespace Portkey.Portal.Web.Components.Features.NewRequest;

/// <summary>One thing that a change changes, in words; empty where there is nothing before or after.</summary>
/// <param name="What">Setting or part of the spec.</param>
/// <param name="Before">As approved.</param>
/// <param name="After">As asked for.</param>
public sealed record SpecChange(string What, string Before, string After);

/// <summary>What differs between what was approved and what is asked for.</summary>
internal static class SpecChanges
{
    public static IReadOnlyList<SpecChange> Of(string profileBefore, EnvironmentSpec before, string profileAfter, EnvironmentSpec after)
    {
        var (old, now) = (Words(profileBefore, before), Words(profileAfter, after));
        return [.. old.Keys.Union(now.Keys).Select(k => new SpecChange(k, old.GetValueOrDefault(k, ""), now.GetValueOrDefault(k, ""))).Where(c => c.Before != c.After)];
    }

    private static Dictionary<string, string> Words(string profile, EnvironmentSpec spec)
    {
        var words = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Profile"] = profile,
            ["Pods"] = spec.Replicas?.ToString() ?? "as the profile says",
            ["Autoscaling"] = spec.Autoscaling is { } a ? $"{a.Min} to {a.Max} pods" : "as the profile says",
            ["Reach"] = spec.Network.Exposure switch { Exposure.LoadBalancer => "load balancer", Exposure.Ingress => "ingress", _ => "inside the cluster" },
            ["Host name"] = spec.Network.Host ?? "",
            ["TLS secret"] = spec.Network.TlsSecret ?? "",
            ["Allowed address ranges"] = string.Join(", ", spec.Network.AllowedRanges),
            ["May call"] = spec.Network.Egress.Count == 0 ? "any address on port 443" : string.Join(", ", spec.Network.Egress),
            ["Host name of MCP"] = spec.Network.McpHost ?? "",
            ["Load balancer inside the virtual network"] = spec.Network.InternalLoadBalancer ? "yes" : "",
            ["Control plane comes in"] = InboundWords(spec.Network),
            ["Providers it may call"] = string.Join(", ", spec.Network.Providers),
            ["Resources"] = spec.Resources is { } r ? $"CPU {r.CpuRequest ?? "–"} to {r.CpuLimit ?? "–"}, memory {r.MemoryRequest ?? "–"} to {r.MemoryLimit ?? "–"}" : "as the profile says",
            ["Zones"] = spec.Scheduling?.Zones?.ToString() ?? "as the profile says",
            ["Node selector"] = Pairs(spec.Scheduling?.NodeSelector),
            ["Tolerations"] = string.Join(", ", spec.Scheduling?.Tolerations.Select(x => $"{x.Key}{(x.Value is null ? "" : $"={x.Value}")}:{x.Effect ?? "any"}") ?? []),
            ["Labels"] = Pairs(spec.Labels),
            ["Annotations"] = Pairs(spec.Annotations),
            ["Environment from"] = spec.EnvFrom is { } from ? string.Join(", ", from.Secrets.Concat(from.ConfigMaps)) : "",
            ["Data service"] = spec.DataService ? "yes" : "",
            ["Image tag"] = spec.ImageTag ?? "as the chart says",
            ["Hours until it may go"] = spec.TtlHours?.ToString() ?? "",
        };
        foreach (var (key, name) in spec.SharedSecrets ?? new Dictionary<string, string>())
        {
            words[$"{key} from"] = $"shared credential {name}";
        }

        foreach (var (key, value) in spec.Settings.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            words[key] = value;
        }

        return words;
    }

    internal static string InboundWords(NetworkSpec network) => network.ControlPlaneInbound switch
    {
        ControlPlaneInbound.None => "not at all",
        ControlPlaneInbound.PrivateLink => "by private link",
        ControlPlaneInbound.Peering => $"by a peered network {string.Join(", ", network.ControlPlaneRanges)}".TrimEnd(),
        _ => $"from {string.Join(", ", network.ControlPlaneRanges)}",
    };

    private static string Pairs(IReadOnlyDictionary<string, string>? pairs) => string.Join(", ", (pairs ?? new Dictionary<string, string>()).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"));
}
