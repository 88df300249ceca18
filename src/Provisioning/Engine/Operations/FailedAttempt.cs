using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>What follows an attempt that ended by an exception: another try later, or the end of the operation and a rollback.</summary>
internal sealed partial class FailedAttempt(
    OperationOutcome outcome,
    StreamWatches streams,
    Restoration restoration,
    IssuedVersions issued,
    ILogger<FailedAttempt> logger
)
{
    /// <exception cref="FenceLostException">Another worker has taken over and decides.</exception>
    public async Task EndAsync(OperationContext context, AttemptWatch watch, Exception exception, CancellationToken stopping)
    {
        if (stopping.IsCancellationRequested)
        {
            context.Log.Write("The portal is stopping; the operation continues at its next start.", Severity.Warning);
            await outcome.PostponedAsync(
                context,
                QueueTurns.Stopped,
                "The portal was stopped; the operation continues by itself.",
                TimeSpan.Zero,
                CancellationToken.None
            );
            return;
        }

        if (watch.FenceLost)
        {
            throw new FenceLostException();
        }

        await streams.GiveUpAsync(context);
        var failure =
            watch.CancelRequested && !ApprovalCheck.IsRefusal(exception)
                ? new Failure("cancelled", "It was cancelled.", IsTransient: false)
                : Failure.Of(exception, context.Log.Redactor);
        context.Log.Write(failure.Message, failure.Code == "cancelled" ? Severity.Warning : Severity.Error);
        if (failure.Code == "internal")
        {
            LogUnexpected(logger, context.Operation.Id, exception);
        }

        if (RetryPolicy.TriesAgain(failure.Code, failure.IsTransient, context.Operation.ErrorCode, context.Operation.Attempts))
        {
            var delay = RetryPolicy.DelayAfter(context.Operation.Attempts, failure.Code);
            context.Log.Write(
                $"Trying again in {delay.TotalSeconds:0} s (attempt {context.Operation.Attempts} of {RetryPolicy.MaxAttempts}).",
                Severity.Warning
            );
            await outcome.PostponedAsync(context, failure.Code, failure.Message, delay, CancellationToken.None);
            return;
        }

        if (!context.IsAsApproved)
        {
            // Nor is anything rolled back: to what, and in which cluster, is just as unproven.
            await outcome.FailedAsync(
                context,
                failure.Code,
                failure.Message,
                cancelled: failure.Code == "cancelled",
                CancellationToken.None
            );
            return;
        }

        var restored = await restoration.TryAsync(context);
        if (restored)
        {
            await issued.TakeBackAsync(context);
        }

        await outcome.FailedAsync(
            context,
            failure.Code,
            failure.Message + RotationMessages.AfterFailure(context, restored),
            failure.Code == "cancelled",
            CancellationToken.None
        );
    }

    [LoggerMessage(1003, LogLevel.Error, "Operation {OperationId} failed unexpectedly")]
    private static partial void LogUnexpected(ILogger logger, Guid operationId, Exception exception);
}
