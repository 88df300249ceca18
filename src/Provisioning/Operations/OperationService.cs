using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Operations;

/// <summary>An operation in full.</summary>
public sealed record OperationView(
    Guid Id, Guid EnvironmentId, string EnvironmentName, string Team, Guid RequestId, RequestKind Kind, OperationState State, int Revision, int Attempts,
    DateTime? NextAttemptAt, DateTime CreatedAt, DateTime? StartedAt, DateTime? EndedAt, string ErrorCode, string ErrorMessage, bool CancelRequested,
    long HelmMilliseconds, long WaitMilliseconds, IReadOnlyList<StepView> Steps, bool MayCancel, bool MayRetry);

/// <summary>One step.</summary>
public sealed record StepView(string Name, string Title, StepState State, DateTime? StartedAt, DateTime? EndedAt);

/// <summary>One log line.</summary>
public sealed record LogLineView(long Id, DateTime At, string Step, Severity Severity, string Text);

/// <summary>Progress of the provisioner's work.</summary>
public sealed class OperationService
{
    /// <summary>One operation.</summary>
    public Task<OperationView> GetAsync(Caller caller, Guid id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Log lines after a cursor, oldest first, at most 1000.</summary>
    public Task<IReadOnlyList<LogLineView>> LogAsync(Caller caller, Guid id, long after, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Asks the worker to stop at the next safe point.</summary>
    public Task<OperationView> CancelAsync(Caller caller, Guid id, string reason, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Tries what was approved once more, as a new operation. Answers with it.</summary>
    public Task<OperationView> RetryAsync(Caller caller, Guid id, string reason, CancellationToken cancellationToken) => throw new NotImplementedException();
}
