namespace Portkey.Portal.Provisioning.Environments;

/// <summary>CPU and memory of one gateway pod, Kubernetes quantities, in place of the profile's. Null keeps the profile's.</summary>
public sealed record ResourcesSpec
{
    /// <summary>CPU request, such as <c>500m</c>.</summary>
    public string? CpuRequest { get; init; }

    /// <summary>CPU limit, such as <c>2</c>.</summary>
    public string? CpuLimit { get; init; }

    /// <summary>Memory request, such as <c>1Gi</c>.</summary>
    public string? MemoryRequest { get; init; }

    /// <summary>Memory limit, such as <c>2Gi</c>.</summary>
    public string? MemoryLimit { get; init; }
}

/// <summary>Where pods may run.</summary>
public sealed record SchedulingSpec
{
    /// <summary>Zones to spread over, in place of the profile's number; null for the profile's.</summary>
    public int? Zones { get; init; }

    /// <summary>Labels that a node must have.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Taints that do not keep pods away.</summary>
    public IReadOnlyList<TolerationSpec> Tolerations { get; init; } = [];
}

/// <summary>One taint that does not keep pods away.</summary>
public sealed record TolerationSpec
{
    /// <summary>Key of the taint.</summary>
    public string Key { get; init; } = "";

    /// <summary>Its value; null for any (operator <c>Exists</c>).</summary>
    public string? Value { get; init; }

    /// <summary><c>NoSchedule</c>, <c>PreferNoSchedule</c> or <c>NoExecute</c>; null for all of them.</summary>
    public string? Effect { get; init; }
}

/// <summary>How often the kubelet asks whether a pod lives and is ready.</summary>
public sealed record ProbesSpec
{
    /// <summary>Seconds between liveness probes; null for 20.</summary>
    public int? LivenessPeriodSeconds { get; init; }

    /// <summary>Seconds between readiness probes; null for 5.</summary>
    public int? ReadinessPeriodSeconds { get; init; }

    /// <summary>Seconds until a probe is given up; null for 3.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>Failures in a row that count; null for 3.</summary>
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
