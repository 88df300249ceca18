using System.ComponentModel.DataAnnotations;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>CPU and memory of one gateway pod, Kubernetes quantities, in place of the profile's. Null keeps the profile's.</summary>
public sealed record ResourcesSpec
{
    /// <summary>CPU request, such as <c>500m</c>.</summary>
    [StringLength(32)]
    public string? CpuRequest { get; init; }

    /// <summary>CPU limit, such as <c>2</c>.</summary>
    [StringLength(32)]
    public string? CpuLimit { get; init; }

    /// <summary>Memory request, such as <c>1Gi</c>.</summary>
    [StringLength(32)]
    public string? MemoryRequest { get; init; }

    /// <summary>Memory limit, such as <c>2Gi</c>.</summary>
    [StringLength(32)]
    public string? MemoryLimit { get; init; }
}

/// <summary>Where pods may run.</summary>
public sealed record SchedulingSpec
{
    /// <summary>Zones to spread over, in place of the profile's number; null for the profile's.</summary>
    [Range(1, 3, ErrorMessage = "Use {1} to {2} zones.")]
    public int? Zones { get; init; }

    /// <summary>Labels that a node must have.</summary>
    [Entries(63, Scalars = true)]
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Taints that do not keep pods away.</summary>
    public IReadOnlyList<TolerationSpec> Tolerations { get; init; } = [];
}

/// <summary>One taint that does not keep pods away.</summary>
public sealed record TolerationSpec
{
    /// <summary>Key of the taint.</summary>
    [Required]
    [StringLength(317)]
    public string Key { get; init; } = "";

    /// <summary>Its value; null for any (operator <c>Exists</c>).</summary>
    [StringLength(63)]
    public string? Value { get; init; }

    /// <summary><c>NoSchedule</c>, <c>PreferNoSchedule</c> or <c>NoExecute</c>; null for all of them.</summary>
    [StringLength(32)]
    public string? Effect { get; init; }
}

/// <summary>How often the kubelet asks whether a pod lives and is ready.</summary>
public sealed record ProbesSpec
{
    /// <summary>Seconds between liveness probes; null for 20.</summary>
    [Range(1, 300, ErrorMessage = "Use {1} to {2}.")]
    public int? LivenessPeriodSeconds { get; init; }

    /// <summary>Seconds between readiness probes; null for 5.</summary>
    [Range(1, 60, ErrorMessage = "Use {1} to {2}.")]
    public int? ReadinessPeriodSeconds { get; init; }

    /// <summary>Seconds until a probe is given up; null for 3.</summary>
    [Range(1, 60, ErrorMessage = "Use {1} to {2}.")]
    public int? TimeoutSeconds { get; init; }

    /// <summary>Failures in a row that count; null for 3.</summary>
    [Range(1, 20, ErrorMessage = "Use {1} to {2}.")]
    public int? FailureThreshold { get; init; }
}

/// <summary>Further environment variables from objects that the team keeps in the namespace itself.</summary>
public sealed record EnvFromSpec
{
    /// <summary>Names of Secrets.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Names of ConfigMaps.</summary>
    public IReadOnlyList<string> ConfigMaps { get; init; } = [];
}

/// <summary>Image of the data service, in place of the chart version's. Null keeps the chart version's.</summary>
public sealed record DataServiceImageSpec
{
    /// <summary>Where it is, without a tag, such as <c>registry.example.com/portkeyai/data-service</c>.</summary>
    [StringLength(SpecValidator.MaxImageLength)]
    public string? Repository { get; init; }

    /// <summary>Tag, with or without a digest, as for the gateway's.</summary>
    [StringLength(SpecValidator.MaxImageLength)]
    public string? Tag { get; init; }
}

/// <summary>The gateway's service account, by which clouds give a pod rights without a key.</summary>
public sealed record ServiceAccountSpec
{
    /// <summary>Its name, where a cloud's federation names it; null for the chart's own.</summary>
    [StringLength(253)]
    public string? Name { get; init; }

    /// <summary>Annotations, such as <c>eks.amazonaws.com/role-arn</c> and <c>iam.gke.io/gcp-service-account</c>.</summary>
    [Entries(SpecValidator.MaxSettingLength, Scalars = true)]
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}

/// <summary>Certificates of the company's own authorities: a ConfigMap that is there already, or their text.</summary>
public sealed record CaBundleSpec
{
    /// <summary>ConfigMap in the namespace that holds them; null where pem is given.</summary>
    [StringLength(253)]
    public string? ConfigMap { get; init; }

    /// <summary>Key of that ConfigMap; null for <c>ca.crt</c>.</summary>
    [StringLength(253)]
    public string? Key { get; init; }

    /// <summary>Certificates, PEM (RFC 7468), at most 256 KiB; null where configMap is given.</summary>
    [StringLength(SpecValidator.MaxPemLength)]
    public string? Pem { get; init; }
}
