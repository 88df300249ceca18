using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>What expires in the days to come, of what the caller may see.</summary>
public sealed class CredentialCalendars(UnitOfWork work, TimeProvider time)
{
    /// <summary>Most days that can be asked for.</summary>
    public const int MostDays = 400;

    // A calendar with more than that is of no use; the list has them all.
    private const int MostItems = 2000;

    /// <summary>From today on, days in UTC.</summary>
    public Task<CredentialCalendar> GetAsync(Caller caller, int days, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var today = time.GetUtcNow().UtcDateTime.Date;
                var (from, to) = (
                    DateTime.SpecifyKind(today, DateTimeKind.Utc),
                    DateTime.SpecifyKind(today.AddDays(Math.Clamp(days, 1, MostDays)), DateTimeKind.Utc)
                );
                var visible = CredentialQueries.Visible(db, access);
                var items = await visible
                    .Where(r => r.ExpiresAt >= from && r.ExpiresAt < to)
                    .OrderBy(r => r.ExpiresAt)
                    .ThenBy(r => r.Id)
                    .Take(MostItems)
                    .Select(r => new
                    {
                        r.Id,
                        r.Key,
                        Where = r.EnvironmentId == null
                            ? r.Name
                            : db.Environments.Where(e => e.Id == r.EnvironmentId).Select(e => e.Name).FirstOrDefault(),
                        r.ExpiresAt,
                    })
                    .ToListAsync(cancellationToken);
                var expired = await visible.CountAsync(r => r.ExpiresAt < from, cancellationToken);
                return new CredentialCalendar(
                    DateOnly.FromDateTime(from),
                    (to - from).Days,
                    expired,
                    [
                        .. items
                            .Select(i => new CalendarItem(i.Id, i.Key, i.Where ?? "", i.ExpiresAt!.Value))
                            .GroupBy(i => DateOnly.FromDateTime(i.ExpiresAt))
                            .Select(g => new CalendarDay(g.Key, g.Count(), [.. g])),
                    ]
                );
            },
            cancellationToken
        );
}
