using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>The right to act on one environment was lost: another worker holds it now. Nothing may be written or done any more.</summary>
public sealed class FenceLostException() : Exception("Another worker has taken over this environment.");

/// <summary>
/// A worker's right to act on one environment: a lease that ends by the database's clock, and an epoch that grows with every claim.
/// It is checked before every side effect and inside every transaction that writes a result.
/// </summary>
public sealed class Fence(UnitOfWork work, Guid environmentId, string owner, long epoch, int leaseSeconds)
{
    /// <summary>Epoch.</summary>
    public long Epoch { get; } = epoch;

    /// <summary>Seconds that the right lasts from each renewal.</summary>
    public int LeaseSeconds { get; } = leaseSeconds;

    /// <summary>Throws when the right is lost.</summary>
    /// <exception cref="FenceLostException">Another worker has taken over, or the lease ended.</exception>
    public Task EnsureAsync(CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                await EnsureAsync(db, cancellationToken);
                return true;
            },
            cancellationToken
        );

    /// <summary>The same inside the caller's transaction.</summary>
    public async Task EnsureAsync(PortalDbContext db, CancellationToken cancellationToken)
    {
        if (!await Mine(db).Held().AnyAsync(cancellationToken))
        {
            throw new FenceLostException();
        }
    }

    /// <summary>Makes the lease last longer; false when it is lost.</summary>
    public Task<bool> RenewAsync(CancellationToken cancellationToken) =>
        work.WriteAsync(
            async db => await Mine(db).ExtendAsync(owner, TimeSpan.FromSeconds(LeaseSeconds), cancellationToken) == 1,
            cancellationToken,
            "renew"
        );

    /// <summary>Releases the lease, so that the next claim need not wait for its end.</summary>
    public Task ReleaseAsync(CancellationToken cancellationToken) =>
        work.WriteAsync(db => Mine(db).GiveBackAsync(owner, cancellationToken), cancellationToken, "release");

    private IQueryable<GatewayEnvironment> Mine(PortalDbContext db) =>
        db.Environments.TakenBy(owner).Where(e => e.Id == environmentId && e.Lease.Epoch == Epoch);
}
