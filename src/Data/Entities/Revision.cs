namespace Portkey.Portal.Data;

/// <summary>Immutable version of what an environment should be, as approved.</summary>
public sealed class Revision
{
    private List<RevisionSecret>? secrets;

    /// <summary>Key.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Environment.</summary>
    public required Guid EnvironmentId { get; init; }

    /// <summary>1, 2, 3 … within the environment.</summary>
    public required int Number { get; init; }

    /// <summary>The request that brought it.</summary>
    public required Guid ChangeRequestId { get; init; }

    /// <summary>Its kind.</summary>
    public required RequestKind Kind { get; init; }

    /// <summary>What was approved.</summary>
    public required EnvironmentContent Content { get; init; }

    /// <summary>Versions of secrets that it takes; reading them when they were not loaded with the row throws, since it would look like
    /// none.</summary>
    public required IReadOnlyCollection<RevisionSecret> Secrets
    {
        get => secrets ?? throw new InvalidOperationException("The revision was read without its secrets.");
        init => secrets = [.. value];
    }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>Who asked.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>UTC time it was applied and seen to work; null before.</summary>
    public DateTime? AppliedAt { get; set; }
}

/// <summary>What Helm said was installed after an operation.</summary>
public sealed class Release
{
    /// <summary>Key.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Environment.</summary>
    public required Guid EnvironmentId { get; init; }

    /// <summary>Operation that made it.</summary>
    public required Guid OperationId { get; init; }

    /// <summary>Revision of ours that it carries.</summary>
    public required int Revision { get; init; }

    /// <summary>Helm's own revision number.</summary>
    public required int HelmRevision { get; init; }

    /// <summary>Helm's status word.</summary>
    public required string Status { get; init; }

    /// <summary>Chart name and version.</summary>
    public required string Chart { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime At { get; init; }
}
