using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>
/// The end of a wait, in the operation's row and by the database's clock: neither a crash nor another worker nor releasing the worker
/// restarts it. A failed attempt does.
/// </summary>
internal sealed class WaitClock(UnitOfWork work, IOptions<ProvisioningOptions> options)
{
    // Also where the time is over: only a look at the cluster shows the outcome.
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a wait keeps its worker: most rollouts are done by then. Shorter where an earlier look found nothing yet; null, to
    /// the end, where the end is near.
    /// </summary>
    public TimeSpan? Patience(OperationContext context, TimeSpan left)
    {
        var patience = TimeSpan.FromSeconds(
            context.WalksOn ? Math.Min(1, options.Value.WaitInPlaceSeconds) : options.Value.WaitInPlaceSeconds
        );
        return left - patience > Least ? patience : null;
    }

    /// <summary>Time left of the wait; the first call starts it.</summary>
    public async Task<TimeSpan> LeftAsync(OperationContext context, TimeSpan whole, CancellationToken cancellationToken)
    {
        var id = context.Operation.Id;
        var times = await work.WriteAsync(
            async db =>
            {
                await context.Fence.EnsureAsync(db, cancellationToken);
                await db
                    .Operations.Where(o => o.Id == id && o.WaitUntil == null)
                    .ExecuteUpdateAsync(
                        s => s.SetProperty(o => o.WaitUntil, o => DateTime.UtcNow.AddSeconds(whole.TotalSeconds)),
                        cancellationToken
                    );
                return await db
                    .Operations.Where(o => o.Id == id)
                    .Select(o => new { Until = o.WaitUntil!.Value, Now = DateTime.UtcNow })
                    .FirstAsync(cancellationToken);
            },
            cancellationToken
        );
        var left = times.Until - times.Now;
        return left > Least ? left : Least;
    }
}
