using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Provisioning.Engine.Operations;

namespace Portkey.Portal.Provisioning.UseCases.Rotations;

/// <summary>Looks at rotations under way whenever an operation ended or one was approved.</summary>
internal sealed partial class RotationDispatcher(RotationRunner runner, RotationSignal signal, ILogger<RotationDispatcher> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        signal.Ring(); // whatever was left by the last run
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await signal.WaitAsync(stoppingToken);
                foreach (var rotation in await runner.RunningAsync(stoppingToken))
                {
                    await AdvanceAsync(rotation, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                LogUnavailable(logger, e); // the reconciler rings again
            }
        }
    }

    // One that meets something unexpected must not hold up the others.
    private async Task AdvanceAsync(Guid rotation, CancellationToken cancellationToken)
    {
        try
        {
            await runner.AdvanceAsync(rotation, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException and not OutOfMemoryException)
        {
            LogBroken(logger, rotation, e);
        }
    }

    [LoggerMessage(1052, LogLevel.Error, "Rotations could not be read; trying again at the next ring")]
    private static partial void LogUnavailable(ILogger logger, Exception exception);

    [LoggerMessage(1053, LogLevel.Error, "Rotation {RotationId} could not be carried on; trying again at the next ring")]
    private static partial void LogBroken(ILogger logger, Guid rotationId, Exception exception);
}
