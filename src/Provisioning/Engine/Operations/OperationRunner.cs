using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>Carries out one claimed operation to its end, its next attempt, or the loss of its fence.</summary>
internal sealed partial class OperationRunner(
    UnitOfWork work,
    OperationLoader loader,
    ApprovalCheck approval,
    IClusters clusters,
    StepSequence steps,
    FailedAttempt failed,
    OperationOutcome outcome,
    Supersession supersession,
    WaitingRoom room,
    LiveUpdates live,
    Failpoints failpoints,
    TimeProvider time,
    ILogger<OperationRunner> logger
)
{
    public async Task RunAsync(Claim claim, CancellationToken stopping)
    {
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var watch = new AttemptWatch(work, live, claim);
        var watching = watch.RunAsync(attempt);
        try
        {
            await AttemptAsync(claim, watch, stopping, attempt.Token);
        }
        catch (FenceLostException)
        {
            LogFenceLost(logger, claim.OperationId);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The result could not even be written (database gone, disk full). The lease expires and the next claim resumes from what is
            // real.
            LogAttemptLost(logger, claim.OperationId, e);
        }
        finally
        {
            await attempt.CancelAsync();
            await watching;
            await ReleaseAsync(claim);
        }
    }

    private async Task AttemptAsync(Claim claim, AttemptWatch watch, CancellationToken stopping, CancellationToken cancellationToken)
    {
        var log = new OperationLog(work, live, time, claim.OperationId);
        await using var closing = log;
        OperationContext? context = null;
        StepResult? result = null;
        var memory = await room.LeaveAsync(claim.OperationId);
        if (claim.Superseded)
        {
            await supersession.EndAsync(claim, log, stopping);
            return;
        }

        try
        {
            // Cancelling by a person does not stop this: without a context there is nothing to roll back, and it would wait again.
            context = await loader.LoadAsync(claim, memory, log, stopping);
            result = await GoThroughAsync(context, watch, stopping, cancellationToken);
        }
        catch (Exception e) when (e is not FenceLostException && context is not null)
        {
            await failed.EndAsync(context, watch, e, stopping);
        }
        catch (Exception e) when (e is ClusterException or OperationCanceledException)
        {
            var failure = Failure.Of(e, Redactor.Default);
            log.Write(failure.Message, Severity.Error);
            await outcome.PostponedUnloadedAsync(claim, failure);
        }

        // Outside: a failed write here is not a failure of the operation.
        if (result == StepResult.Soaking)
        {
            await outcome.SoakingAsync(context!, CancellationToken.None);
        }
        else if (result is GiveBack waiting)
        {
            await GiveBackAsync(context!, waiting);
        }

        live.Publish(
            context is null ? [claim.OperationId] : [context.Operation.Id, context.Environment.Id, context.Operation.ChangeRequestId]
        );
    }

    private async Task<StepResult> GoThroughAsync(
        OperationContext context,
        AttemptWatch watch,
        CancellationToken stopping,
        CancellationToken cancellationToken
    )
    {
        await outcome.StartedAsync(context, stopping);
        await approval.RequireAsync(context, stopping);
        live.Publish(context.Operation.Id, context.Environment.Id, context.Operation.ChangeRequestId);
        if (context.Operation.SoakUntil is not null)
        {
            context.Log.Write("Asking the gateway and trying the new version once more.");
        }
        else if (context.WalksOn)
        {
            await failpoints.HitAsync("resumed", cancellationToken);
        }
        else if (context.Resumed)
        {
            context.Log.Write($"Attempt {context.Operation.Attempts}: checking the real state, then continuing.", Severity.Warning);
        }

        watch.Notice(context.Operation.CancelRequested);
        watch.ThrowIfCancelled();
        await clusters.EnsureReachedAsync(context.Cluster, cancellationToken);
        var result = await steps.RunAsync(context, watch, cancellationToken);
        if (result is GiveBack)
        {
            watch.ThrowIfCancelled(); // somebody asked it to stop, not to wait
        }

        return result;
    }

    private async Task GiveBackAsync(OperationContext context, GiveBack waiting)
    {
        if (!context.WalksOn)
        {
            context.Log.Write($"Waits for {waiting.WaitingFor}. Its worker is free for others meanwhile.");
        }

        await outcome.WaitingAsync(context, waiting, WaitingRoom.Look(context.Fence.LeaseSeconds), CancellationToken.None);
        room.Enter(context.Operation.Id, waiting);
    }

    private async Task ReleaseAsync(Claim claim)
    {
        try
        {
            await claim.Fence.ReleaseAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is DbUpdateException or System.Data.Common.DbException)
        {
            LogAttemptLost(logger, claim.OperationId, e); // the lease expires by itself
        }
    }

    [LoggerMessage(1001, LogLevel.Warning, "Operation {OperationId}: another worker has taken over its environment")]
    private static partial void LogFenceLost(ILogger logger, Guid operationId);

    [LoggerMessage(1002, LogLevel.Error, "Operation {OperationId}: the attempt ended without a result; it will be resumed")]
    private static partial void LogAttemptLost(ILogger logger, Guid operationId, Exception exception);
}
