using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Teams;

/// <summary>People and their current roles.</summary>
public sealed class PeopleService(UnitOfWork work)
{
    /// <summary>Current access; null for someone unknown or disabled.</summary>
    public Task<Access?> FindAsync(string personId, CancellationToken cancellationToken) =>
        work.ReadAsync(db => FindAsync(db, personId, cancellationToken), cancellationToken);

    /// <summary>Records what the identity provider said at sign-in: new people have no team.</summary>
    public Task RecordSignInAsync(
        string personId,
        string displayName,
        bool isAdministrator,
        bool isAuditor,
        CancellationToken cancellationToken
    ) =>
        work.WriteAsync(
            async db =>
            {
                var person = await db.People.FirstOrDefaultAsync(p => p.Id == personId, cancellationToken);
                if (person is null)
                {
                    person = new Person { Id = personId, DisplayName = displayName };
                    db.People.Add(person);
                }

                person.DisplayName = displayName;
                person.IsAdministrator = isAdministrator;
                person.IsAuditor = isAuditor;
            },
            cancellationToken
        );

    /// <summary>Names with this part in them, of those that the caller meets: colleagues of the own teams, administrators, and everybody
    /// for those who read everything.</summary>
    public Task<IReadOnlyList<string>> NamesAsync(Caller caller, string part, int most, CancellationToken cancellationToken) =>
        work.ReadAsync<IReadOnlyList<string>>(
            async db =>
            {
                var access = await RequireAsync(db, caller, cancellationToken);
                var (readsAll, teams, lower) = (access.ReadsAll, access.TeamIds, part.Trim().ToLower());
                return await db
                    .People.AsNoTracking()
                    .Where(p =>
                        readsAll || p.IsAdministrator || db.TeamMembers.Any(m => m.PersonId == p.Id && teams.Contains(m.TeamId))
                    )
                    .Where(p => p.DisplayName.ToLower().Contains(lower) || p.Id.ToLower().Contains(lower))
                    .Select(p => p.DisplayName)
                    .Distinct()
                    .OrderBy(n => n)
                    .Take(most)
                    .ToListAsync(cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Whom a text means: the person with this id, or all with it in their name. One that matches nobody stays as it is.</summary>
    internal static async Task<List<string>> MeantAsync(PortalDbContext db, string text, CancellationToken cancellationToken)
    {
        var part = text.ToLower();
        var found = await db
            .People.AsNoTracking()
            .Where(p => p.Id == text || p.DisplayName.ToLower().Contains(part))
            .Select(p => p.Id)
            .ToListAsync(cancellationToken);
        return found.Contains(text) || found.Count == 0 ? [text] : found;
    }

    /// <summary>Current access, or a refusal; the first line of every command.</summary>
    /// <exception cref="ForbiddenException">Unknown to the portal, or disabled.</exception>
    internal static async Task<Access> RequireAsync(PortalDbContext db, Caller caller, CancellationToken cancellationToken) =>
        await FindAsync(db, caller.PersonId, cancellationToken)
        ?? throw new ForbiddenException("Your account is not known here, or it was disabled. Ask an administrator.");

    /// <summary>Current access; null for someone unknown or disabled.</summary>
    internal static async Task<Access?> FindAsync(PortalDbContext db, string personId, CancellationToken cancellationToken)
    {
        var person = await db.People.AsNoTracking().FirstOrDefaultAsync(p => p.Id == personId && p.IsEnabled, cancellationToken);
        if (person is null)
        {
            return null;
        }

        var teams = await db
            .TeamMembers.AsNoTracking()
            .Where(m => m.PersonId == personId)
            .OrderBy(m => m.Team!.Name)
            .Select(m => new TeamView(m.TeamId, m.Team!.Name, m.Team.DisplayName))
            .ToListAsync(cancellationToken);
        return new Access(person.Id, person.DisplayName, person.IsAdministrator, person.IsAuditor, teams);
    }
}
