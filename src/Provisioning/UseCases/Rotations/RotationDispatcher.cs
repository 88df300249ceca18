using Microsoft.Extensions.Logging;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Operations;

namespace Portkey.Portal.Provisioning.UseCases.Rotations;

/// <summary>Looks at rotations under way whenever an operation ended or one was approved.</summary>
internal sealed partial class RotationDispatcher(RotationRunner runner, RotationSignal signal, ILogger<RotationDispatcher> logger)
    : Dispatcher(signal, logger)
{
    /// <inheritdoc/>
    protected override async Task TurnAsync(CancellationToken stoppingToken)
    {
        foreach (var rotation in await runner.RunningAsync(stoppingToken))
        {
            await AdvanceAsync(rotation, stoppingToken);
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
            LogBroken(Logger, rotation, e);
        }
    }

    [LoggerMessage(1053, LogLevel.Error, "Rotation {RotationId} could not be continued; trying again at the next signal")]
    private static partial void LogBroken(ILogger logger, Guid rotationId, Exception exception);
}
