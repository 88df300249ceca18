namespace Portkey.Portal.Data;

/// <summary>One health verdict in an environment's history.</summary>
public sealed class HealthSample
{
    /// <summary>Order.</summary>
    public long Id { get; init; }

    /// <summary>Environment.</summary>
    public required Guid EnvironmentId { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime At { get; init; }

    /// <summary>Verdict.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>One sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Milliseconds that the gateway's own answer took; null when it was not asked or did not answer.</summary>
    public int? LatencyMs { get; init; }
}

/// <summary>One observed deviation.</summary>
public sealed class Finding
{
    /// <summary>Key.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Environment.</summary>
    public required Guid EnvironmentId { get; init; }

    /// <summary>Kind, such as <c>health</c>, <c>operation</c>, <c>expiry</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What kind of thing it is about.</summary>
    public FindingSubject Subject { get; init; }

    /// <summary>Name of that thing: setting, address or cluster; empty for the environment as a whole.</summary>
    public string SubjectName { get; init; } = "";

    /// <summary>Severity.</summary>
    public required Severity Severity { get; init; }

    /// <summary>What, and what to do.</summary>
    public required string Message { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime Since { get; init; }

    /// <summary>UTC time it was resolved; null while it is open.</summary>
    public DateTime? ResolvedAt { get; set; }
}

/// <summary>What a finding is about.</summary>
public enum FindingSubject
{
    /// <summary>The environment as a whole.</summary>
    Environment,

    /// <summary>One of its settings, usually a secret.</summary>
    Setting,

    /// <summary>An entry point.</summary>
    Endpoint,

    /// <summary>The cluster that it is in.</summary>
    Cluster,

    /// <summary>An operation on it.</summary>
    Operation,

    /// <summary>A request for it.</summary>
    Request,
}
