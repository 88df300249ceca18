using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>A claimed operation.</summary>
/// <param name="OperationId">Operation.</param>
/// <param name="Fence">Right to act.</param>
/// <param name="Resumed">Whether an earlier attempt was cut off, so that the cluster's real state must be looked at first.</param>
/// <param name="Since">Timestamp of <see cref="Stopwatch"/> from which the lease is counted here.</param>
public sealed record Claim(Guid OperationId, Fence Fence, bool Resumed, long Since)
{
    /// <summary>Whether it had released its worker and continues where it waited.</summary>
    public bool WalksOn { get; init; }

    /// <summary>Whether the environment's removal is approved behind it, so that it need not be completed.</summary>
    public bool Superseded { get; init; }
}

/// <summary>
/// The operations table as a queue: one operation of an environment at a time, in the order they were approved; clusters and teams in turn,
/// see <see cref="QueueTurns"/>.
/// </summary>
public sealed class OperationQueue(UnitOfWork work, IOptions<ProvisioningOptions> options)
{
    // Other workers may have taken all that was seen; there may be more behind it.
    private const int Looks = 4;

    /// <summary>This process as others see it.</summary>
    public string Owner { get; } =
        $"{Environment.MachineName[..Math.Min(64, Environment.MachineName.Length)]}/{Environment.ProcessId}/{Guid.NewGuid():N}";

    /// <summary>Claims the operation whose turn it is; null when there is none that may run now.</summary>
    public async Task<Claim?> TryClaimAsync(CancellationToken cancellationToken)
    {
        for (var looks = 0; looks < Looks; looks++)
        {
            var candidates = await work.ReadAsync(
                db => QueueTurns.NextAsync(db, Owner, options.Value, cancellationToken),
                cancellationToken
            );
            if (candidates.Count == 0)
            {
                return null;
            }

            foreach (var candidate in candidates)
            {
                if (await ClaimAsync(candidate, cancellationToken) is { } claim)
                {
                    return claim;
                }
            }
        }

        return null;
    }

    /// <summary>
    /// Lets an operation run again only after the delay, by the database's clock: it is the one that the claim looks at, and workers'
    /// clocks differ.
    /// </summary>
    internal static Task DelayAsync(PortalDbContext db, Guid operationId, TimeSpan delay, CancellationToken cancellationToken) =>
        db
            .Operations.Where(o => o.Id == operationId)
            .ExecuteUpdateAsync(
                s => s.SetProperty(o => o.NotBefore, o => DateTime.UtcNow.AddSeconds(delay.TotalSeconds)),
                cancellationToken
            );

    private async Task<Claim?> ClaimAsync(Candidate candidate, CancellationToken cancellationToken)
    {
        var (lease, environmentId) = (options.Value.LeaseSeconds, candidate.EnvironmentId);
        var since = Stopwatch.GetTimestamp();
        return await work.WriteAsync(
            async db =>
            {
                // Two workers may see the same candidate; the conditional update lets one of them through.
                if (
                    await db.Environments.Where(e => e.Id == environmentId).TakeAsync(Owner, TimeSpan.FromSeconds(lease), cancellationToken)
                    == 0
                )
                {
                    return null;
                }

                var next = await db
                    .Operations.AsTracking()
                    .Where(o => o.EnvironmentId == environmentId && (o.State == OperationState.Queued || o.State == OperationState.Running))
                    .OrderBy(o => o.Sequence)
                    .FirstOrDefaultAsync(cancellationToken);
                if (next?.Id != candidate.Id)
                {
                    await db.Environments.Where(e => e.Id == environmentId).GiveBackAsync(Owner, cancellationToken);
                    return null;
                }

                var superseded = await QueueTurns
                    .Superseding(db)
                    .AnyAsync(d => d.EnvironmentId == environmentId && d.Sequence > next.Sequence, cancellationToken);
                var walksOn = next.WaitingFor.Length > 0;
                var cutOff = next.State == OperationState.Running || (next.Attempts > 0 && !walksOn);
                (next.State, next.WaitingFor) = (OperationState.Running, "");
                next.Attempts += walksOn || superseded ? 0 : 1;
                next.Epoch = await db
                    .Environments.Where(e => e.Id == environmentId)
                    .Select(e => e.Lease.Epoch)
                    .FirstAsync(cancellationToken);
                if (!walksOn)
                {
                    await QueueTurns.TakenAsync(db, candidate, cancellationToken);
                }

                return new Claim(candidate.Id, new Fence(work, environmentId, Owner, next.Epoch, lease), cutOff, since)
                {
                    WalksOn = walksOn,
                    Superseded = superseded,
                };
            },
            cancellationToken,
            "claim"
        );
    }
}
