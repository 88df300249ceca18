namespace Portkey.Portal.Data;

/// <summary>One shared credential brought to a new version in every environment that uses it, in waves; the first failure stops
/// it.</summary>
public sealed class Rotation
{
    /// <summary>Key; sorts by time of request.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Credential.</summary>
    public required Guid SecretReferenceId { get; init; }

    /// <summary>Version in use before.</summary>
    public required int FromNumber { get; init; }

    /// <summary>Version that it brings.</summary>
    public required int ToNumber { get; init; }

    /// <summary>State.</summary>
    public RotationState State { get; set; } = RotationState.Pending;

    /// <summary>Environments at once in a wave; the first wave is always one.</summary>
    public required int WaveSize { get; init; }

    /// <summary>Digest of what is approved: credential, versions, environments with their digests.</summary>
    public required string ContentDigest { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Who asked.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime RequestedAt { get; init; }

    /// <summary>Who decided; empty before.</summary>
    public string DecidedBy { get; set; } = "";

    /// <summary>UTC; null before.</summary>
    public DateTime? DecidedAt { get; set; }

    /// <summary>UTC end; null before.</summary>
    public DateTime? EndedAt { get; set; }

    /// <summary>Result, one sentence.</summary>
    public string Outcome { get; set; } = "";

    /// <summary>Changed by every write.</summary>
    public Guid Version { get; set; } = Guid.NewGuid();

    /// <summary>Environments.</summary>
    public ICollection<RotationMember> Members { get; } = [];
}

/// <summary>One environment of a rotation.</summary>
public sealed class RotationMember
{
    /// <summary>Rotation.</summary>
    public required Guid RotationId { get; init; }

    /// <summary>Environment.</summary>
    public required Guid EnvironmentId { get; init; }

    /// <summary>Wave, from 0.</summary>
    public required int Wave { get; init; }

    /// <summary>Its request.</summary>
    public required Guid ChangeRequestId { get; init; }
}

/// <summary>The life of a rotation.</summary>
public enum RotationState
{
    /// <summary>Waits for a decision.</summary>
    Pending,

    /// <summary>Goes through its waves.</summary>
    Running,

    /// <summary>Every environment uses the new version; the old one is disabled.</summary>
    Succeeded,

    /// <summary>An environment failed; those after it were not touched, and both versions are valid.</summary>
    Failed,

    /// <summary>Rejected or taken back.</summary>
    Cancelled,
}
