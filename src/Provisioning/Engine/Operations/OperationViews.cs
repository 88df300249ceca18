using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>An operation in full.</summary>
public sealed record OperationView(
    Guid Id,
    Guid EnvironmentId,
    string EnvironmentName,
    string Team,
    Guid RequestId,
    RequestKind Kind,
    OperationState State,
    int Revision,
    int Attempts,
    DateTime? NextAttemptAt,
    DateTime CreatedAt,
    DateTime? StartedAt,
    DateTime? EndedAt,
    string ErrorCode,
    string ErrorMessage,
    bool CancelRequested,
    DateTime? SoakUntil,
    long HelmMilliseconds,
    long WaitMilliseconds,
    IReadOnlyList<StepView> Steps,
    bool MayCancel,
    bool MayRetry
)
{
    /// <summary>What it waits for in the cluster, without occupying a worker; empty when it does not.</summary>
    public string WaitingFor { get; init; } = "";

    /// <summary>UTC time at which it gives up waiting for its cluster; null unless it waits.</summary>
    public DateTime? WaitUntil { get; init; }

    /// <summary>What went wrong, in the words of the environment's page; null where nothing did, and where a newer operation
    /// followed.</summary>
    public TroubleView? Trouble { get; init; }

    /// <summary>How many operations that were approved before it may begin before it; null unless it waits for its turn.</summary>
    public int? Ahead { get; init; }

    /// <summary>What became of the synthetic streams that were sent while pods were replaced; null where none were.</summary>
    public StreamTally? Streams { get; init; }
}

/// <summary>One step.</summary>
public sealed record StepView(string Name, string Title, StepState State, DateTime? StartedAt, DateTime? EndedAt);

/// <summary>One log line.</summary>
public sealed record LogLineView(long Id, DateTime At, string Step, Severity Severity, string Text);

internal static class OperationViews
{
    /// <summary>Whether it can be asked to stop: a removal cannot, as what is gone is gone.</summary>
    public static bool IsStoppable(RequestKind kind, OperationState state) =>
        kind != RequestKind.Delete && state is (OperationState.Queued or OperationState.Running);

    /// <summary>Whether the last operation of an environment can be tried again.</summary>
    public static bool IsRetryable(OperationState state) => state is OperationState.Failed or OperationState.Cancelled;

    public static OperationView Of(Operation o, Access access, bool isLast, int? ahead)
    {
        var mayAct = access.CanPropose(o.Environment!.TeamId);
        return new OperationView(
            o.Id,
            o.EnvironmentId,
            o.Environment.Name,
            o.Environment.Team!.Name,
            o.ChangeRequestId,
            o.Kind,
            o.State,
            o.Revision,
            o.Attempts,
            o.State == OperationState.Queued && o.Attempts > 0 && o.SoakUntil is null && o.WaitingFor.Length == 0 ? o.NotBefore : null,
            o.CreatedAt,
            o.StartedAt,
            o.EndedAt,
            o.ErrorCode,
            o.ErrorMessage,
            o.CancelRequested,
            o.IsFinished ? null : o.SoakUntil,
            o.HelmMilliseconds,
            o.WaitMilliseconds,
            [
                .. o
                    .Steps.OrderBy(s => s.Order)
                    .Select(s => new StepView(s.Name, OperationPlan.TitleOf(s.Name), s.State, s.StartedAt, s.EndedAt)),
            ],
            mayAct && !o.CancelRequested && IsStoppable(o.Kind, o.State),
            mayAct && isLast && IsRetryable(o.State)
        )
        {
            WaitingFor = o.IsFinished ? "" : o.WaitingFor,
            WaitUntil = o.IsFinished || o.WaitingFor.Length == 0 ? null : o.WaitUntil,
            Ahead = ahead,
            Streams = StreamTally.Read(o.StreamsJson),
        };
    }
}
