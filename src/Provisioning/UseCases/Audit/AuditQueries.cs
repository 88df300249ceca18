using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Audit;

/// <summary>Finds events by what people see of them, and names what they are about.</summary>
internal static class AuditQueries
{
    /// <summary>Those that match, among those that this person may read.</summary>
    public static async Task<IQueryable<AuditEvent>> FilterAsync(
        PortalDbContext db,
        Access access,
        AuditFilter filter,
        CancellationToken cancellationToken
    )
    {
        var query = db.AuditEvents.AsNoTracking();
        if (!access.ReadsAll)
        {
            var teams = access.TeamIds;
            query = query.Where(e => e.TeamId != null && teams.Contains(e.TeamId.Value));
        }

        if (filter.Actor?.Trim() is { Length: > 0 } actor)
        {
            var actors = await PeopleService.MeantAsync(db, actor, cancellationToken);
            if (AuditActions.Portal.Contains(actor, StringComparison.OrdinalIgnoreCase))
            {
                actors.Add(AuditTrail.System);
            }

            query = query.Where(e => actors.Contains(e.Actor));
        }

        if (filter.Action?.Trim() is { Length: > 0 } action)
        {
            var codes = AuditActions.Meant(action);
            query = query.Where(e => codes.Contains(e.Action));
        }

        if (filter.Team?.Trim() is { Length: > 0 } team)
        {
            query = query.Where(e => db.Teams.Any(t => t.Id == e.TeamId && (t.Name == team || t.DisplayName == team)));
        }

        if (filter.Environment?.Trim() is { Length: > 0 } environment)
        {
            query = await OfEnvironmentAsync(db, query, environment.ToLowerInvariant(), cancellationToken);
        }

        foreach (var word in Words(filter.Text))
        {
            query = query.Where(e =>
                e.TargetName.ToLower().Contains(word)
                || e.Reason.ToLower().Contains(word)
                || e.SourceAddress.Contains(word)
                || e.CorrelationId.Contains(word)
                || e.RequestDigest.Contains(word)
            );
        }

        if (filter.EnvironmentId is { } id)
        {
            query = query.Where(e => e.EnvironmentId == id);
        }

        if (filter.From is { } from)
        {
            query = query.Where(e => e.At >= from);
        }

        return filter.To is { } to ? query.Where(e => e.At < to) : query;
    }

    public static async Task<IReadOnlyList<AuditEventView>> ToViewsAsync(
        PortalDbContext db,
        List<AuditEvent> rows,
        CancellationToken cancellationToken
    )
    {
        var actors = rows.Select(r => r.Actor).Distinct().ToList();
        var names = await db
            .People.AsNoTracking()
            .Where(p => actors.Contains(p.Id))
            .ToDictionaryAsync(p => p.Id, p => p.DisplayName, cancellationToken);
        names[AuditTrail.System] = AuditActions.Portal;
        var ids = rows.Select(r => r.EnvironmentId).OfType<Guid>().Distinct().ToList();
        var environments = await db
            .Environments.AsNoTracking()
            .Where(e => ids.Contains(e.Id))
            .ToDictionaryAsync(e => e.Id, e => e.Name, cancellationToken);
        var teams = await db.Teams.AsNoTracking().ToDictionaryAsync(t => t.Id, t => t.DisplayName, cancellationToken);
        return
        [
            .. rows.Select(e => new AuditEventView(
                e.Id,
                e.Chain,
                e.Index,
                e.At,
                e.Actor,
                names.GetValueOrDefault(e.Actor, e.Actor),
                e.Action,
                e.TargetKind,
                e.TargetId,
                e.TargetName,
                e.EnvironmentId,
                e.BeforeJson,
                e.AfterJson,
                e.Reason,
                e.RequestDigest,
                e.CorrelationId,
                e.SourceAddress,
                e.PreviousHash,
                e.Hash
            )
            {
                EnvironmentName = environments.GetValueOrDefault(e.EnvironmentId ?? Guid.Empty, ""),
                TeamName = teams.GetValueOrDefault(e.TeamId ?? Guid.Empty, ""),
            }),
        ];
    }

    private static async Task<IQueryable<AuditEvent>> OfEnvironmentAsync(
        PortalDbContext db,
        IQueryable<AuditEvent> query,
        string name,
        CancellationToken cancellationToken
    ) =>
        await db.Environments.AnyAsync(x => x.Name == name, cancellationToken)
            ? query.Where(e => db.Environments.Any(x => x.Id == e.EnvironmentId && x.Name == name))
            : query.Where(e => db.Environments.Any(x => x.Id == e.EnvironmentId && x.Name.Contains(name)));

    private static string[] Words(string? text) =>
        (text ?? "").ToLower().Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
