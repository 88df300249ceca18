using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;

namespace Portkey.Portal.Data;

/// <summary>
/// Takes, extends and releases the <see cref="Lease"/> of any row. All times are the database's own, since the clocks of workers differ:
/// the process's clock has no say in who may act.
/// </summary>
public static class Leases
{
    /// <summary>Rows that nobody holds.</summary>
    public static IQueryable<T> Free<T>(this IQueryable<T> rows)
        where T : class, ILeased => rows.Where(r => r.Lease.Until == null || r.Lease.Until < DateTime.UtcNow);

    /// <summary>Rows that somebody holds.</summary>
    public static IQueryable<T> Held<T>(this IQueryable<T> rows)
        where T : class, ILeased => rows.Where(r => r.Lease.Until != null && r.Lease.Until > DateTime.UtcNow);

    /// <summary>Rows that nobody took since, whether or not the time is over.</summary>
    public static IQueryable<T> TakenBy<T>(this IQueryable<T> rows, string owner)
        where T : class, ILeased => rows.Where(r => r.Lease.Owner == owner);

    /// <summary>Takes those of these rows that are free; of two who try at once, one gets it. Returns how many it got.</summary>
    /// <param name="rows">Rows, usually one by its key.</param>
    /// <param name="owner">Who.</param>
    /// <param name="time">How long from now.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="also">What else the same statement sets.</param>
    public static Task<int> TakeAsync<T>(
        this IQueryable<T> rows,
        string owner,
        TimeSpan time,
        CancellationToken cancellationToken,
        Action<UpdateSettersBuilder<T>>? also = null
    )
        where T : class, ILeased
    {
        var seconds = time.TotalSeconds;
        return rows.Free()
            .ExecuteUpdateAsync(
                s =>
                {
                    s.SetProperty(r => r.Lease.Owner, owner)
                        .SetProperty(r => r.Lease.Epoch, r => r.Lease.Epoch + 1)
                        .SetProperty(r => r.Lease.Until, r => DateTime.UtcNow.AddSeconds(seconds));
                    also?.Invoke(s);
                },
                cancellationToken
            );
    }

    /// <summary>Extends it from now on; returns how many of the rows are still the owner's.</summary>
    public static Task<int> ExtendAsync<T>(this IQueryable<T> rows, string owner, TimeSpan time, CancellationToken cancellationToken)
        where T : class, ILeased
    {
        var seconds = time.TotalSeconds;
        return rows.TakenBy(owner)
            .ExecuteUpdateAsync(s => s.SetProperty(r => r.Lease.Until, r => DateTime.UtcNow.AddSeconds(seconds)), cancellationToken);
    }

    /// <summary>Releases it, so that the next need not wait for its end; returns how many of the rows were the owner's
    /// still.</summary>
    public static Task<int> GiveBackAsync<T>(
        this IQueryable<T> rows,
        string owner,
        CancellationToken cancellationToken,
        Action<UpdateSettersBuilder<T>>? also = null
    )
        where T : class, ILeased =>
        rows.TakenBy(owner)
            .ExecuteUpdateAsync(
                s =>
                {
                    s.SetProperty(r => r.Lease.Owner, "").SetProperty(r => r.Lease.Until, (DateTime?)null);
                    also?.Invoke(s);
                },
                cancellationToken
            );
}
