using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>Takes operations off the queue while there is room, and lets those that run come to an end when the portal stops.</summary>
internal sealed partial class OperationDispatcher(
    OperationQueue queue,
    OperationRunner runner,
    WorkSignal signal,
    RotationSignal rotations,
    IOptions<ProvisioningOptions> options,
    ILogger<OperationDispatcher> logger
) : BackgroundService
{
    private readonly ConcurrentDictionary<Guid, Task> running = new();
    private readonly CancellationTokenSource stopWork = new();

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken); // no new claims from here on
        var open = running.Values.ToArray();
        if (open.Length > 0)
        {
            LogDraining(logger, open.Length, options.Value.DrainSeconds);
            await Task.WhenAny(Task.WhenAll(open), Task.Delay(TimeSpan.FromSeconds(options.Value.DrainSeconds), CancellationToken.None));
            await stopWork.CancelAsync();
            await Task.WhenAll(open);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var room = new SemaphoreSlim(options.Value.WorkerConcurrency);
        signal.Ring(); // whatever was left by the last run
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await signal.WaitAsync(stoppingToken);
                while (await TakeAsync(room, stoppingToken)) { }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
                when (e is System.Data.Common.DbException or Microsoft.EntityFrameworkCore.DbUpdateException or TimeoutException)
            {
                LogQueueUnavailable(logger, e); // the reconciler rings again
            }
        }
    }

    public override void Dispose()
    {
        stopWork.Dispose();
        base.Dispose();
    }

    // Room first, claim second: a claim that has to wait for room would let its lease run down.
    private async Task<bool> TakeAsync(SemaphoreSlim room, CancellationToken stoppingToken)
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
                    Release(room);
                    signal.Ring();
                    rotations.Ring();
                }
            },
            CancellationToken.None
        );
        return true;
    }

    private static void Release(SemaphoreSlim room)
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

    [LoggerMessage(1011, LogLevel.Information, "Stopping: {Count} operations get {Seconds} s to come to an end")]
    private static partial void LogDraining(ILogger logger, int count, int seconds);

    [LoggerMessage(1012, LogLevel.Error, "The queue could not be read; trying again at the next ring")]
    private static partial void LogQueueUnavailable(ILogger logger, Exception exception);
}
