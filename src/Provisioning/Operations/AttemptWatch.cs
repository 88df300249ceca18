using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Operations;

/// <summary>Beside a running attempt: keeps its lease alive, and stops it when the lease is lost or a person asks for it.</summary>
internal sealed class AttemptWatch(UnitOfWork work, LiveUpdates live, Claim claim, int leaseSeconds)
{
    private volatile bool cancelRequested;
    private volatile bool fenceLost;

    public bool CancelRequested => cancelRequested;

    public bool FenceLost => fenceLost;

    public void ThrowIfCancelled()
    {
        if (cancelRequested)
        {
            throw new OperationCanceledException();
        }
    }

    /// <summary>Runs until the attempt's token is cancelled.</summary>
    public async Task RunAsync(CancellationTokenSource attempt)
    {
        using var nudge = new SemaphoreSlim(1);
        using var subscription = live.Subscribe(claim.OperationId.ToString(), () => Nudge(nudge));
        var renewEvery = TimeSpan.FromSeconds(Math.Max(1, leaseSeconds / 3.0));
        var renewedAt = Stopwatch.GetTimestamp(); // not the wall clock, which may be set while an attempt runs
        var heardAt = renewedAt;
        try
        {
            while (!attempt.IsCancellationRequested)
            {
                await nudge.WaitAsync(TimeSpan.FromSeconds(Math.Min(2, renewEvery.TotalSeconds)), attempt.Token);
                try
                {
                    if (await work.ReadAsync(db => db.Operations.AnyAsync(o => o.Id == claim.OperationId && o.CancelRequested, attempt.Token), attempt.Token))
                    {
                        cancelRequested = true;
                        await attempt.CancelAsync();
                        return;
                    }

                    if (Stopwatch.GetElapsedTime(renewedAt) >= renewEvery)
                    {
                        fenceLost = !await claim.Fence.RenewAsync(attempt.Token);
                        renewedAt = Stopwatch.GetTimestamp();
                    }

                    heardAt = Stopwatch.GetTimestamp();
                }
                catch (Exception e) when (e is System.Data.Common.DbException or DbUpdateException)
                {
                    // A lease that could not be renewed in its time is lost, whoever holds it now.
                    fenceLost = Stopwatch.GetElapsedTime(heardAt) > TimeSpan.FromSeconds(leaseSeconds);
                }

                if (fenceLost)
                {
                    await attempt.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The attempt ended.
        }
    }

    private static void Nudge(SemaphoreSlim nudge)
    {
        try
        {
            if (nudge.CurrentCount == 0)
            {
                nudge.Release();
            }
        }
        catch (ObjectDisposedException)
        {
            // The attempt ended between the call and here.
        }
    }
}
