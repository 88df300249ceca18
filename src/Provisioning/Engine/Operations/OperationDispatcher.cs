using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>Takes operations off the queue while there is room, and lets running ones finish when the portal stops.</summary>
internal sealed partial class OperationDispatcher(
    OperationQueue queue,
    OperationRunner runner,
    WorkSignal signal,
    RotationSignal rotations,
    IOptions<ProvisioningOptions> options,
    ILogger<OperationDispatcher> logger
) : Dispatcher(signal, logger)
{
    private readonly ConcurrentDictionary<Guid, Task> running = new();
    private readonly CancellationTokenSource stopWork = new();
    private readonly SemaphoreSlim room = new(options.Value.WorkerConcurrency);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken); // no new claims from here on
        var open = running.Values.ToArray();
        if (open.Length > 0)
        {
            LogDraining(Logger, open.Length, options.Value.DrainSeconds);
            await Task.WhenAny(Task.WhenAll(open), Task.Delay(TimeSpan.FromSeconds(options.Value.DrainSeconds), CancellationToken.None));
            await stopWork.CancelAsync();
            await Task.WhenAll(open);
        }
    }

    /// <inheritdoc/>
    protected override async Task TurnAsync(CancellationToken stoppingToken)
    {
        while (await TakeAsync(stoppingToken)) { }
    }

    public override void Dispose()
    {
        stopWork.Dispose();
        room.Dispose();
        base.Dispose();
    }

    // Room first, claim second: a claim that has to wait for room would let its lease run down.
    private async Task<bool> TakeAsync(CancellationToken stoppingToken)
    {
        if (!await room.WaitAsync(0, stoppingToken))
        {
            return false; // every operation rings when it ends
        }

        Claim? claim = null;
        try
        {
            claim = await queue.TryClaimAsync(stoppingToken);
        }
        finally
        {
            if (claim is null)
            {
                room.Release();
            }
        }

        if (claim is null)
        {
            return false;
        }

        running[claim.OperationId] = Task.Run(
            async () =>
            {
                try
                {
                    await runner.RunAsync(claim, stopWork.Token);
                }
                finally
                {
                    running.TryRemove(claim.OperationId, out _);
                    Release();
                    Signal.Ring();
                    rotations.Ring();
                }
            },
            CancellationToken.None
        );
        return true;
    }

    private void Release()
    {
        try
        {
            room.Release();
        }
        catch (ObjectDisposedException)
        {
            // The dispatcher has stopped already.
        }
    }

    [LoggerMessage(1011, LogLevel.Information, "Stopping: {Count} operations get {Seconds} s to finish")]
    private static partial void LogDraining(ILogger logger, int count, int seconds);
}
