using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>Queries that several reads share; each is one statement, and none asks the vault.</summary>
internal static class CredentialQueries
{
    /// <summary>Those that the caller may see.</summary>
    public static IQueryable<SecretReference> Visible(PortalDbContext db, Access access)
    {
        // What an environment that is gone leaves behind is disabled with it, and nobody's task any more.
        var query = db.SecretReferences.Where(r =>
            r.EnvironmentId == null || !db.Environments.Any(e => e.Id == r.EnvironmentId && e.State == EnvironmentState.Deleted)
        );
        if (access.ReadsAll)
        {
            return query;
        }

        var teams = access.TeamIds;
        return query.Where(r =>
            (r.TeamId != null && teams.Contains(r.TeamId.Value))
            || (
                r.TeamId == null
                && db.SecretUses.Any(u =>
                    u.SecretReferenceId == r.Id && db.Environments.Any(e => e.Id == u.EnvironmentId && teams.Contains(e.TeamId))
                )
            )
        );
    }

    public static IQueryable<SecretReference> Filter(
        PortalDbContext db,
        IQueryable<SecretReference> query,
        CredentialFilter filter,
        DateTime now
    )
    {
        if (!string.IsNullOrWhiteSpace(filter.Search))
        {
            // Settings are upper case, names are lower case, so neither needs a function around the column.
            foreach (var word in filter.Search.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var (key, name) = (word.ToUpperInvariant(), word.ToLowerInvariant());
                query = query.Where(r =>
                    r.Key.Contains(key)
                    || r.Name.Contains(name)
                    || db.Environments.Any(e => e.Id == r.EnvironmentId && e.Name.Contains(name))
                    || db.Teams.Any(t => t.Id == r.TeamId && t.DisplayName.ToLower().Contains(name))
                );
            }
        }

        if (!string.IsNullOrEmpty(filter.Team))
        {
            query = query.Where(r =>
                r.TeamId == db.Teams.Where(t => t.Name == filter.Team).Select(t => (Guid?)t.Id).FirstOrDefault() && r.TeamId != null
            );
        }

        if (filter.Kind is { } kind)
        {
            var (keys, known) = (CredentialKinds.KeysOf(kind), CredentialKinds.Known);
            query =
                kind == CredentialKind.Other
                    ? query.Where(r => keys.Contains(r.Key) || !known.Contains(r.Key))
                    : query.Where(r => keys.Contains(r.Key));
        }

        return InState(db, query, filter.State, now);
    }

    /// <summary>Rows; every part is looked up by an index and for the rows of the page only.</summary>
    public static IQueryable<CredentialFacts> Facts(PortalDbContext db, IQueryable<SecretReference> query) =>
        query.Select(r => new CredentialFacts
        {
            Id = r.Id,
            Key = r.Key,
            Name = r.Name,
            EnvironmentId = r.EnvironmentId,
            Environment =
                db.Environments.Where(e => e.Id == r.EnvironmentId).Select(e => e.Name).FirstOrDefault()
                ?? db.ChangeRequests.Where(c => c.EnvironmentId == r.EnvironmentId).Select(c => c.EnvironmentName).FirstOrDefault(),
            Environments =
                r.EnvironmentId == null
                    ? db.SecretUses.Count(u => u.SecretReferenceId == r.Id)
                    : db.Environments.Count(e => e.Id == r.EnvironmentId),
            Team = db.Teams.Where(t => t.Id == r.TeamId).Select(t => t.DisplayName).FirstOrDefault(),
            Current = db
                .SecretVersions.Where(v => v.SecretReferenceId == r.Id && v.State == SecretVersionState.Current)
                .Max(v => (int?)v.Number),
            Newest = db
                .SecretVersions.Where(v => v.SecretReferenceId == r.Id && v.State != SecretVersionState.Disabled)
                .Max(v => (int?)v.Number),
            StoredBy = db
                .SecretVersions.Where(v => v.SecretReferenceId == r.Id)
                .OrderByDescending(v => v.State == SecretVersionState.Current)
                .ThenByDescending(v => v.Number)
                .Select(v => v.CreatedBy)
                .FirstOrDefault(),
            StoredAt = db
                .SecretVersions.Where(v => v.SecretReferenceId == r.Id)
                .OrderByDescending(v => v.State == SecretVersionState.Current)
                .ThenByDescending(v => v.Number)
                .Select(v => (DateTime?)v.CreatedAt)
                .FirstOrDefault(),
            ExpiresAt = r.ExpiresAt,
            LastRotatedAt = r.LastRotatedAt,
            DueAt = r.DueAt,
            IsUnattended = r.IsUnattended,
            HasAnomaly = db.SecretAnomalies.Any(a => a.SecretReferenceId == r.Id),
        });

    private static IQueryable<SecretReference> InState(
        PortalDbContext db,
        IQueryable<SecretReference> query,
        CredentialState? state,
        DateTime now
    )
    {
        var (due, expiring) = (now.AddDays(CredentialStates.DueDays), now.AddDays(CredentialStates.ExpiringDays));
        return state switch
        {
            CredentialState.Expired => query.Where(r => r.ExpiresAt <= now),
            CredentialState.Orphan => query.Where(r => db.SecretAnomalies.Any(a => a.SecretReferenceId == r.Id)),
            CredentialState.Due => query.Where(r => r.DueAt <= due),
            CredentialState.Expiring => query.Where(r => r.ExpiresAt > now && r.ExpiresAt <= expiring),
            CredentialState.NotInUse => query.Where(r => !r.Versions.Any(v => v.State == SecretVersionState.Current)),
            CredentialState.Fine => query.Where(r =>
                (r.DueAt == null || r.DueAt > due)
                && (r.ExpiresAt == null || r.ExpiresAt > expiring)
                && r.Versions.Any(v => v.State == SecretVersionState.Current)
                && !db.SecretAnomalies.Any(a => a.SecretReferenceId == r.Id)
            ),
            _ => query,
        };
    }
}

/// <summary>A row as the database gives it.</summary>
internal sealed class CredentialFacts
{
    public Guid Id { get; init; }

    public string Key { get; init; } = "";

    public string Name { get; init; } = "";

    public Guid? EnvironmentId { get; init; }

    public string? Environment { get; init; }

    public int Environments { get; init; }

    public string? Team { get; init; }

    public int? Current { get; init; }

    public int? Newest { get; init; }

    public string? StoredBy { get; init; }

    public DateTime? StoredAt { get; init; }

    public DateTime? ExpiresAt { get; init; }

    public DateTime? LastRotatedAt { get; init; }

    public DateTime? DueAt { get; init; }

    public bool IsUnattended { get; init; }

    public bool HasAnomaly { get; init; }

    public CredentialRow ToRow(DateTime now) =>
        new(
            Id,
            Key,
            CredentialKinds.Of(Key),
            Name,
            EnvironmentId,
            Environment ?? "",
            Environments,
            Team ?? "",
            Version(Current),
            Version(Newest),
            StoredBy ?? "",
            StoredAt,
            StoredAt is { } at ? Math.Max(0, (int)(now - at).TotalDays) : null,
            ExpiresAt,
            LastRotatedAt,
            DueAt,
            IsUnattended,
            CredentialStates.Of(now, ExpiresAt, DueAt, Current is not null, HasAnomaly)
        );

    private static string Version(int? number) => number is { } n ? $"v{n}" : "";
}
