using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Environments;

/// <summary>What an environment should be, without its secrets' values. Immutable; a new version is a revision.</summary>
public sealed record EnvironmentSpec
{
    /// <summary>Gateway edition.</summary>
    public Edition Edition { get; init; }

    /// <summary>Non-secret settings by their Portkey name.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Secrets that it takes from shared credentials: setting and name of the credential; null for none.</summary>
    public IReadOnlyDictionary<string, string>? SharedSecrets { get; init; }

    /// <summary>How callers reach it and what it may reach.</summary>
    public NetworkSpec Network { get; init; } = new();

    /// <summary>Pods, in place of the profile's number; null for the profile's.</summary>
    public int? Replicas { get; init; }

    /// <summary>Autoscaling, in place of the profile's; null for the profile's.</summary>
    public AutoscalingSpec? Autoscaling { get; init; }

    /// <summary>CPU and memory in place of the profile's; null for the profile's.</summary>
    public ResourcesSpec? Resources { get; init; }

    /// <summary>Where pods may run; null for where the profile says.</summary>
    public SchedulingSpec? Scheduling { get; init; }

    /// <summary>Probes; null for the portal's own numbers.</summary>
    public ProbesSpec? Probes { get; init; }

    /// <summary>Labels on the pods, beside the portal's own.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Annotations on the pods, beside the portal's own.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Further environment variables; null for none.</summary>
    public EnvFromSpec? EnvFrom { get; init; }

    /// <summary>Whether Portkey's data service runs beside the gateway; enterprise only.</summary>
    public bool DataService { get; init; }

    /// <summary>Gateway image tag in place of the chart version's; null for the chart version's.</summary>
    public string? ImageTag { get; init; }

    /// <summary>Hours until the team wants it gone; null for no end.</summary>
    public int? TtlHours { get; init; }
}

/// <summary>How callers reach the gateway and what it may reach.</summary>
public sealed record NetworkSpec
{
    /// <summary>Exposure.</summary>
    public Exposure Exposure { get; init; } = Exposure.Internal;

    /// <summary>Host name, for an ingress.</summary>
    public string? Host { get; init; }

    /// <summary>Ingress class; null for <c>nginx</c>.</summary>
    public string? IngressClass { get; init; }

    /// <summary>Name of the TLS secret of an ingress; null for none.</summary>
    public string? TlsSecret { get; init; }

    /// <summary>Host name of MCP alone, for an ingress with SERVER_MODE all; null for the path /mcp of <see cref="Host"/>.</summary>
    public string? McpHost { get; init; }

    /// <summary>Whether a load balancer gets an address of the virtual network instead of a public one.</summary>
    public bool InternalLoadBalancer { get; init; }

    /// <summary>CIDR ranges that may call a load balancer; empty for any.</summary>
    public IReadOnlyList<string> AllowedRanges { get; init; } = [];

    /// <summary>CIDR ranges that the gateway may call, with optional port as <c>10.0.0.0/8:443</c>; empty, with no providers, for any address on 443.</summary>
    public IReadOnlyList<string> Egress { get; init; } = [];

    /// <summary>Model providers that the gateway may call, by the names for which administrators keep address ranges (<c>Portal:EgressProviders</c>).</summary>
    public IReadOnlyList<string> Providers { get; init; } = [];

    /// <summary>Why the gateway may call any address, where it may.</summary>
    public string? OpenEgressReason { get; init; }

    /// <summary>How Portkey's control plane reaches the gateway, which it does to show logs and to try prompts.</summary>
    public ControlPlaneInbound ControlPlaneInbound { get; init; }

    /// <summary>Where it comes from, CIDR: its own addresses, or those of the peered network.</summary>
    public IReadOnlyList<string> ControlPlaneRanges { get; init; } = [];
}

/// <summary>How Portkey's control plane reaches the gateway.</summary>
public enum ControlPlaneInbound
{
    /// <summary>Not at all: the gateway calls out, and nothing comes in.</summary>
    None,

    /// <summary>Over the internet, from listed addresses.</summary>
    Addresses,

    /// <summary>Through an Azure Private Link service in front of the internal load balancer.</summary>
    PrivateLink,

    /// <summary>Through a peered virtual network.</summary>
    Peering,
}

/// <summary>How callers reach the gateway.</summary>
public enum Exposure
{
    /// <summary>Inside the cluster only.</summary>
    Internal,

    /// <summary>Through a cloud load balancer.</summary>
    LoadBalancer,

    /// <summary>Through an ingress controller.</summary>
    Ingress,
}

/// <summary>Horizontal autoscaling.</summary>
public sealed record AutoscalingSpec
{
    /// <summary>Least pods.</summary>
    public int Min { get; init; }

    /// <summary>Most pods.</summary>
    public int Max { get; init; }

    /// <summary>Target CPU use in percent of the request; null for 60.</summary>
    public int? TargetCpu { get; init; }
}
