namespace Portkey.Portal.Provisioning.Audit;

/// <summary>Which events are asked for; times are UTC.</summary>
public sealed record AuditFilter(string? Actor = null, string? Action = null, Guid? EnvironmentId = null, DateTime? From = null, DateTime? To = null);

/// <summary>One event.</summary>
public sealed record AuditEventView(
    long Id, string Chain, long Index, DateTime At, string Actor, string ActorName, string Action, string TargetKind, string TargetId, string TargetName, Guid? EnvironmentId,
    string Before, string After, string Reason, string RequestDigest, string CorrelationId, string SourceAddress, string PreviousHash, string Hash);

/// <summary>Verdict on the history.</summary>
/// <param name="Intact">True when every chain holds.</param>
/// <param name="Events">Events checked.</param>
/// <param name="Chains">Chains checked.</param>
/// <param name="FirstBroken">Id of the first event that does not fit; null when intact, or when what is missing has no row.</param>
/// <param name="Message">For people.</param>
/// <param name="CheckedAt">UTC.</param>
/// <param name="Seals">Seals outside the database that were compared; 0 for none.</param>
/// <param name="SealedAt">UTC time of the newest one.</param>
public sealed record AuditVerdict(bool Intact, long Events, int Chains, long? FirstBroken, string Message, DateTime CheckedAt, long Seals = 0, DateTime? SealedAt = null);

/// <summary>Events on one UTC day.</summary>
public sealed record AuditDay(DateOnly Day, int Events);
