using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>
/// Watches for operations that released their worker, and rings when it is worth looking again. It decides nothing: a worker looks for
/// itself. While it watches it keeps putting off the time at which any worker would look; if this process dies, that time comes.
/// </summary>
internal sealed partial class WaitingRoom(
    UnitOfWork work,
    LiveUpdates live,
    WorkSignal signal,
    TimeProvider time,
    IOptions<ProvisioningOptions> options,
    ILogger<WaitingRoom> logger
) : BackgroundService
{
    // Each holds a few streams open to its cluster. Those without room are only checked when due.
    private const int Most = 64;

    private readonly ConcurrentDictionary<Guid, Guest> guests = new();

    /// <summary>Until when an operation is left alone unless somebody puts it off further.</summary>
    public static TimeSpan Look(int leaseSeconds) => TimeSpan.FromSeconds(Math.Clamp(leaseSeconds, 3, 15));

    /// <summary>Watches from now on.</summary>
    public void Enter(Guid operationId, GiveBack waiting)
    {
        var stop = new CancellationTokenSource();
        var (guest, token) = (new Guest(stop, waiting.Memory), stop.Token);
        if (guests.Count < Most && guests.TryAdd(operationId, guest))
        {
            guest.Watching = Task.Run(() => WatchAsync(operationId, waiting, token), CancellationToken.None);
        }
        else
        {
            stop.Dispose();
        }
    }

    /// <summary>Stops watching, as a worker has it. Returns what was remembered.</summary>
    public async Task<RolloutState?> LeaveAsync(Guid operationId)
    {
        if (!guests.TryRemove(operationId, out var guest))
        {
            return null;
        }

        await guest.EndAsync();
        return guest.Memory;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(Look(options.Value.LeaseSeconds) / 3);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await PutOffAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The portal stops; others resume what waits.
        }
        finally
        {
            await Task.WhenAll(guests.Keys.Select(LeaveAsync));
        }
    }

    private async Task PutOffAsync(CancellationToken cancellationToken)
    {
        var ids = guests.Where(g => g.Value.Watching is { IsCompleted: false }).Select(g => g.Key).ToList();
        if (ids.Count == 0)
        {
            return;
        }

        try
        {
            var look = Look(options.Value.LeaseSeconds).TotalSeconds;
            var here = await work.WriteAsync(
                async db =>
                {
                    // Not those already due: they were called, or a person asked to stop them.
                    await db
                        .Operations.Where(o =>
                            ids.Contains(o.Id) && o.State == OperationState.Queued && o.WaitingFor != "" && o.NotBefore > DateTime.UtcNow
                        )
                        .ExecuteUpdateAsync(
                            s =>
                                s.SetProperty(
                                    o => o.NotBefore,
                                    o =>
                                        o.WaitUntil < DateTime.UtcNow.AddSeconds(look)
                                            ? o.WaitUntil!.Value
                                            : DateTime.UtcNow.AddSeconds(look)
                                ),
                            cancellationToken
                        );
                    return await db
                        .Operations.Where(o => ids.Contains(o.Id) && o.State == OperationState.Queued && o.WaitingFor != "")
                        .Select(o => o.Id)
                        .ToListAsync(cancellationToken);
                },
                cancellationToken
            );
            await Task.WhenAll(ids.Except(here).Select(LeaveAsync)); // another process has them
            await TellAsync(here, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException and not OutOfMemoryException)
        {
            LogNotPutOff(logger, e); // they are checked sooner than needed
        }
    }

    /// <summary>The reason for waiting changes meanwhile: readers get the current one.</summary>
    private async Task TellAsync(IEnumerable<Guid> ids, CancellationToken cancellationToken)
    {
        foreach (var id in ids)
        {
            if (!guests.TryGetValue(id, out var guest) || guest.Memory?.Reason is not { Length: > 0 } reason || reason == guest.Told)
            {
                continue;
            }

            guest.Told = reason;
            var words = StoredText.Fit(Redactor.Default.Redact($"pods: {reason}"), 900);
            await work.WriteAsync(
                db =>
                    db.Operations.Where(o => o.Id == id && o.State == OperationState.Queued && o.WaitingFor != "" && o.WaitingFor != words)
                        .ExecuteUpdateAsync(s => s.SetProperty(o => o.WaitingFor, words), cancellationToken),
                cancellationToken
            );
            live.Publish(id);
        }
    }

    private async Task WatchAsync(Guid operationId, GiveBack waiting, CancellationToken stop)
    {
        await using var log = new OperationLog(work, live, time, operationId) { Step = waiting.Step };
        try
        {
            await waiting.Watch(log.WriteAsync, stop);
        }
        catch (ClusterException)
        {
            // It has stopped answering: the next look finds that out, and says so.
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogBroken(logger, operationId, e);
        }

        await CallAsync(operationId);
    }

    private async Task CallAsync(Guid operationId)
    {
        try
        {
            await work.WriteAsync(
                db =>
                    db.Operations.Where(o => o.Id == operationId && o.State == OperationState.Queued && o.WaitingFor != "")
                        .ExecuteUpdateAsync(s => s.SetProperty(o => o.NotBefore, DateTime.UnixEpoch), CancellationToken.None),
                CancellationToken.None,
                "called"
            );
            signal.Ring();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogNotPutOff(logger, e); // it becomes due by itself
        }
    }

    private sealed class Guest(CancellationTokenSource stop, RolloutState? memory)
    {
        public RolloutState? Memory { get; } = memory;

        public Task? Watching { get; set; }

        /// <summary>Reason that was told last.</summary>
        public string Told { get; set; } = "";

        public async Task EndAsync()
        {
            await stop.CancelAsync();
            await (Watching ?? Task.CompletedTask);
            stop.Dispose();
        }
    }

    [LoggerMessage(1041, LogLevel.Warning, "Waiting operations could not be saved; they are checked when they are due")]
    private static partial void LogNotPutOff(ILogger logger, Exception exception);

    [LoggerMessage(1042, LogLevel.Error, "Watching for operation {OperationId} failed; it is checked now")]
    private static partial void LogBroken(ILogger logger, Guid operationId, Exception exception);
}
