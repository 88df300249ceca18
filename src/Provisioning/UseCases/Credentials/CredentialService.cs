using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>
/// Every credential with its age, owner and dates. Administrators and auditors see all; members those of their teams, and of those that
/// administrators keep for all teams the ones that their environments use. The rest is not found.
/// </summary>
public sealed class CredentialService(UnitOfWork work, TimeProvider time)
{
    private const int WaitingAtMost = 8;

    /// <summary>By setting; where the state asked for is about time, the soonest first.</summary>
    public Task<Page<CredentialRow>> ListAsync(
        Caller caller,
        CredentialFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        work.ReadAsync(
            async db =>
            {
                ArgumentNullException.ThrowIfNull(filter);
                ArgumentNullException.ThrowIfNull(page);
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var query = CredentialPaging.After(
                    CredentialQueries.Filter(db, CredentialQueries.Visible(db, access), filter, Now),
                    filter.State,
                    page.Cursor
                );
                var facts = await CredentialQueries
                    .Facts(db, CredentialPaging.InOrder(query, filter.State).Take(page.Take + 1))
                    .ToListAsync(cancellationToken);
                var rows = facts.Take(page.Take).Select(f => f.ToRow(Now)).ToList();
                return new Page<CredentialRow>(rows, facts.Count > page.Take ? CredentialPaging.CursorOf(rows[^1], filter.State) : null);
            },
            cancellationToken
        );

    /// <summary>One credential.</summary>
    public Task<CredentialView> GetAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var (reference, access) = await FindAsync(db, caller, id, cancellationToken);
                var row = (
                    await CredentialQueries.Facts(db, db.SecretReferences.Where(r => r.Id == id)).FirstAsync(cancellationToken)
                ).ToRow(Now);
                var versions = await db
                    .SecretVersions.Where(v => v.SecretReferenceId == id)
                    .OrderByDescending(v => v.Number)
                    .Take(200)
                    .ToListAsync(cancellationToken);
                var anomalies = await OrphanQueries
                    .Rows(db, db.SecretAnomalies.Where(a => a.SecretReferenceId == id).OrderBy(a => a.Id).Take(100))
                    .ToListAsync(cancellationToken);
                var whyNot = CredentialRules.WhyNotManage(access, reference.TeamId);
                return new CredentialView(
                    row,
                    reference.VaultName,
                    reference.Provider,
                    CredentialPolicy.Of(reference),
                    await UsesAsync(db, access, reference, cancellationToken),
                    [
                        .. versions.Select(v => new CredentialVersion(
                            $"v{v.Number}",
                            v.State,
                            v.CreatedBy,
                            v.CreatedAt,
                            v.ExpiresAt,
                            v.DisabledAt
                        )),
                    ],
                    anomalies,
                    new CredentialRights(whyNot.Length == 0, whyNot)
                )
                {
                    KeyIssuing = await ProviderFacts.ReadAsync(db, reference, cancellationToken),
                };
            },
            cancellationToken
        );

    /// <summary>For Home: what the caller may rotate and should rotate within two weeks, by policy or expiry; the soonest
    /// first.</summary>
    public Task<IReadOnlyList<CredentialRow>> WaitingAsync(Caller caller, CancellationToken cancellationToken) =>
        work.ReadAsync<IReadOnlyList<CredentialRow>>(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                if (access is { IsAdministrator: false, Teams.Count: 0 })
                {
                    return [];
                }

                var (limit, teams) = (Now.AddDays(CredentialStates.DueDays), access.TeamIds);
                var query = CredentialQueries.Visible(db, access).Where(r => r.DueAt <= limit || r.ExpiresAt <= limit);
                if (!access.IsAdministrator)
                {
                    query = query.Where(r => r.TeamId != null && teams.Contains(r.TeamId.Value));
                }

                var soonest = query
                    .OrderBy(r => r.DueAt == null || r.ExpiresAt < r.DueAt ? r.ExpiresAt : r.DueAt)
                    .ThenBy(r => r.Id)
                    .Take(WaitingAtMost);
                return [.. (await CredentialQueries.Facts(db, soonest).ToListAsync(cancellationToken)).Select(f => f.ToRow(Now))];
            },
            cancellationToken
        );

    /// <summary>Where vault and portal differ, newest first. What no credential is known for is for those who read everything.</summary>
    public Task<Page<OrphanRow>> OrphansAsync(Caller caller, PageRequest page, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                ArgumentNullException.ThrowIfNull(page);
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var query = OrphanQueries.Visible(db, access);
                if (Cursor.Decode(page.Cursor, 1) is [var last])
                {
                    var id = Cursor.AsGuid(last);
                    query = query.Where(a => a.Id.CompareTo(id) < 0);
                }

                var rows = await OrphanQueries
                    .Rows(db, query.OrderByDescending(a => a.Id).Take(page.Take + 1))
                    .ToListAsync(cancellationToken);
                return new Page<OrphanRow>(
                    [.. rows.Take(page.Take)],
                    rows.Count > page.Take ? Cursor.Encode(rows[page.Take - 1].Id) : null
                );
            },
            cancellationToken
        );

    internal static async Task<(SecretReference Reference, Access Access)> FindAsync(
        PortalDbContext db,
        Caller caller,
        Guid id,
        CancellationToken cancellationToken
    )
    {
        var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
        var reference = await CredentialQueries.Visible(db, access).FirstOrDefaultAsync(r => r.Id == id, cancellationToken);
        return reference is null
            ? throw new NotFoundException("credential of this id")
            {
                IsSomebodyElses = await db.SecretReferences.AnyAsync(r => r.Id == id, cancellationToken),
            }
            : (reference, access);
    }

    private static async Task<IReadOnlyList<CredentialUse>> UsesAsync(
        PortalDbContext db,
        Access access,
        SecretReference reference,
        CancellationToken cancellationToken
    )
    {
        var (id, teams) = (reference.Id, access.TeamIds);
        var query = reference.EnvironmentId is { } own
            ? db.Environments.Where(e => e.Id == own).Select(e => new { Environment = e, reference.Key })
            : db
                .SecretUses.Where(u => u.SecretReferenceId == id)
                .Join(db.Environments, u => u.EnvironmentId, e => e.Id, (u, e) => new { Environment = e, u.Key });
        return await query
            .Where(u => access.ReadsAll || teams.Contains(u.Environment.TeamId))
            .OrderBy(u => u.Environment.Name)
            .Take(500)
            .Select(u => new CredentialUse(
                u.Environment.Id,
                u.Environment.Name,
                u.Environment.Team!.DisplayName,
                u.Environment.State,
                u.Key
            ))
            .ToListAsync(cancellationToken);
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;
}
