using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Queries that several reads share; each is one statement, with no query per row.</summary>
internal static class EnvironmentQueries
{
    public static IQueryable<GatewayEnvironment> Filter(PortalDbContext db, Access access, EnvironmentFilter filter)
    {
        var query = db.Environments.AsQueryable();
        if (!access.ReadsAll)
        {
            var teams = access.TeamIds;
            query = query.Where(e => teams.Contains(e.TeamId));
        }

        if (!filter.IncludeDeleted)
        {
            query = query.Where(e => e.State != EnvironmentState.Deleted);
        }

        if (!string.IsNullOrWhiteSpace(filter.Search))
        {
            var part = filter.Search.Trim().ToLowerInvariant(); // names are lower case already
            query = query.Where(e => e.Name.Contains(part));
        }

        // What a row shows of it, and what the team is called.
        foreach (var word in (filter.Text ?? "").ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            query = query.Where(e =>
                e.Name.Contains(word)
                || e.Team!.Name.Contains(word)
                || e.Team.DisplayName.ToLower().Contains(word)
                || e.Cluster!.Name.Contains(word)
                || e.Profile.Contains(word)
            );
        }

        if (!string.IsNullOrEmpty(filter.Name))
        {
            query = query.Where(e => e.Name == filter.Name);
        }

        if (!string.IsNullOrEmpty(filter.Team))
        {
            query = query.Where(e => e.Team!.Name == filter.Team);
        }

        if (!string.IsNullOrEmpty(filter.Cluster))
        {
            query = query.Where(e => e.Cluster!.Name == filter.Cluster);
        }

        if (filter.Chart is { } chart)
        {
            query = query.Where(e =>
                db.Revisions.Any(r =>
                    r.EnvironmentId == e.Id
                    && r.Number == (e.AppliedRevision == 0 ? e.ApprovedRevision : e.AppliedRevision)
                    && r.Content.ChartVersionId == chart
                )
            );
        }

        return filter.Health is { } health ? query.Where(e => e.Health == health) : query;
    }

    public static IQueryable<EnvironmentRow> Rows(IQueryable<GatewayEnvironment> query) =>
        query.Select(e => new EnvironmentRow(
            e.Id,
            e.Name,
            e.Team!.Name,
            e.Cluster!.Name,
            e.Edition,
            e.Profile,
            e.State,
            e.Health,
            e.HealthReason,
            e.HealthSince,
            e.AppliedRevision
        ));

    public static IQueryable<OperationRow> Operations(IQueryable<Operation> query) =>
        query.Select(o => new OperationRow(
            o.Id,
            o.EnvironmentId,
            o.Environment!.Name,
            o.Kind,
            o.State,
            o.Revision,
            o.Steps.Where(s => s.State == StepState.Running || s.State == StepState.Failed)
                .OrderBy(s => s.Order)
                .Select(s => s.Name)
                .FirstOrDefault()
                ?? "",
            o.Steps.Count(s => s.State == StepState.Succeeded),
            o.Steps.Count,
            o.CreatedAt,
            o.StartedAt,
            o.EndedAt,
            o.ErrorMessage
        ));
}
