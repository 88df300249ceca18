namespace Portkey.Portal.Provisioning.UseCases.Audit;

/// <summary>Which events are asked for; times are UTC.</summary>
/// <param name="Actor">Id of a person, or part of the name.</param>
/// <param name="Action">Code of an action, or its words, see <see cref="AuditActions"/>.</param>
/// <param name="EnvironmentId">Environment.</param>
/// <param name="From">First time.</param>
/// <param name="To">End of the time, exclusive.</param>
/// <param name="Team">Name of a team, as it is written or as it is shown.</param>
/// <param name="Environment">Name of an environment, or part of it where no name matches exactly.</param>
/// <param name="Text">Words that target, reason, address, correlation or digest must have.</param>
public sealed record AuditFilter(
    string? Actor = null,
    string? Action = null,
    Guid? EnvironmentId = null,
    DateTime? From = null,
    DateTime? To = null,
    string? Team = null,
    string? Environment = null,
    string? Text = null
);

/// <summary>One event.</summary>
public sealed record AuditEventView(
    long Id,
    string Chain,
    long Index,
    DateTime At,
    string Actor,
    string ActorName,
    string Action,
    string TargetKind,
    string TargetId,
    string TargetName,
    Guid? EnvironmentId,
    string Before,
    string After,
    string Reason,
    string RequestDigest,
    string CorrelationId,
    string SourceAddress,
    string PreviousHash,
    string Hash
)
{
    /// <summary>Name of the environment; empty where there is none, or none yet.</summary>
    public string EnvironmentName { get; init; } = "";

    /// <summary>Team that it concerns, as it is shown; empty for none.</summary>
    public string TeamName { get; init; } = "";
}

/// <summary>Verdict on the history.</summary>
/// <param name="Intact">True when every chain holds.</param>
/// <param name="Events">Events checked.</param>
/// <param name="Chains">Chains checked.</param>
/// <param name="FirstBroken">Id of the first event that does not fit; null when intact, or when what is missing has no row.</param>
/// <param name="Message">For people.</param>
/// <param name="CheckedAt">UTC.</param>
/// <param name="Seals">Seals outside the database that were compared; 0 for none.</param>
/// <param name="SealedAt">UTC time of the newest one.</param>
public sealed record AuditVerdict(
    bool Intact,
    long Events,
    int Chains,
    long? FirstBroken,
    string Message,
    DateTime CheckedAt,
    long Seals = 0,
    DateTime? SealedAt = null
);

/// <summary>Events on one UTC day.</summary>
public sealed record AuditDay(DateOnly Day, int Events);
