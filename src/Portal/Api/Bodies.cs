using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Environments;

namespace Portkey.Portal.Web.Api;

// Shapes of request bodies for the description of the API. They are read by FieldReader, which refuses what is not in them.

/// <summary>A proposal.</summary>
internal sealed record ProposeBody(
    RequestKind Kind, string? Team, string? Name, string? Cluster, string? Profile, Guid? EnvironmentId, string? ChartVersion, SpecBody? Spec, Guid? Import, string? Key, int? Revision, string? Reason);

/// <summary>What the environment should be; secrets are accepted once and never returned.</summary>
internal sealed record SpecBody(
    Edition Edition, IReadOnlyDictionary<string, string>? Settings, IReadOnlyDictionary<string, string>? Secrets, IReadOnlyDictionary<string, string>? SharedSecrets, NetworkBody? Network, int? Replicas,
    AutoscalingBody? Autoscaling, ResourcesSpec? Resources, SchedulingSpec? Scheduling, ProbesSpec? Probes, IReadOnlyDictionary<string, string>? Labels,
    IReadOnlyDictionary<string, string>? Annotations, EnvFromSpec? EnvFrom, bool? DataService, string? ImageTag, int? TtlHours);

/// <summary>How it is reached and what it may reach.</summary>
internal sealed record NetworkBody(
    Exposure? Exposure, string? Host, string? IngressClass, string? TlsSecret, string? McpHost, bool? InternalLoadBalancer, IReadOnlyList<string>? AllowedRanges, IReadOnlyList<string>? Egress,
    IReadOnlyList<string>? Providers, string? OpenEgressReason, ControlPlaneInbound? ControlPlaneInbound, IReadOnlyList<string>? ControlPlaneRanges);

/// <summary>Horizontal autoscaling.</summary>
internal sealed record AutoscalingBody(int Min, int Max, int? TargetCpu);

/// <summary>A decision on exactly this content.</summary>
internal sealed record DecisionBody(string Digest, string? Reason);

/// <summary>Why.</summary>
internal sealed record ReasonBody(string? Reason);

/// <summary>Other settings, size, network or profile.</summary>
internal sealed record ChangeBody(string? Profile, string? ChartVersion, SpecBody? Spec, string? Reason);

/// <summary>Another chart version.</summary>
internal sealed record UpgradeBody(string ChartVersion, string? Reason);

/// <summary>Use the newest version of this secret; with mint, one that its provider makes now.</summary>
internal sealed record RotateBody(string Key, bool? Mint, string? Reason);

/// <summary>Back to this revision.</summary>
internal sealed record RollbackBody(int Revision, string? Reason);

/// <summary>Removal.</summary>
internal sealed record DeleteBody(string? Reason);

/// <summary>When a credential is to be replaced; what is left out is taken away.</summary>
internal sealed record PolicyBody(string? ExpiresAt, int? RotateEveryDays, int? RotateBeforeDays, string? Window, bool? Unattended);

/// <summary>A rotation of a shared credential: environments at once after the first.</summary>
internal sealed record ProposeRotationBody(int? WaveSize, string? Reason);

/// <summary>What makes new values; settings of random: length, alphabet; of redis-acl: user, admin; of azure-storage: subscription, resourceGroup, account.</summary>
internal sealed record ProviderBody(string? Provider, IReadOnlyDictionary<string, string>? Settings);

/// <summary>A chart to allow.</summary>
internal sealed record RegisterChartBody(ChartSource Source, string Location, string? Version, Edition Edition, bool? MakeDefault, string? PodSecurityWaiver);

/// <summary>A cluster to register.</summary>
internal sealed record RegisterClusterBody(string Name, string Kubeconfig);

/// <summary>How secrets get into a cluster; fields of another mode are refused.</summary>
internal sealed record SecretSyncBody(string Mode, string? StoreKind, string? StoreName, string? RefreshInterval, string? Vault, string? TenantId, string? ClientId);
