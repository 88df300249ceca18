using Portkey.Portal.Provisioning.Common;

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
/// <param name="FirstBroken">Id of the first event that does not fit; null when intact.</param>
/// <param name="Message">For people.</param>
/// <param name="CheckedAt">UTC.</param>
public sealed record AuditVerdict(bool Intact, long Events, int Chains, long? FirstBroken, string Message, DateTime CheckedAt);

/// <summary>Events on one UTC day.</summary>
public sealed record AuditDay(DateOnly Day, int Events);

/// <summary>History. Administrators and auditors read all of it, others what concerns their teams.</summary>
public sealed class AuditService
{
    /// <summary>Newest first.</summary>
    public Task<Page<AuditEventView>> SearchAsync(Caller caller, AuditFilter filter, PageRequest page, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Oldest first, all that match, streamed.</summary>
    public IAsyncEnumerable<AuditEventView> ExportAsync(Caller caller, AuditFilter filter, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Events a day over the last 30 days.</summary>
    public Task<IReadOnlyList<AuditDay>> HistogramAsync(Caller caller, AuditFilter filter, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Walks every chain; administrators and auditors only.</summary>
    public Task<AuditVerdict> VerifyAsync(Caller caller, CancellationToken cancellationToken) => throw new NotImplementedException();
}
