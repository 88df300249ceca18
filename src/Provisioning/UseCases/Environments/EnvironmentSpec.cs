using System.ComponentModel.DataAnnotations;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>What an environment should be, without its secrets' values. Immutable; a new version is a revision.</summary>
/// <remarks>
/// The one definition: what the API reads and publishes, what the wizard keeps and the approver is shown follow from these properties and
/// their attributes. docs/api.md says how to add a field.
/// </remarks>
public record EnvironmentSpec
{
    /// <summary>Gateway edition.</summary>
    [Required]
    public Edition Edition { get; init; }

    /// <summary>Non-secret settings by their Portkey name, and variables that the portal does not know, which are handed on as they
    /// are.</summary>
    [Entries(SpecValidator.MaxSettingLength, Scalars = true)]
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Secrets that it takes from shared credentials: setting and name of the credential; null for none.</summary>
    [Entries(Environments.SharedSecrets.LongestName)]
    [Display(Name = "Secrets from shared credentials")]
    public IReadOnlyDictionary<string, string>? SharedSecrets
    {
        get;
        init => field = value is { Count: > 0 } ? value : null;
    }

    /// <summary>How callers reach it and what it may reach.</summary>
    public NetworkSpec Network { get; init; } = new();

    /// <summary>Pods, in place of the profile's number; null for the profile's.</summary>
    [Range(1, SpecValidator.MaxReplicas, ErrorMessage = "Use {1} to {2} pods.")]
    [Display(Name = "Pods")]
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
    [Entries(63, Scalars = true)]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Annotations on the pods, beside the portal's own.</summary>
    [Entries(SpecValidator.MaxSettingLength, Scalars = true)]
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Further environment variables; null for none.</summary>
    public EnvFromSpec? EnvFrom { get; init; }

    /// <summary>Whether Portkey's data service runs beside the gateway; enterprise only.</summary>
    public bool DataService { get; init; }

    /// <summary>Gateway image tag in place of the chart version's, with or without a digest: <c>2.13.0</c>, <c>2.13.0@sha256:…</c>,
    /// <c>@sha256:…</c>; null for the chart version's.</summary>
    [StringLength(SpecValidator.MaxImageLength)]
    public string? ImageTag { get; init; }

    /// <summary>Where the gateway's image is, without a tag, such as <c>registry.example.com/portkeyai/gateway_enterprise</c>; null for
    /// Portkey's own at Docker Hub.</summary>
    [StringLength(SpecValidator.MaxImageLength)]
    public string? ImageRepository { get; init; }

    /// <summary>Image of the data service in place of the chart version's; null for the chart version's.</summary>
    public DataServiceImageSpec? DataServiceImage { get; init; }

    /// <summary>Name and annotations of the gateway's service account, by which clouds give it rights; null for the chart's own name and
    /// none.</summary>
    public ServiceAccountSpec? ServiceAccount { get; init; }

    /// <summary>Certificates that the gateway trusts beside the usual ones; null for none.</summary>
    public CaBundleSpec? CaBundle { get; init; }

    /// <summary>Seconds that a pod has to finish its requests, in place of the profile's; null for the profile's.</summary>
    [Range(1, SpecValidator.MaxGraceSeconds, ErrorMessage = "Use {1} to {2} seconds, or leave it out for the profile's.")]
    [Display(Name = "Seconds to finish")]
    public int? GraceSeconds { get; init; }

    /// <summary>Old ReplicaSets that the cluster keeps, to inspect what ran before; null for the chart's own number.</summary>
    [Range(0, 100, ErrorMessage = "Use {1} to {2} old ReplicaSets, or leave it out for the chart's number.")]
    [Display(Name = "Old ReplicaSets that are kept")]
    public int? RevisionHistoryLimit { get; init; }

    /// <summary>Hours until the team wants it gone; null for no end.</summary>
    [Range(1, 24 * 365, ErrorMessage = "Use {1} to {2} hours, or leave it out for no end.")]
    [Display(Name = "Hours until it may go")]
    public int? TtlHours { get; init; }
}

/// <summary>How callers reach the gateway and what it may reach.</summary>
public sealed record NetworkSpec
{
    /// <summary>Exposure.</summary>
    public Exposure Exposure { get; init; } = Exposure.Internal;

    /// <summary>Port of the Service, at which callers reach it; null for 8787.</summary>
    [Range(1, 65535, ErrorMessage = "Use a port number from {1} to {2}, or leave it out for 8787.")]
    public int? Port { get; init; }

    /// <summary>Annotations of the Service, beside the portal's own; null for none.</summary>
    [Entries(SpecValidator.MaxSettingLength, Scalars = true)]
    public IReadOnlyDictionary<string, string>? ServiceAnnotations { get; init; }

    /// <summary>Annotations of the ingress; null for none.</summary>
    [Entries(SpecValidator.MaxSettingLength, Scalars = true)]
    public IReadOnlyDictionary<string, string>? IngressAnnotations { get; init; }

    /// <summary>Host name, for an ingress.</summary>
    [StringLength(253)]
    public string? Host { get; init; }

    /// <summary>Ingress class; null for <c>nginx</c>.</summary>
    [StringLength(253)]
    public string? IngressClass { get; init; }

    /// <summary>Name of the TLS secret of an ingress; null for none.</summary>
    [StringLength(253)]
    public string? TlsSecret { get; init; }

    /// <summary>Host name of MCP alone, for an ingress with SERVER_MODE all; null for the path /mcp of host.</summary>
    [StringLength(253)]
    public string? McpHost { get; init; }

    /// <summary>Whether a load balancer gets an address of the virtual network instead of a public one.</summary>
    public bool InternalLoadBalancer { get; init; }

    /// <summary>CIDR ranges that may call a load balancer; empty for any.</summary>
    public IReadOnlyList<string> AllowedRanges { get; init; } = [];

    /// <summary>CIDR ranges that the gateway may call, with optional port as <c>10.0.0.0/8:443</c>; empty, with no providers, for any
    /// address on 443.</summary>
    public IReadOnlyList<string> Egress { get; init; } = [];

    /// <summary>Model providers that the gateway may call, by the names for which administrators keep address ranges
    /// (<c>Portal:EgressProviders</c>).</summary>
    public IReadOnlyList<string> Providers { get; init; } = [];

    /// <summary>Why the gateway may call any address, where it may.</summary>
    [StringLength(500)]
    [Display(Name = "Why it may call any address")]
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
    [Required]
    [Range(1, SpecValidator.MaxReplicas, ErrorMessage = "Use {1} to {2} pods.")]
    public int Min { get; init; }

    /// <summary>Most pods.</summary>
    [Required]
    [Range(1, SpecValidator.MaxReplicas, ErrorMessage = "Use {1} to {2} pods.")]
    public int Max { get; init; }

    /// <summary>Target CPU use in percent of the request; null for 60.</summary>
    [Range(10, 95, ErrorMessage = "Use {1} to {2} percent.")]
    public int? TargetCpu { get; init; }

    /// <summary>Target memory use in percent of the request; null for none.</summary>
    [Range(10, 95, ErrorMessage = "Use {1} to {2} percent.")]
    public int? TargetMemory { get; init; }
}
