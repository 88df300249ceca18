namespace Portkey.Portal.Data;

/// <summary>A Kubernetes cluster that environments may be placed in.</summary>
public sealed class Cluster
{
    /// <summary>Key.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>DNS label, unique.</summary>
    public required string Name { get; init; }

    /// <summary>What people read.</summary>
    public required string DisplayName { get; set; }

    /// <summary>
    /// Where its kubeconfig is, never the kubeconfig: <c>file:PATH</c> (from the operator's configuration) or
    /// <c>vault:NAME/VERSION</c> (registered through the API).
    /// </summary>
    public required string KubeconfigSource { get; set; }

    /// <summary>Address of the API server that was approved; empty before the first look.</summary>
    public string PinnedServer { get; set; } = "";

    /// <summary>SHA-256 over each of its certificate authorities, hex, with commas between; empty where TLS is not verified or the
    /// machine's own are trusted.</summary>
    public string PinnedAuthority { get; set; } = "";

    /// <summary>UID of its namespace kube-system; empty before the first look.</summary>
    public string PinnedUid { get; set; } = "";

    /// <summary>Seal over name, source and pins with a key that is not in the database; empty for the operator's own file, and before the
    /// first look.</summary>
    public string PinSeal { get; set; } = "";

    /// <summary>True where service addresses answer from the caller's machine, as in the sandbox.</summary>
    public bool ServiceAddressesReachable { get; set; }

    /// <summary>How secrets get into it.</summary>
    public SecretDeliveryMode SecretDelivery { get; set; }

    /// <summary>The settings of that delivery.</summary>
    public SecretDeliveryStore SecretDeliveryStore { get; set; } = new();

    /// <summary>Whether preflight may run short Jobs in it, which try addresses over its network.</summary>
    public bool PreflightJobs { get; set; }

    /// <summary>Zones that its nodes are spread over, as last seen.</summary>
    public int Zones { get; set; } = 1;

    /// <summary>What its nodes have for pods, JSON, as last seen; <c>[]</c> where that is not known.</summary>
    public string NodesJson { get; set; } = "[]";

    /// <summary>Version that the API server last reported, empty when never reached.</summary>
    public string ServerVersion { get; set; } = "";

    /// <summary>UTC time of the last answer.</summary>
    public DateTime? LastSeenAt { get; set; }

    /// <summary>Why it did not answer last time; empty when it did.</summary>
    public string LastError { get; set; } = "";

    /// <summary>Whether new environments may be placed in it.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>UTC time from which every entry point of its environments is in <see cref="EndpointClaim"/>; null before that was looked
    /// up.</summary>
    public DateTime? EndpointsClaimedAt { get; set; }
}

/// <summary>A chart that administrators allow.</summary>
public sealed class ChartVersion
{
    /// <summary>Key.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Which gateway it installs.</summary>
    public required Edition Edition { get; init; }

    /// <summary>Kind of place it comes from.</summary>
    public required ChartSource Source { get; init; }

    /// <summary>Directory path, repository URL with the chart's name after '#', or oci:// reference.</summary>
    public required string Location { get; init; }

    /// <summary>Chart name as in Chart.yaml.</summary>
    public required string Name { get; init; }

    /// <summary>Chart version as in Chart.yaml.</summary>
    public required string Version { get; init; }

    /// <summary>Application version as in Chart.yaml.</summary>
    public required string AppVersion { get; init; }

    /// <summary><c>sha256:</c> and hex digest over the chart's content.</summary>
    public required string Digest { get; init; }

    /// <summary>Gateway image tag that the renderer asks for.</summary>
    public required string ImageTag { get; init; }

    /// <summary>Gateway settings that this version takes, JSON array of their names; empty for one that was registered before this was
    /// looked at.</summary>
    public string SettingsJson { get; init; } = "";

    /// <summary>What in it depends on where or when it is rendered, JSON array of words; empty for one that was registered before this was
    /// looked at.</summary>
    public string DependsOnJson { get; init; } = "";

    /// <summary>Why an administrator lets it break pod security 'restricted'; empty where it does not.</summary>
    public string PodSecurityWaiver { get; init; } = "";

    /// <summary>The edition's default where a request names no version.</summary>
    public bool IsDefault { get; set; }

    /// <summary>UTC time from which no new request may name it; null while they may.</summary>
    public DateTime? RetiredAt { get; set; }

    /// <summary>Who retired it; empty for nobody.</summary>
    public string RetiredBy { get; set; } = "";

    /// <summary>Why; empty while it is not retired.</summary>
    public string RetiredReason { get; set; } = "";

    /// <summary>UTC.</summary>
    public required DateTime RegisteredAt { get; init; }

    /// <summary>Who allowed it.</summary>
    public required string RegisteredBy { get; init; }
}

/// <summary>A named size.</summary>
public sealed class Profile
{
    /// <summary>DNS label: dev, standard, mission-critical.</summary>
    public required string Name { get; init; }

    /// <summary>What people read.</summary>
    public required string DisplayName { get; init; }

    /// <summary>One sentence that says who it is for.</summary>
    public required string Description { get; init; }

    /// <summary>Place in lists.</summary>
    public required int Order { get; init; }

    /// <summary>Pods, or the least number of pods with autoscaling.</summary>
    public required int Replicas { get; init; }

    /// <summary>Most pods; equal to <see cref="Replicas"/> where there is no autoscaling.</summary>
    public required int MaxReplicas { get; init; }

    /// <summary>Zones the pods are spread over.</summary>
    public required int Zones { get; init; }

    /// <summary>CPU request of one pod, Kubernetes quantity.</summary>
    public required string CpuRequest { get; init; }

    /// <summary>CPU limit of one pod, Kubernetes quantity.</summary>
    public required string CpuLimit { get; init; }

    /// <summary>Memory request of one pod, Kubernetes quantity.</summary>
    public required string MemoryRequest { get; init; }

    /// <summary>Memory limit of one pod, Kubernetes quantity.</summary>
    public required string MemoryLimit { get; init; }

    /// <summary>vCPU that each node should have at least.</summary>
    public required int NodeCpu { get; init; }

    /// <summary>GiB of memory that each node should have at least.</summary>
    public required int NodeMemoryGiB { get; init; }

    /// <summary>Seconds from a pod's removal until it is killed: open streams may continue for that long, less a few seconds.</summary>
    public int GraceSeconds { get; set; } = 30;

    /// <summary>Whether the chart's own Redis (no auth, no persistence) is allowed.</summary>
    public required bool BuiltInRedisAllowed { get; init; }
}

/// <summary>Where a delivery other than the portal's own reads secrets; never a secret.</summary>
public sealed class SecretDeliveryStore
{
    /// <summary>External Secrets: kind of the store; else null.</summary>
    public string? StoreKind { get; init; }

    /// <summary>External Secrets: the store's name; else null.</summary>
    public string? StoreName { get; init; }

    /// <summary>External Secrets: how often it compares with the vault; else null.</summary>
    public string? RefreshInterval { get; init; }

    /// <summary>CSI driver: address of the Key Vault; else null.</summary>
    public string? Vault { get; init; }

    /// <summary>CSI driver: tenant of the vault; else null.</summary>
    public string? TenantId { get; init; }

    /// <summary>CSI driver: client id of the workload identity; else null.</summary>
    public string? ClientId { get; init; }

    /// <summary>Whether External Secrets was used before, so that its objects may still have to be removed.</summary>
    public bool HadExternalSecrets { get; init; }

    /// <summary>Whether the CSI driver was used before, so that its objects may still have to be removed.</summary>
    public bool HadSecretsStoreCsi { get; init; }
}
