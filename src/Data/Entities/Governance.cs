namespace Portkey.Portal.Data;

/// <summary>What a change of portal-wide rules is about.</summary>
public enum GovernanceKind
{
    /// <summary>A new cluster.</summary>
    Cluster,

    /// <summary>Another kubeconfig of a cluster.</summary>
    Kubeconfig,

    /// <summary>How secrets get into a cluster.</summary>
    SecretDelivery,

    /// <summary>A chart that may break pod security.</summary>
    Chart,

    /// <summary>A credential rotates without approval.</summary>
    StandingApproval,

    /// <summary>What makes the new values of such a credential.</summary>
    Provider,

    /// <summary>Whether preflight may run Jobs in a cluster.</summary>
    PreflightJobs,
}

/// <summary>State of such a change.</summary>
public enum GovernanceState
{
    /// <summary>Waits for a second administrator.</summary>
    Pending,

    /// <summary>In force.</summary>
    Approved,

    /// <summary>A second administrator said no.</summary>
    Rejected,

    /// <summary>Taken back by its proposer.</summary>
    Cancelled,

    /// <summary>Nobody decided in time.</summary>
    Expired,
}

/// <summary>A change of portal-wide rules, which one administrator proposes and another one approves. Never holds a secret.</summary>
public sealed class GovernanceChange
{
    /// <summary>Key; the order is that of proposing.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Kind.</summary>
    public required GovernanceKind Kind { get; init; }

    /// <summary>Id or name of what it changes; one change of a target waits at a time.</summary>
    public required string TargetId { get; init; }

    /// <summary>What people call it.</summary>
    public required string TargetName { get; init; }

    /// <summary>What an approval does, such as <c>replace the kubeconfig of aks-weu</c>.</summary>
    public required string Summary { get; init; }

    /// <summary>Facts before, JSON of names and texts; empty for none.</summary>
    public required string BeforeJson { get; init; }

    /// <summary>Facts after, JSON of names and texts.</summary>
    public required string AfterJson { get; init; }

    /// <summary>What is needed to carry it out, JSON.</summary>
    public required string PayloadJson { get; init; }

    /// <summary>Name of a secret that waits in the vault with it; empty for none.</summary>
    public required string VaultName { get; init; }

    /// <summary>Its version; empty for none, and once it is disabled there.</summary>
    public required string VaultVersion { get; set; }

    /// <summary><c>sha256:</c> and hex digest over all of the above.</summary>
    public required string ContentDigest { get; init; }

    /// <summary>Seal over digest and proposer with a key that is not in the database.</summary>
    public required string Seal { get; init; }

    /// <summary>State.</summary>
    public GovernanceState State { get; set; } = GovernanceState.Pending;

    /// <summary>Whether it was in force at once, because no second administrator had signed in yet.</summary>
    public bool IsBootstrap { get; set; }

    /// <summary>Who proposed it.</summary>
    public required string ProposedBy { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime ProposedAt { get; init; }

    /// <summary>UTC time after which it cannot be approved any more.</summary>
    public required DateTime ExpiresAt { get; init; }

    /// <summary>Who decided; empty before.</summary>
    public string DecidedBy { get; set; } = "";

    /// <summary>UTC; null before.</summary>
    public DateTime? DecidedAt { get; set; }

    /// <summary>Why.</summary>
    public string Reason { get; set; } = "";

    /// <summary>Changed by every write.</summary>
    public Guid Version { get; set; } = Guid.NewGuid();
}

/// <summary>Marks that one administrator alone is not enough: written once, when the second one signed in, and never removed.</summary>
public sealed class BootstrapEnd
{
    /// <summary>Always 1.</summary>
    public int Id { get; init; } = 1;

    /// <summary>UTC.</summary>
    public required DateTime EndedAt { get; init; }

    /// <summary>The administrators who had signed in by then.</summary>
    public required string Administrators { get; init; }
}
