namespace Portkey.Portal.Data;

/// <summary>One look, before a decision, at whether what a request asks for can work. The table is the workers' queue for these
/// looks.</summary>
public sealed class PreflightRun : ILeased
{
    /// <summary>Key; sorts by time of request.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Request.</summary>
    public required Guid ChangeRequestId { get; init; }

    /// <summary>State.</summary>
    public PreflightState State { get; set; }

    /// <summary>Who asked for it.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime RequestedAt { get; init; }

    /// <summary>Worker that does it.</summary>
    public Lease Lease { get; init; } = new();

    /// <summary>How often a worker took it.</summary>
    public int Attempts { get; set; }

    /// <summary>UTC end; null before.</summary>
    public DateTime? EndedAt { get; set; }

    /// <summary>Results, JSON array, redacted.</summary>
    public string ResultsJson { get; set; } = "[]";

    /// <summary>Checks that failed.</summary>
    public int Failures { get; set; }

    /// <summary>Checks that warn.</summary>
    public int Warnings { get; set; }
}

/// <summary>The life of a preflight.</summary>
public enum PreflightState
{
    /// <summary>Waits for a worker.</summary>
    Queued,

    /// <summary>A worker looks.</summary>
    Running,

    /// <summary>The results are there.</summary>
    Finished,
}
