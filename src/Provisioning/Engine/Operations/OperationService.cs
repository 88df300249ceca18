using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>Progress of the provisioner's work.</summary>
public sealed class OperationService(UnitOfWork work, AuditTrail audit, WorkSignal signal, LiveUpdates live, TimeProvider time)
{
    /// <summary>Lines of a log that are read at once.</summary>
    public const int MostLines = 1000;

    /// <summary>One operation.</summary>
    public Task<OperationView> GetAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var operation = await FindAsync(db, access, id, cancellationToken);
                var isLast = !await db.Operations.AnyAsync(
                    o => o.EnvironmentId == operation.EnvironmentId && o.Sequence > operation.Sequence,
                    cancellationToken
                );
                return OperationViews.Of(operation, access, isLast, await AheadAsync(db, operation, cancellationToken)) with
                {
                    Trouble =
                        isLast && operation.State is OperationState.Failed or OperationState.Cancelled
                            ? await TroubleQueries.ReadAsync(db, operation.Environment!, access, cancellationToken)
                            : null,
                };
            },
            cancellationToken
        );

    /// <summary>Log lines after a cursor, oldest first, at most <see cref="MostLines"/>.</summary>
    public Task<IReadOnlyList<LogLineView>> LogAsync(Caller caller, Guid id, long after, CancellationToken cancellationToken) =>
        work.ReadAsync<IReadOnlyList<LogLineView>>(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                await FindAsync(db, access, id, cancellationToken);
                return await db
                    .OperationLog.Where(l => l.OperationId == id && l.Id > after)
                    .OrderBy(l => l.Id)
                    .Take(MostLines)
                    .Select(l => new LogLineView(l.Id, l.At, l.Step, l.Severity, l.Text))
                    .ToListAsync(cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Asks the worker to stop at the next safe point.</summary>
    public async Task<OperationView> CancelAsync(Caller caller, Guid id, string reason, CancellationToken cancellationToken)
    {
        await work.WriteAsync(
            async db =>
            {
                var operation = await RequireChangeableAsync(db, caller, id, cancellationToken);
                if (operation.IsFinished)
                {
                    throw new ConflictException(
                        "operation-finished",
                        $"The operation is {operation.State.ToString().ToLowerInvariant()} already."
                    );
                }

                if (operation.Kind == RequestKind.Delete)
                {
                    throw new ConflictException("not-cancellable", "A removal cannot be stopped half-way; what is gone is gone.");
                }

                if (!operation.CancelRequested)
                {
                    operation.CancelRequested = true;
                    operation.CancelRequestedBy = caller.PersonId;
                    operation.NotBefore = DateTime.UnixEpoch; // one that waits for its next attempt stops at once
                    await AuditAsync(db, caller, operation, "operation.cancel-requested", reason, cancellationToken);
                }
            },
            cancellationToken
        );
        signal.Ring();
        live.Publish(id);
        return await GetAsync(caller, id, cancellationToken);
    }

    /// <summary>Tries what was approved once more, as a new operation, which it returns.</summary>
    public async Task<OperationView> RetryAsync(Caller caller, Guid id, string reason, CancellationToken cancellationToken)
    {
        var (retry, environment) = await work.WriteAsync(
            async db =>
            {
                var operation = await RequireChangeableAsync(db, caller, id, cancellationToken);
                if (operation.State is not (OperationState.Failed or OperationState.Cancelled))
                {
                    throw new ConflictException(
                        "not-failed",
                        $"The operation is {operation.State.ToString().ToLowerInvariant()}; only one that failed or was cancelled can be tried again."
                    );
                }

                if (
                    await db.Operations.AnyAsync(
                        o => o.EnvironmentId == operation.EnvironmentId && o.Sequence > operation.Sequence,
                        cancellationToken
                    )
                )
                {
                    throw new ConflictException(
                        "superseded",
                        "A newer operation exists for this environment. Retry that one, or propose a change."
                    );
                }

                var environment = operation.Environment!;
                var request = await db.ChangeRequests.AsTracking().FirstAsync(r => r.Id == operation.ChangeRequestId, cancellationToken);
                var again = OperationPlan.New(
                    operation.EnvironmentId,
                    operation.ChangeRequestId,
                    operation.Kind,
                    operation.Revision,
                    caller.PersonId,
                    time.GetUtcNow().UtcDateTime
                );
                db.Operations.Add(again);
                request.OperationId = again.Id;
                request.MoveTo(RequestState.Approved);
                request.Outcome = "";
                environment.MoveTo(
                    operation.Kind == RequestKind.Delete ? EnvironmentState.Deleting
                    : environment.AppliedRevision == 0 ? EnvironmentState.Creating
                    : EnvironmentState.Changing
                );
                await AuditAsync(db, caller, again, "operation.retried", reason, cancellationToken, environment);
                return (again.Id, environment.Id);
            },
            cancellationToken
        );
        signal.Ring();
        live.Publish(id, retry, environment);
        return await GetAsync(caller, retry, cancellationToken);
    }

    // Neither those that only wait nor those not yet due delay it.
    private static async Task<int?> AheadAsync(PortalDbContext db, Operation operation, CancellationToken cancellationToken) =>
        operation is not { State: OperationState.Queued, Attempts: 0 }
            ? null
            : await db.Operations.CountAsync(
                o =>
                    (o.State == OperationState.Queued || o.State == OperationState.Running)
                    && o.Sequence < operation.Sequence
                    && o.WaitingFor == ""
                    && o.NotBefore <= DateTime.UtcNow,
                cancellationToken
            );

    private static async Task<Operation> FindAsync(PortalDbContext db, Access access, Guid id, CancellationToken cancellationToken)
    {
        var operation = await db
            .Operations.Include(o => o.Environment)
                .ThenInclude(e => e!.Team)
            .Include(o => o.Environment)
                .ThenInclude(e => e!.Cluster)
            .Include(o => o.Steps)
            .FirstOrDefaultAsync(o => o.Id == id, cancellationToken);
        return operation is not null && access.CanRead(operation.Environment!.TeamId)
            ? operation
            : throw new NotFoundException("operation of this id") { IsSomebodyElses = operation is not null };
    }

    private static async Task<Operation> RequireChangeableAsync(
        PortalDbContext db,
        Caller caller,
        Guid id,
        CancellationToken cancellationToken
    )
    {
        var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
        var operation = await FindAsync(db, access, id, cancellationToken);
        return access.CanPropose(operation.Environment!.TeamId)
            ? operation
            : throw new ForbiddenException("Only the team that owns the environment, and administrators, may do this.");
    }

    private Task AuditAsync(
        PortalDbContext db,
        Caller caller,
        Operation operation,
        string action,
        string reason,
        CancellationToken cancellationToken,
        GatewayEnvironment? environment = null
    ) =>
        audit.AppendAsync(
            db,
            caller,
            new AuditEntry(
                action,
                "operation",
                operation.Id.ToString(),
                $"{operation.Kind.ToString().ToLowerInvariant()} {(environment ?? operation.Environment!).Name}"
            )
            {
                EnvironmentId = operation.EnvironmentId,
                TeamId = (environment ?? operation.Environment!).TeamId,
                After = new { state = operation.State, revision = operation.Revision },
                Reason = reason.Trim(),
            },
            cancellationToken
        );
}
