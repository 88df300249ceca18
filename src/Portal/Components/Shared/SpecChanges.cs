using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Web.Components.Shared;

/// <summary>One thing that a change changes, in words; empty where there is nothing before or after.</summary>
/// <param name="What">Setting or part of the spec.</param>
/// <param name="Before">As approved.</param>
/// <param name="After">As asked for.</param>
public sealed record SpecChange(string What, string Before, string After);

/// <summary>One part of a spec in words; empty where nothing is said about it.</summary>
/// <param name="Path">Its first property, by its path in JSON, such as <c>network.host</c>.</param>
/// <param name="What">What it is called.</param>
/// <param name="Words">What is said of it.</param>
internal sealed record SpecPart(string Path, string What, string Words);

/// <summary>
/// What differs between what was approved and what is asked for. Some parts have words of their own, below; every other property of the
/// spec is shown by its name (or [Display]) and value, so that approvers see a new field without anything being added here.
/// </summary>
internal static class SpecChanges
{
    private const string AsTheProfileSays = "as the profile says";

    private static readonly Part[] Parts =
    [
        new("Pods", "replicas", s => s.Replicas?.ToString() ?? AsTheProfileSays),
        new(
            "Autoscaling",
            "autoscaling",
            s =>
                s.Autoscaling is { } a
                    ? $"{a.Min} to {Plural.Of(a.Max, "pod")}{(a.TargetCpu is { } cpu ? $", CPU {cpu} %" : "")}{(a.TargetMemory is { } memory ? $", memory {memory} %" : "")}"
                    : AsTheProfileSays
        ),
        new(
            "Reach",
            "network.exposure",
            s => ReachText(s.Network)
        ),
        new("Host name", "network.host", s => s.Network.Host ?? ""),
        new("TLS secret", "network.tlsSecret", s => s.Network.TlsSecret ?? ""),
        new("Allowed address ranges", "network.allowedRanges", s => string.Join(", ", s.Network.AllowedRanges)),
        new(
            "May call",
            "network.egress",
            s => s.Network.Egress.Count == 0 ? "any address on port 443" : string.Join(", ", s.Network.Egress)
        ),
        new("MCP host name", "network.mcpHost", s => s.Network.McpHost ?? ""),
        new("Load balancer inside the virtual network", "network.internalLoadBalancer", s => s.Network.InternalLoadBalancer ? "yes" : ""),
        new("Control plane comes in", "network.controlPlaneInbound network.controlPlaneRanges", s => InboundText(s.Network)),
        new("Providers it may call", "network.providers", s => string.Join(", ", s.Network.Providers)),
        new(
            "Resources",
            "resources",
            s =>
                s.Resources is { } r
                    ? $"CPU {r.CpuRequest ?? "–"} to {r.CpuLimit ?? "–"}, memory {r.MemoryRequest ?? "–"} to {r.MemoryLimit ?? "–"}"
                    : AsTheProfileSays
        ),
        new("Zones", "scheduling.zones", s => s.Scheduling?.Zones?.ToString() ?? AsTheProfileSays),
        new("Node selector", "scheduling.nodeSelector", s => Pairs(s.Scheduling?.NodeSelector)),
        new(
            "Tolerations",
            "scheduling.tolerations",
            s =>
                string.Join(
                    ", ",
                    s.Scheduling?.Tolerations.Select(x => $"{x.Key}{(x.Value is null ? "" : $"={x.Value}")}:{x.Effect ?? "any"}") ?? []
                )
        ),
        new(
            "Environment from",
            "envFrom",
            s =>
                s.EnvFrom is { } from
                    ? string.Join(", ", from.Secrets.Select(n => $"Secret {n}").Concat(from.ConfigMaps.Select(n => $"ConfigMap {n}")))
                    : ""
        ),
        new("Image tag", "imageTag", s => s.ImageTag ?? "as the chart says"),
        new(
            "Data service image",
            "dataServiceImage",
            s => $"{s.DataServiceImage?.Repository}{(s.DataServiceImage?.Tag is { } tag ? $":{tag}" : "")}"
        ),
        new("Annotations of the Service", "network.serviceAnnotations", s => Pairs(s.Network.ServiceAnnotations)),
        new("Annotations of the ingress", "network.ingressAnnotations", s => Pairs(s.Network.IngressAnnotations)),
        new("Service account", "serviceAccount", s => $"{s.ServiceAccount?.Name} {Pairs(s.ServiceAccount?.Annotations)}".Trim()),
        new(
            "Company certificates",
            "caBundle",
            s =>
                s.CaBundle switch
                {
                    null => "",
                    { ConfigMap: { } map, Key: var key } => $"ConfigMap {map}{(key is null ? "" : $", key {key}")}",
                    { Pem: var pem } => $"pasted, {pem?.Split("-----BEGIN CERTIFICATE").Length - 1}, {Fingerprint(pem ?? "")}",
                }
        ),
        new("Grace period", "graceSeconds", s => s.GraceSeconds is { } grace ? $"{grace} s" : ""),
    ];

    // These are entries of their own, by their keys.
    private static readonly string[] Apart = ["settings", "sharedSecrets"];

    private static readonly HashSet<string> Spoken = [.. Parts.SelectMany(p => p.Paths), .. Apart];

    public static IReadOnlyList<SpecChange> Of(
        string profileBefore,
        EnvironmentSpec before,
        string profileAfter,
        EnvironmentSpec after
    ) => [.. WithPaths(profileBefore, before, profileAfter, after).Select(c => c.Change)];

    /// <summary>The same, each with where it stands in the spec, such as <c>network.host</c> or <c>settings.LOG_LEVEL</c>.</summary>
    public static IReadOnlyList<(string Path, SpecChange Change)> WithPaths(
        string profileBefore,
        EnvironmentSpec before,
        string profileAfter,
        EnvironmentSpec after
    )
    {
        var (old, now) = (InWords(profileBefore, before), InWords(profileAfter, after));
        return
        [
            .. old
                .Keys.Union(now.Keys)
                .Select(path => (Path: path, Old: old.GetValueOrDefault(path), Now: now.GetValueOrDefault(path)))
                .Select(c => (c.Path, new SpecChange((c.Now ?? c.Old)!.What, c.Old?.Words ?? "", c.Now?.Words ?? "")))
                .Where(c => c.Item2.Before != c.Item2.After),
        ];
    }

    /// <summary>What a field of the API is called where people read of it, such as <c>May call</c> for <c>spec.network.egress</c>; the
    /// field itself where it has no name.</summary>
    public static string NameOf(string field)
    {
        var path = field.StartsWith("spec.", StringComparison.Ordinal) ? field["spec.".Length..].Split('[')[0] : "";
        var (group, key) = path.Split('.', 2) is [var first, var rest] ? (first, rest) : (path, "");
        return path.Length == 0 ? field
            : group is "settings" or "secrets" or "sharedSecrets" && key.Length > 0
                ? SettingsCatalog.ByKey.ContainsKey(key) ? $"{SettingsCatalog.TitleOf(key)}, {key}" : key
            : Array.Find(Parts, p => p.Paths.Contains(path))?.Title
                ?? Array.Find(Parts, p => p.Paths.Any(s => path.StartsWith($"{s}.", StringComparison.Ordinal)))?.Title
                ?? TitleOf(path);
    }

    private static string TitleOf(string path) =>
        OtherParts(typeof(EnvironmentSpec), null, "").FirstOrDefault(p => p.Path == path)?.What ?? path;

    // By path: a variable may be called like a part.
    private static Dictionary<string, SpecPart> InWords(string profile, EnvironmentSpec spec)
    {
        var shared = spec.SharedSecrets ?? new Dictionary<string, string>();
        SpecPart[] parts =
        [
            new("profile", "Profile", profile),
            .. PartsOf(spec),
            .. shared.Select(s => new SpecPart($"sharedSecrets.{s.Key}", $"{s.Key} from", $"shared credential {s.Value}")),
            .. spec.Settings.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => new SpecPart($"settings.{s.Key}", s.Key, s.Value)),
        ];
        return parts.ToDictionary(p => p.Path, StringComparer.Ordinal);
    }

    private static string Say(object? value) =>
        value switch
        {
            null or false => "",
            true => "yes",
            string text => text,
            IReadOnlyDictionary<string, string> pairs => Pairs(pairs),
            IEnumerable<string> texts => string.Join(", ", texts),
            Enum word => JsonNamingPolicy.CamelCase.ConvertName(word.ToString()),
            _ => PortalJson.Write(value),
        };

    internal static string ReachText(NetworkSpec network) =>
        network.Exposure switch
        {
            Exposure.LoadBalancer => "load balancer",
            Exposure.Ingress => "ingress",
            _ => "inside the cluster",
        };

    internal static string InboundText(NetworkSpec network) =>
        network.ControlPlaneInbound switch
        {
            ControlPlaneInbound.None => "not at all",
            ControlPlaneInbound.PrivateLink => "by private link",
            ControlPlaneInbound.Peering => $"by a peered network {string.Join(", ", network.ControlPlaneRanges)}".TrimEnd(),
            _ => $"from {string.Join(", ", network.ControlPlaneRanges)}",
        };

    // Two texts of the same length may hold different authorities.
    private static string Fingerprint(string text) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))[..12];

    /// <summary>Everything that a spec says but its settings and shared secrets, also what it leaves as it is.</summary>
    public static IReadOnlyList<SpecPart> PartsOf(EnvironmentSpec spec) =>
        [
            .. Parts.Select(p => new SpecPart(p.Paths[0], p.Title, p.Say(spec))),
            .. OtherParts(typeof(EnvironmentSpec), spec, ""),
        ];

    private static IEnumerable<SpecPart> OtherParts(Type whole, object? of, string path) =>
        whole
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(p => (Property: p, Path: path + JsonNamingPolicy.CamelCase.ConvertName(p.Name)))
            .Where(p => !Spoken.Contains(p.Path))
            .SelectMany(p =>
            {
                var (type, value) = (p.Property.PropertyType, of is null ? null : p.Property.GetValue(of));
                var what = p.Property.GetCustomAttribute<DisplayAttribute>()?.Name ?? NameText.Spaced(p.Property.Name);
                return type.IsClass && type.Namespace == typeof(EnvironmentSpec).Namespace
                    ? OtherParts(type, value, p.Path + ".")
                    : [new(p.Path, what, Say(value))];
            });

    /// <summary>What a new environment has beyond the defaults, in words.</summary>
    public static IReadOnlyList<SpecChange> Further(EnvironmentSpec spec) =>
        [
            .. Of("", new EnvironmentSpec { Edition = spec.Edition }, "", spec)
                .Where(c => c.After.Length > 0 && c.What != "Reach" && !spec.Settings.ContainsKey(c.What)),
        ];

    private static string Pairs(IReadOnlyDictionary<string, string>? pairs) =>
        string.Join(
            ", ",
            (pairs ?? new Dictionary<string, string>()).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}")
        );

    /// <summary>A part of the spec with its own wording.</summary>
    /// <param name="Title">What it is called.</param>
    /// <param name="Spoken">Properties that it speaks of, by their path in JSON, with spaces between.</param>
    /// <param name="Say">Its words.</param>
    private sealed record Part(string Title, string Spoken, Func<EnvironmentSpec, string> Say)
    {
        public string[] Paths => Spoken.Split(' ');
    }
}
