using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Portkey.Portal.Provisioning.Common;

/// <summary>
/// Looks for work whenever its signal rings. Whatever goes wrong in one round, the next ring starts another: a loop that ends would end the
/// process, and everything that is under way in it.
/// </summary>
internal abstract partial class Dispatcher(WorkSignal signal, ILogger logger) : BackgroundService
{
    /// <summary>Rings when there may be work.</summary>
    protected WorkSignal Signal { get; } = signal;

    /// <summary>Where it says what went wrong.</summary>
    protected ILogger Logger { get; } = logger;

    /// <summary>Takes what there is. What it throws is logged; the reconciler rings again.</summary>
    protected abstract Task TurnAsync(CancellationToken stoppingToken);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Signal.Ring(); // whatever was left by the last run
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Signal.WaitAsync(stoppingToken);
                await TurnAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem) when (problem is not OutOfMemoryException)
            {
                LogFailed(Logger, GetType().Name, problem);
            }
        }
    }

    [LoggerMessage(1012, LogLevel.Error, "{Dispatcher} could not look for work; trying again at the next signal")]
    private static partial void LogFailed(ILogger logger, string dispatcher, Exception exception);
}
