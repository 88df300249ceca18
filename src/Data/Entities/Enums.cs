namespace Portkey.Portal.Data;

/// <summary>Which Portkey gateway an environment runs.</summary>
public enum Edition
{
    /// <summary>The open-source gateway, image <c>portkeyai/gateway</c>.</summary>
    Oss,

    /// <summary>The licensed gateway, image <c>portkeyai/gateway_enterprise</c>.</summary>
    Enterprise,
}

/// <summary>Where an environment stands between request and removal.</summary>
public enum EnvironmentState
{
    /// <summary>Approved, its first operation has not succeeded yet.</summary>
    Creating,

    /// <summary>The approved revision is applied.</summary>
    Ready,

    /// <summary>A newer approved revision is being applied; the last good one keeps serving.</summary>
    Changing,

    /// <summary>The last operation failed; the last good revision, if any, keeps serving.</summary>
    Failed,

    /// <summary>Removal is approved and under way.</summary>
    Deleting,

    /// <summary>Nothing of it is left in the cluster; its history stays.</summary>
    Deleted,
}

/// <summary>The verdict on an environment. Unknown is not Unhealthy: it says that nobody could look.</summary>
public enum HealthStatus
{
    /// <summary>It could not be judged, for example because the cluster does not answer.</summary>
    Unknown,

    /// <summary>Everything is current and the gateway answers requests.</summary>
    Healthy,

    /// <summary>On its way: a rollout or a first start is under way.</summary>
    Progressing,

    /// <summary>It serves, but not as it should: fewer pods than asked for, or a warning sign.</summary>
    Degraded,

    /// <summary>It does not serve.</summary>
    Unhealthy,

    /// <summary>It was scaled to nothing on purpose.</summary>
    Suspended,
}

/// <summary>What a change request proposes.</summary>
public enum RequestKind
{
    /// <summary>A new environment.</summary>
    Create,

    /// <summary>Other settings, size or network for an environment that exists.</summary>
    Change,

    /// <summary>Another chart version.</summary>
    Upgrade,

    /// <summary>A new version of one secret.</summary>
    Rotate,

    /// <summary>Back to an earlier revision.</summary>
    Rollback,

    /// <summary>Removal of the environment with all it holds in the cluster.</summary>
    Delete,
}

/// <summary>The life of a change request.</summary>
public enum RequestState
{
    /// <summary>Waits for a decision.</summary>
    Pending,

    /// <summary>Approved; its operation is queued or running.</summary>
    Approved,

    /// <summary>Applied, and the environment answered.</summary>
    Applied,

    /// <summary>Its operation failed for good.</summary>
    Failed,

    /// <summary>An approver said no.</summary>
    Rejected,

    /// <summary>Taken back before it was applied.</summary>
    Cancelled,
}

/// <summary>One person's decision.</summary>
public enum Decision
{
    /// <summary>Go ahead with exactly this content.</summary>
    Approve,

    /// <summary>Do not.</summary>
    Reject,
}

/// <summary>The life of an operation.</summary>
public enum OperationState
{
    /// <summary>Waits for its turn, or for its next attempt.</summary>
    Queued,

    /// <summary>A worker holds the environment's lease and works on it.</summary>
    Running,

    /// <summary>Done.</summary>
    Succeeded,

    /// <summary>Given up for the reason in <see cref="Operation.ErrorMessage"/>.</summary>
    Failed,

    /// <summary>Cancelled by a person.</summary>
    Cancelled,
}

/// <summary>The life of one step of an operation.</summary>
public enum StepState
{
    /// <summary>Not begun.</summary>
    Pending,

    /// <summary>Begun by the present attempt.</summary>
    Running,

    /// <summary>Done.</summary>
    Succeeded,

    /// <summary>Failed in the last attempt.</summary>
    Failed,

    /// <summary>Not needed for this operation.</summary>
    Skipped,
}

/// <summary>The life of one version of a secret.</summary>
public enum SecretVersionState
{
    /// <summary>Stored in the vault, in use nowhere yet.</summary>
    Pending,

    /// <summary>The version that the applied revision uses.</summary>
    Current,

    /// <summary>Was current; still enabled in the vault.</summary>
    Previous,

    /// <summary>Disabled in the vault; no rollback revives it.</summary>
    Disabled,
}

/// <summary>How secrets get from the vault into a cluster.</summary>
public enum SecretDeliveryMode
{
    /// <summary>The portal writes a Secret for each set of versions.</summary>
    Portal,

    /// <summary>The Secrets Store CSI driver reads Key Vault by the pods' own identity.</summary>
    SecretsStoreCsi,

    /// <summary>External Secrets reads the vault by a store of the cluster.</summary>
    ExternalSecrets,
}

/// <summary>Severity of a finding or a log line.</summary>
public enum Severity
{
    /// <summary>Worth knowing.</summary>
    Info,

    /// <summary>Worth acting on.</summary>
    Warning,

    /// <summary>Stands in the way.</summary>
    Error,
}

/// <summary>Where a chart comes from.</summary>
public enum ChartSource
{
    /// <summary>A directory on the portal's machine.</summary>
    Directory,

    /// <summary>A Helm repository reached by URL.</summary>
    Repository,

    /// <summary>An OCI reference.</summary>
    Oci,
}
