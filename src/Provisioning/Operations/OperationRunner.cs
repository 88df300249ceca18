using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Health;
using Portkey.Portal.Provisioning.Helm;
using Portkey.Portal.Provisioning.Kubernetes;

namespace Portkey.Portal.Provisioning.Operations;

/// <summary>Carries out one claimed operation to its end, its next attempt, or the loss of its fence.</summary>
internal sealed partial class OperationRunner(
    UnitOfWork work, ClusterConnections clusters, ApprovalCheck approval, PreflightStep preflight, ApplySteps apply, WaitStep wait, ProbeStep probe, SoakStep soak, RemoveSteps remove, RetireStep retire, MintedVersions minted, ReleaseRecords releases, OperationOutcome outcome, Supersession supersession, WaitingRoom room, LiveUpdates live,
    ReservedNamespaces reserved, Failpoints failpoints, TimeProvider time, ILogger<OperationRunner> logger)
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
            // The result could not even be written (database gone, disk full). The lease runs out and the next claim resumes from what is real.
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
        var memory = await room.LeaveAsync(claim.OperationId);
        if (claim.Superseded)
        {
            await supersession.EndAsync(claim, log, stopping);
            return;
        }

        try
        {
            // Not stopped by a person who cancels what waits: without a context there is nothing to go back from, and it would wait again.
            context = await LoadAsync(claim, memory, log, stopping);
            await outcome.StartedAsync(context, stopping);
            await approval.RequireAsync(context, stopping);
            live.Publish(context.Operation.Id, context.Environment.Id, context.Operation.ChangeRequestId);
            if (context.Operation.SoakUntil is not null)
            {
                log.Write("Asking the gateway and trying the new version once more.");
            }
            else if (context.WalksOn)
            {
                await failpoints.HitAsync("resumed", cancellationToken);
            }
            else if (claim.Resumed)
            {
                log.Write($"Attempt {context.Operation.Attempts}: looking at what is real, then going on.", Severity.Warning);
            }

            watch.Notice(context.Operation.CancelRequested);
            watch.ThrowIfCancelled();
            await ClusterReach.EnsureAsync(context.Cluster, cancellationToken);
            await StartAgainAsync(context, cancellationToken);
            await StepsAsync(context, watch, cancellationToken);
        }
        catch (SoakingException)
        {
            await outcome.SoakingAsync(context!, CancellationToken.None);
        }
        catch (GiveBackException e) when (!watch.CancelRequested)
        {
            if (!context!.WalksOn)
            {
                log.Write($"Waits for {e.WaitingFor}. It gives its worker back meanwhile; others go on.");
            }

            await outcome.WaitingAsync(context, e, WaitingRoom.Look(claim.Fence.LeaseSeconds), CancellationToken.None);
            room.Enter(claim.OperationId, e);
        }
        catch (Exception e) when (e is not FenceLostException && context is not null)
        {
            await EndAsync(context, watch, e, stopping);
        }
        catch (Exception e) when (e is ClusterException or OperationCanceledException)
        {
            await PostponeUnloadedAsync(claim, log, e);
        }

        live.Publish(context is null ? [claim.OperationId] : [context.Operation.Id, context.Environment.Id, context.Operation.ChangeRequestId]);
    }

    // While it waited without a worker, somebody may have changed what it had applied.
    private async Task StartAgainAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (!context.WalksOn || context.Revision is null || await wait.IsStillAppliedAsync(context, cancellationToken))
        {
            return;
        }

        context.WalksOn = false;
        context.Log.Write("What was applied is not what Helm holds now; all steps are gone through again.", Severity.Warning);
        foreach (var step in context.Operation.Steps)
        {
            step.State = StepState.Pending;
        }
    }

    private async Task StepsAsync(OperationContext context, AttemptWatch watch, CancellationToken cancellationToken)
    {
        EnvironmentObservation? observation = null;
        reserved.Refuse(context.Namespace); // whoever wrote that into the row
        foreach (var step in context.Operation.Steps.Where(s => s.State == StepState.Pending).OrderBy(s => s.Order).ToList())
        {
            watch.ThrowIfCancelled();
            context.Log.Step = step.Name;
            if (step.Name == "record")
            {
                await retire.PruneAfterSuccessAsync(context, cancellationToken);
                var release = context.Revision is null ? null : await releases.CurrentAsync(context, time.GetUtcNow().UtcDateTime, cancellationToken);
                await outcome.SucceededAsync(context, observation, release, cancellationToken);
                context.Log.Write(context.Revision is null ? "The environment is gone." : $"Revision {context.Revision.Number} is applied and healthy.");
                return;
            }

            await MarkAsync(context, step, StepState.Running, cancellationToken);
            await failpoints.HitAsync($"{step.Name}.before", cancellationToken);
            observation = await StepAsync(context, step.Name, cancellationToken) ?? observation;
            await failpoints.HitAsync($"{step.Name}.after", cancellationToken);
            await MarkAsync(context, step, StepState.Succeeded, cancellationToken);
        }
    }

    private async Task<EnvironmentObservation?> StepAsync(OperationContext context, string step, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case "preflight":
                await preflight.RunAsync(context, cancellationToken);
                break;
            case "namespace":
                await apply.NamespaceAsync(context, cancellationToken);
                break;
            case "secrets":
                await apply.SecretsAsync(context, cancellationToken);
                break;
            case "guardrails":
                await apply.GuardrailsAsync(context, cancellationToken);
                break;
            case "helm":
                context.HelmReached = true;
                await apply.HelmAsync(context, cancellationToken);
                break;
            case "wait":
                await wait.RunAsync(context, cancellationToken);
                break;
            case "health":
                return await apply.HealthAsync(context, cancellationToken);
            case "probe":
                await probe.RunAsync(context, cancellationToken);
                break;
            case "soak":
                await soak.RunAsync(context, cancellationToken);
                break;
            case "retire":
                await retire.RunAsync(context, cancellationToken);
                break;
            case "uninstall":
                await remove.UninstallAsync(context, cancellationToken);
                break;
            case "remove-namespace":
                await remove.NamespaceAsync(context, cancellationToken);
                break;
            default:
                throw new OperationFailedException("unknown-step", $"This version of the portal does not know step {step}.");
        }

        return null;
    }

    private async Task EndAsync(OperationContext context, AttemptWatch watch, Exception exception, CancellationToken stopping)
    {
        if (stopping.IsCancellationRequested)
        {
            context.Log.Write("The portal is stopping; the operation goes on at its next start.", Severity.Warning);
            await outcome.PostponedAsync(context, QueueTurns.Stopped, "The portal was stopped; the operation goes on by itself.", TimeSpan.Zero, CancellationToken.None);
            return;
        }

        if (watch.FenceLost)
        {
            throw new FenceLostException();
        }

        var failure = watch.CancelRequested && !ApprovalCheck.IsRefusal(exception) ? new Failure("cancelled", "It was cancelled.", IsTransient: false) : Failure.Of(exception, context.Log.Redactor);
        context.Log.Write(failure.Message, failure.Code == "cancelled" ? Severity.Warning : Severity.Error);
        if (failure.Code == "internal")
        {
            LogUnexpected(logger, context.Operation.Id, exception);
        }

        if (RetryPolicy.TriesAgain(failure.Code, failure.IsTransient, context.Operation.ErrorCode, context.Operation.Attempts))
        {
            var delay = RetryPolicy.DelayAfter(context.Operation.Attempts, failure.Code);
            context.Log.Write($"Trying again in {delay.TotalSeconds:0} s (attempt {context.Operation.Attempts} of {RetryPolicy.MaxAttempts}).", Severity.Warning);
            await outcome.PostponedAsync(context, failure.Code, failure.Message, delay, CancellationToken.None);
            return;
        }

        if (!context.IsAsApproved)
        {
            // Nor is anything gone back to: where to, and in which cluster, is as little known to be approved.
            await outcome.FailedAsync(context, failure.Code, failure.Message, cancelled: failure.Code == "cancelled", CancellationToken.None);
            return;
        }

        var restored = await RestoreAsync(context);
        if (restored)
        {
            await minted.TakeBackAsync(context);
        }

        await outcome.FailedAsync(context, failure.Code, failure.Message + RotationWords.AfterFailure(context, restored), failure.Code == "cancelled", CancellationToken.None);
    }

    private async Task<bool> RestoreAsync(OperationContext context)
    {
        if (context.Revision is null || !context.HelmReached || reserved.Holds(context.Namespace))
        {
            return true;
        }

        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            context.Log.Step = "helm";
            await failpoints.HitAsync("restore.before", limit.Token);
            await apply.RestoreAsync(context, await releases.LastGoodAsync(context, limit.Token), limit.Token);
            await failpoints.HitAsync("restore.after", limit.Token);
            return true;
        }
        catch (Exception e) when (e is HelmException or ClusterException or OperationCanceledException)
        {
            context.Log.Write($"Going back did not work: {Failure.Of(e, context.Log.Redactor).Message} The pods of the last good revision were not touched by that.", Severity.Error);
            return false;
        }
    }

    private async Task<OperationContext> LoadAsync(Claim claim, RolloutState? memory, OperationLog log, CancellationToken cancellationToken)
    {
        var (operation, environment, cluster, revision, previous) = await work.ReadAsync(
            async db =>
            {
                var o = await db.Operations.Include(x => x.Steps).FirstAsync(x => x.Id == claim.OperationId, cancellationToken);
                var e = await db.Environments.FirstAsync(x => x.Id == o.EnvironmentId, cancellationToken);
                var c = await db.Clusters.FirstAsync(x => x.Id == e.ClusterId, cancellationToken);
                var r = o.Revision == 0 ? null : await db.Revisions.Include(x => x.ChartVersion).FirstAsync(x => x.EnvironmentId == e.Id && x.Number == o.Revision, cancellationToken);
                var p = e.AppliedRevision == 0 ? null : await db.Revisions.FirstAsync(x => x.EnvironmentId == e.Id && x.Number == e.AppliedRevision, cancellationToken);
                return (o, e, c, r, p);
            },
            cancellationToken);
        var passed = operation.Steps.Any(s => s is { Name: "preflight", State: StepState.Succeeded });
        var reached = operation.Steps.Any(s => s is { Name: "helm", State: not (StepState.Pending or StepState.Skipped) });
        var watched = claim.WalksOn ? operation.Steps.Where(s => s.State != StepState.Succeeded).Select(s => s.Order).DefaultIfEmpty().Min()
            : operation.SoakUntil is null ? 0 : operation.Steps.Where(s => s.Name == "health").Select(s => s.Order).FirstOrDefault();
        foreach (var step in operation.Steps.Where(s => s.Order >= watched))
        {
            // Every attempt walks all steps: each finds out for itself what is done already. Only a soak, or a wait without a worker, had all before it proven.
            step.State = StepState.Pending;
        }

        return new OperationContext
        {
            Operation = operation,
            Environment = environment,
            Revision = revision,
            Previous = previous,
            Fence = claim.Fence,
            Log = log,
            Resumed = claim.Resumed,
            WalksOn = claim.WalksOn,
            Memory = memory,
            PreflightPassed = passed,
            HelmReached = reached,
            Cluster = await OpenAsync(cluster, cancellationToken),
            Sync = SecretSyncSettings.Of(cluster),
            Pins = revision is null ? new Dictionary<string, SecretPin>() : SecretPins.Read(revision.SecretVersionsJson),
            PreviousPins = previous is null ? new Dictionary<string, SecretPin>() : SecretPins.Read(previous.SecretVersionsJson),
        };
    }

    // What will not pass by itself ends the operation at the step that goes to the cluster; only what may pass has it wait.
    private async Task<ClusterConnection> OpenAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        try
        {
            return await clusters.OpenAsync(cluster, cancellationToken);
        }
        catch (ClusterException problem) when (!problem.IsTransient)
        {
            return ClusterConnection.Closed(cluster.Name, problem);
        }
    }

    private async Task MarkAsync(OperationContext context, OperationStep step, StepState state, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var since = context.WalksOn && (step.Name is "wait" or "remove-namespace") ? step.StartedAt ?? now : now;
        step.State = state;
        await work.WriteAsync(
            async db =>
            {
                await context.Fence.EnsureAsync(db, cancellationToken);
                await db.OperationSteps.Where(s => s.OperationId == step.OperationId && s.Order == step.Order).ExecuteUpdateAsync(
                    s => s.SetProperty(x => x.State, state)
                        .SetProperty(x => x.StartedAt, x => state == StepState.Running ? since : x.StartedAt)
                        .SetProperty(x => x.EndedAt, x => state == StepState.Running ? null : now),
                    cancellationToken);
            },
            cancellationToken,
            "mark");
        live.Publish(context.Operation.Id, context.Environment.Id);
    }

    private async Task PostponeUnloadedAsync(Claim claim, OperationLog log, Exception exception)
    {
        var failure = Failure.Of(exception, Redactor.Default);
        log.Write(failure.Message, Severity.Error);
        await work.WriteAsync(
            async db =>
            {
                await claim.Fence.EnsureAsync(db, CancellationToken.None);
                var operation = await db.Operations.AsTracking().FirstAsync(o => o.Id == claim.OperationId);
                operation.State = OperationState.Queued;
                (operation.ErrorCode, operation.ErrorMessage) = (failure.Code, failure.Message);
                await OperationQueue.DelayAsync(db, operation.Id, RetryPolicy.DelayAfter(operation.Attempts), CancellationToken.None);
            },
            CancellationToken.None,
            "postponed");
    }

    private async Task ReleaseAsync(Claim claim)
    {
        try
        {
            await claim.Fence.ReleaseAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is DbUpdateException or System.Data.Common.DbException)
        {
            LogAttemptLost(logger, claim.OperationId, e); // the lease runs out by itself
        }
    }

    [LoggerMessage(1001, LogLevel.Warning, "Operation {OperationId}: another worker has taken over its environment")]
    private static partial void LogFenceLost(ILogger logger, Guid operationId);

    [LoggerMessage(1002, LogLevel.Error, "Operation {OperationId}: the attempt ended without a result; it will be resumed")]
    private static partial void LogAttemptLost(ILogger logger, Guid operationId, Exception exception);

    [LoggerMessage(1003, LogLevel.Error, "Operation {OperationId} failed unexpectedly")]
    private static partial void LogUnexpected(ILogger logger, Guid operationId, Exception exception);
}
