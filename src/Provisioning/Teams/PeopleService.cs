using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Teams;

/// <summary>People and their current roles.</summary>
public sealed class PeopleService(UnitOfWork work)
{
    /// <summary>Current access; null for someone unknown or disabled.</summary>
    public Task<Access?> FindAsync(string personId, CancellationToken cancellationToken) =>
        work.ReadAsync(db => FindAsync(db, personId, cancellationToken), cancellationToken);

    /// <summary>Writes down what the identity provider said at sign-in: new people come with no team.</summary>
    public Task RecordSignInAsync(string personId, string displayName, bool isAdministrator, bool isAuditor, CancellationToken cancellationToken) =>
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
            cancellationToken);

    /// <summary>Current access, or a refusal; the first line of every command.</summary>
    /// <exception cref="ForbiddenException">Nobody the portal knows, or disabled.</exception>
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

        var teams = await db.TeamMembers.AsNoTracking().Where(m => m.PersonId == personId)
            .OrderBy(m => m.Team!.Name)
            .Select(m => new TeamView(m.TeamId, m.Team!.Name, m.Team.DisplayName))
            .ToListAsync(cancellationToken);
        return new Access(person.Id, person.DisplayName, person.IsAdministrator, person.IsAuditor, teams);
    }
}
