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
            ["Image tag"] = spec.ImageTag ?? "as the chart says",
            ["Hours until it may go"] = spec.TtlHours?.ToString() ?? "",
        };
        foreach (var (key, value) in spec.Settings.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            words[key] = value;
        }

        return words;
    }
}
