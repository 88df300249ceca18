using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Operations;

/// <summary>A claimed operation.</summary>
/// <param name="OperationId">Operation.</param>
/// <param name="Fence">Right to act.</param>
/// <param name="Resumed">Whether an earlier attempt was cut off, so that the cluster's real state must be looked at first.</param>
/// <param name="Since">Timestamp of <see cref="Stopwatch"/> from which the lease is counted here.</param>
public sealed record Claim(Guid OperationId, Fence Fence, bool Resumed, long Since);

/// <summary>The operations table as a queue: one operation of an environment at a time, in the order they were approved.</summary>
public sealed class OperationQueue(UnitOfWork work, IOptions<ProvisioningOptions> options)
{
    /// <summary>This process in the eyes of the others.</summary>
    public string Owner { get; } = $"{Environment.MachineName[..Math.Min(64, Environment.MachineName.Length)]}/{Environment.ProcessId}/{Guid.NewGuid():N}";

    /// <summary>Claims the oldest operation that may run now; null when there is none.</summary>
    public async Task<Claim?> TryClaimAsync(CancellationToken cancellationToken)
    {
        var candidates = await work.ReadAsync(
            db => db.Operations
                .Where(o => (o.State == OperationState.Queued || o.State == OperationState.Running) && o.NotBefore <= DateTime.UtcNow
                    && (o.Environment!.LeaseUntil == null || o.Environment.LeaseUntil < DateTime.UtcNow)
                    && !db.Operations.Any(p => p.EnvironmentId == o.EnvironmentId && p.Sequence < o.Sequence && (p.State == OperationState.Queued || p.State == OperationState.Running)))
                .OrderBy(o => o.Sequence)
                .Select(o => new { o.Id, o.EnvironmentId })
                .Take(16)
                .ToListAsync(cancellationToken),
            cancellationToken);
        foreach (var candidate in candidates)
        {
            if (await ClaimAsync(candidate.Id, candidate.EnvironmentId, cancellationToken) is { } claim)
            {
                return claim;
            }
        }

        return null;
    }

    /// <summary>
    /// Lets an operation run again only after the delay, by the database's clock: it is the one that the claim looks at, and workers' clocks differ.
    /// </summary>
    internal static Task DelayAsync(PortalDbContext db, Guid operationId, TimeSpan delay, CancellationToken cancellationToken) => db.Operations
        .Where(o => o.Id == operationId)
        .ExecuteUpdateAsync(s => s.SetProperty(o => o.NotBefore, o => DateTime.UtcNow.AddSeconds(delay.TotalSeconds)), cancellationToken);

    private async Task<Claim?> ClaimAsync(Guid operationId, Guid environmentId, CancellationToken cancellationToken)
    {
        var lease = options.Value.LeaseSeconds;
        var since = Stopwatch.GetTimestamp();
        var (epoch, resumed) = await work.WriteAsync(
            async db =>
            {
                // Two workers may see the same candidate; the conditional update lets one of them through.
                var won = await db.Environments.Where(e => e.Id == environmentId && (e.LeaseUntil == null || e.LeaseUntil < DateTime.UtcNow))
                    .ExecuteUpdateAsync(
                        s => s.SetProperty(e => e.LeaseOwner, Owner).SetProperty(e => e.FencingEpoch, e => e.FencingEpoch + 1)
                            .SetProperty(e => e.LeaseUntil, e => DateTime.UtcNow.AddSeconds(lease)),
                        cancellationToken);
                if (won == 0)
                {
                    return (0L, false);
                }

                var next = await db.Operations.AsTracking().Where(o => o.EnvironmentId == environmentId && (o.State == OperationState.Queued || o.State == OperationState.Running))
                    .OrderBy(o => o.Sequence).FirstOrDefaultAsync(cancellationToken);
                if (next?.Id != operationId)
                {
                    await db.Environments.Where(e => e.Id == environmentId).ExecuteUpdateAsync(s => s.SetProperty(e => e.LeaseUntil, (DateTime?)null).SetProperty(e => e.LeaseOwner, ""), cancellationToken);
                    return (0L, false);
                }

                var cutOff = next.State == OperationState.Running || next.Attempts > 0;
                next.State = OperationState.Running;
                next.Attempts++;
                next.Epoch = await db.Environments.Where(e => e.Id == environmentId).Select(e => e.FencingEpoch).FirstAsync(cancellationToken);
                return (next.Epoch, cutOff);
            },
            cancellationToken,
            "claim");
        return epoch == 0 ? null : new Claim(operationId, new Fence(work, environmentId, Owner, epoch, lease), resumed, since);
    }
}
