using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>
/// Ends an operation behind which the environment's removal is approved. There is no point in a rollback, and the removal must not wait for
/// pods that find no room, or for failing attempts: it may be what frees the room.
/// </summary>
internal sealed class Supersession(UnitOfWork work, AuditTrail audit, LiveUpdates live, TimeProvider time)
{
    private const string Why = "The environment's removal was approved, so this was not continued.";

    public async Task EndAsync(Claim claim, OperationLog log, CancellationToken cancellationToken)
    {
        var (environment, request) = await work.WriteAsync(
            async db =>
            {
                await claim.Fence.EnsureAsync(db, cancellationToken);
                var now = time.GetUtcNow().UtcDateTime;
                var operation = await db
                    .Operations.AsTracking()
                    .Include(o => o.Environment)
                    .Include(o => o.Steps)
                    .FirstAsync(o => o.Id == claim.OperationId, cancellationToken);
                (operation.State, operation.EndedAt, operation.ErrorCode, operation.ErrorMessage) = (
                    OperationState.Cancelled,
                    now,
                    "superseded",
                    Why
                );
                foreach (var step in operation.Steps.Where(s => s.State is StepState.Running or StepState.Pending))
                {
                    (step.State, step.EndedAt) = (StepState.Skipped, now);
                }

                var asked = await db.ChangeRequests.AsTracking().FirstAsync(r => r.Id == operation.ChangeRequestId, cancellationToken);
                asked.MoveTo(RequestState.Cancelled);
                asked.Outcome = Why;
                await audit.AppendAsync(
                    db,
                    new Caller(AuditTrail.System, "", operation.Id.ToString()),
                    new AuditEntry(
                        "operation.cancelled",
                        "operation",
                        operation.Id.ToString(),
                        $"{operation.Kind.ToString().ToLowerInvariant()} {operation.Environment!.Name}"
                    )
                    {
                        EnvironmentId = operation.EnvironmentId,
                        TeamId = operation.Environment.TeamId,
                        After = new { state = operation.State, code = operation.ErrorCode },
                        Reason = Why,
                    },
                    cancellationToken
                );
                return (operation.EnvironmentId, operation.ChangeRequestId);
            },
            cancellationToken,
            "superseded"
        );
        log.Write(Why);
        live.Publish(environment, request);
    }
}
