using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>Beside a running attempt: keeps its lease alive, and stops it when the lease is lost or a person asks for it.</summary>
internal sealed class AttemptWatch(UnitOfWork work, LiveUpdates live, Claim claim)
{
    private volatile bool cancelRequested;
    private volatile bool fenceLost;

    public bool CancelRequested => cancelRequested;

    public bool FenceLost => fenceLost;

    /// <summary>Another reader has read whether it was cancelled.</summary>
    public void Notice(bool cancelled) => cancelRequested |= cancelled;

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
        var lease = TimeSpan.FromSeconds(claim.Fence.LeaseSeconds);

        // Not by the wall clock, which may be changed while an attempt runs; and from before each renewal was sent, so never later than the
        // database counts.
        var heldSince = claim.Since;
        try
        {
            while (!attempt.IsCancellationRequested)
            {
                await nudge.WaitAsync(Least(TimeSpan.FromSeconds(2), lease / 6, Left(heldSince, lease)), attempt.Token);

                // Not awaited beyond the remaining time: a driver can take seconds to give up on a database that hangs.
                var look = LookAsync(heldSince, lease, attempt.Token);
                await Task.WhenAny(look, Task.Delay(Least(Left(heldSince, lease), lease), attempt.Token));
                heldSince = look.IsCompletedSuccessfully ? await look : heldSince;

                // The last quarter is for Helm to finish: when another worker may begin, nothing of ours runs any more.
                fenceLost |= Left(heldSince, lease) <= TimeSpan.Zero;
                if (fenceLost || cancelRequested)
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

    private static TimeSpan Left(long heldSince, TimeSpan lease) => (lease * 0.75) - Stopwatch.GetElapsedTime(heldSince);

    private static TimeSpan Least(params TimeSpan[] times) => new(Math.Max(TimeSpan.TicksPerMillisecond * 10, times.Min(t => t.Ticks)));

    /// <summary>Asks whether it was cancelled, and renews the lease in time. Returns since when it is held; never throws for what the
    /// database does.</summary>
    private async Task<long> LookAsync(long heldSince, TimeSpan lease, CancellationToken cancellationToken)
    {
        try
        {
            cancelRequested |= await work.ReadAsync(
                db => db.Operations.AnyAsync(o => o.Id == claim.OperationId && o.CancelRequested, cancellationToken),
                cancellationToken
            );
            if (!cancelRequested && Stopwatch.GetElapsedTime(heldSince) >= lease / 3)
            {
                var asked = Stopwatch.GetTimestamp();
                fenceLost = !await claim.Fence.RenewAsync(cancellationToken);
                return asked;
            }
        }
        catch (Exception e)
            when (e
                    is System.Data.Common.DbException
                        or DbUpdateException
                        or TimeoutException
                        or OperationCanceledException
                        or ObjectDisposedException
            )
        {
            // Asked again until the time is over or nobody waits any more.
        }

        return heldSince;
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
