using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>What runs. Reads are limited to what the caller may see; the rest is not found.</summary>
public sealed class EnvironmentService(UnitOfWork work, SecretStore secrets, CostEstimate costs, TimeProvider time)
{
    /// <summary>By name.</summary>
    public Task<Page<EnvironmentRow>> ListAsync(
        Caller caller,
        EnvironmentFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var query = EnvironmentQueries.Filter(db, access, filter);
                if (Cursor.Decode(page.Cursor, 2) is [var name, var last])
                {
                    var id = Cursor.AsGuid(last);
                    query = query.Where(e => e.Name.CompareTo(name) > 0 || (e.Name == name && e.Id.CompareTo(id) > 0));
                }

                var rows = await EnvironmentQueries
                    .Rows(query.OrderBy(e => e.Name).ThenBy(e => e.Id).Take(page.Take + 1))
                    .ToListAsync(cancellationToken);
                return new Page<EnvironmentRow>(
                    [.. rows.Take(page.Take)],
                    rows.Count > page.Take ? Cursor.Encode(rows[page.Take - 1].Name, rows[page.Take - 1].Id) : null
                );
            },
            cancellationToken
        );

    /// <summary>One environment.</summary>
    public Task<EnvironmentView> GetAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var (environment, access) = await FindAsync(db, caller, id, cancellationToken);
                var revision = (
                    await RevisionAsync(
                        db,
                        environment,
                        environment.AppliedRevision == 0 ? environment.ApprovedRevision : environment.AppliedRevision,
                        cancellationToken
                    )
                )!;
                var profile = await db.Profiles.FirstOrDefaultAsync(p => p.Name == revision.Content.Profile, cancellationToken);
                var spec = PortalJson.Read<EnvironmentSpec>(revision.Content.SpecJson);
                var objects = ManifestItems.TryParse(revision.Content.ManifestYaml) ?? [];
                var cost = costs.OfObjects(objects, profile, spec.Scheduling?.Zones);
                var operations = await EnvironmentQueries
                    .Operations(db.Operations.Where(o => o.EnvironmentId == id).OrderByDescending(o => o.Sequence).Take(2))
                    .ToListAsync(cancellationToken);
                var last = operations.FirstOrDefault();
                IReadOnlyList<FindingView> findings =
                [
                    .. await OpenAsync(db, id, cancellationToken),
                    .. NotesOf(environment, revision, objects),
                ];
                var gone = environment.State is EnvironmentState.Deleting or EnvironmentState.Deleted;
                var whyNot =
                    gone ? $"It is {environment.State.ToString().ToLowerInvariant()}."
                    : access.CanPropose(environment.TeamId) ? ""
                    : "Only the team that owns it, and administrators, propose changes.";
                return new EnvironmentView(
                    environment.Id,
                    environment.Name,
                    environment.TeamId,
                    environment.Team!.Name,
                    environment.Team.DisplayName,
                    environment.Cluster!.Name,
                    environment.Namespace,
                    environment.ReleaseName,
                    environment.Edition,
                    revision.Content.Profile,
                    environment.State,
                    environment.Health,
                    environment.HealthReason,
                    environment.HealthSince,
                    environment.HealthCheckedAt,
                    environment.ApprovedRevision,
                    environment.AppliedRevision,
                    $"{revision.Content.ChartVersion!.Name} {revision.Content.ChartVersion.Version}",
                    environment.Endpoint,
                    cost?.Usd ?? 0,
                    environment.CreatedAt,
                    environment.CreatedBy,
                    environment.ExpiresAt,
                    spec,
                    Topology.Of(environment, spec),
                    findings,
                    operations.Find(o => o.State is OperationState.Queued or OperationState.Running),
                    last,
                    new EnvironmentRights(whyNot.Length == 0, whyNot)
                )
                {
                    Cost = cost,
                    Trouble = await TroubleQueries.ReadAsync(db, environment, access, cancellationToken),
                    Upgrades = Newer(
                        await db
                            .ChartVersions.Where(c => c.Edition == environment.Edition && c.RetiredAt == null)
                            .Select(c => c.Version)
                            .ToListAsync(cancellationToken),
                        revision.Content.ChartVersion.Version
                    ),
                };
            },
            cancellationToken
        );

    /// <summary>Home.</summary>
    public Task<HomeView> HomeAsync(Caller caller, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var mine = EnvironmentQueries.Filter(db, access, new EnvironmentFilter());
                var rows = await EnvironmentQueries
                    .Rows(mine.OrderBy(e => e.Team!.Name).ThenBy(e => e.Name).Take(500))
                    .ToListAsync(cancellationToken);
                var counts = await mine.GroupBy(e => e.Health)
                    .Select(g => new { g.Key, Count = g.Count() })
                    .ToDictionaryAsync(g => g.Key, g => g.Count, cancellationToken);
                var ids = mine.Select(e => e.Id);
                var running = await EnvironmentQueries
                    .Operations(
                        db.Operations.Where(o =>
                                ids.Contains(o.EnvironmentId) && (o.State == OperationState.Running || o.State == OperationState.Queued)
                            )
                            .OrderBy(o => o.Sequence)
                            .Take(20)
                    )
                    .ToListAsync(cancellationToken);
                var since = time.GetUtcNow().UtcDateTime.AddDays(-1);
                var teams = access.TeamIds;
                var recent = await db
                    .AuditEvents.Where(e =>
                        e.At >= since
                        && e.EnvironmentId != null
                        && (access.ReadsAll || (e.TeamId != null && teams.Contains(e.TeamId.Value)))
                    )
                    .OrderByDescending(e => e.Id)
                    .Take(50)
                    .Select(e => new
                    {
                        e.At,
                        e.Action,
                        e.Actor,
                        e.TargetKind,
                        e.TargetId,
                        e.TargetName,
                        Name = db.People.Where(p => p.Id == e.Actor).Select(p => p.DisplayName).FirstOrDefault(),
                        Environment = db.Environments.Where(x => x.Id == e.EnvironmentId).Select(x => (Guid?)x.Id).FirstOrDefault(),
                    })
                    .ToListAsync(cancellationToken);
                return new HomeView(
                    rows,
                    counts,
                    running,
                    [
                        .. recent.Select(e => new RecentEvent(
                            e.At,
                            e.Action,
                            e.Actor,
                            e.Name ?? "",
                            e.TargetName,
                            e.Environment,
                            e.TargetKind == "request" && Guid.TryParse(e.TargetId, out var request) ? request : null
                        )),
                    ]
                );
            },
            cancellationToken
        );

    /// <summary>Revisions, newest first.</summary>
    public Task<Page<RevisionView>> RevisionsAsync(Caller caller, Guid id, PageRequest page, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                await FindAsync(db, caller, id, cancellationToken);
                var before = Cursor.Decode(page.Cursor, 1) is [var last] ? Cursor.AsLong(last) : long.MaxValue;
                var rows = await db
                    .Revisions.WithSecrets()
                    .Include(r => r.Content.ChartVersion)
                    .Where(r => r.EnvironmentId == id && r.Number < before)
                    .OrderByDescending(r => r.Number)
                    .Take(page.Take + 1)
                    .Select(r => new
                    {
                        Revision = r,
                        Helm = db.Releases.Where(x => x.EnvironmentId == id && x.Revision == r.Number).Max(x => (int?)x.HelmRevision),
                    })
                    .ToListAsync(cancellationToken);
                var views = rows.Take(page.Take)
                    .Select(r => new RevisionView(
                        r.Revision.Number,
                        r.Revision.Kind,
                        r.Revision.Content.Profile,
                        $"{r.Revision.Content.ChartVersion!.Name} {r.Revision.Content.ChartVersion.Version}",
                        r.Revision.CreatedBy,
                        r.Revision.CreatedAt,
                        r.Revision.AppliedAt,
                        r.Revision.Content.Digest,
                        r.Revision.ChangeRequestId,
                        SecretPins.Versions(r.Revision.Secrets),
                        PortalJson.Read<EnvironmentSpec>(r.Revision.Content.SpecJson),
                        r.Helm
                    ))
                    .ToList();
                return new Page<RevisionView>(views, rows.Count > page.Take ? Cursor.Encode(views[^1].Number) : null);
            },
            cancellationToken
        );

    /// <summary>Open findings.</summary>
    public Task<IReadOnlyList<FindingView>> FindingsAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        work.ReadAsync<IReadOnlyList<FindingView>>(
            async db =>
            {
                var (environment, _) = await FindAsync(db, caller, id, cancellationToken);
                var runs = HasNotes(environment)
                    ? await RevisionAsync(db, environment, environment.AppliedRevision, cancellationToken)
                    : null;
                return
                [
                    .. await OpenAsync(db, id, cancellationToken),
                    .. runs is null ? [] : NotesOf(environment, runs, ManifestItems.TryParse(runs.Content.ManifestYaml) ?? []),
                ];
            },
            cancellationToken
        );

    /// <summary>Secrets, without values.</summary>
    public Task<IReadOnlyList<SecretView>> SecretsAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        work.ReadAsync<IReadOnlyList<SecretView>>(
            async db =>
            {
                var (environment, _) = await FindAsync(db, caller, id, cancellationToken);
                var references = await db
                    .SecretReferences.Include(r => r.Versions)
                    .Where(r => r.EnvironmentId == id || db.SecretUses.Any(u => u.SecretReferenceId == r.Id && u.EnvironmentId == id))
                    .OrderBy(r => r.Key)
                    .ToListAsync(cancellationToken);
                var pins = SecretPins.Of(
                    await db
                        .Revisions.Where(r => r.EnvironmentId == id && r.Number == environment.AppliedRevision)
                        .SelectMany(r => r.Secrets)
                        .ToListAsync(cancellationToken)
                );
                return [.. references.Select(r => SecretView.Of(r, pins.GetValueOrDefault(r.Key)))];
            },
            cancellationToken
        );

    /// <summary>Operations, newest first.</summary>
    public Task<Page<OperationRow>> OperationsAsync(Caller caller, Guid id, PageRequest page, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                await FindAsync(db, caller, id, cancellationToken);
                var before = Cursor.Decode(page.Cursor, 1) is [var last] ? Cursor.AsLong(last) : long.MaxValue;
                var rows = await EnvironmentQueries
                    .Operations(
                        db.Operations.Where(o => o.EnvironmentId == id && o.Sequence < before)
                            .OrderByDescending(o => o.Sequence)
                            .Take(page.Take + 1)
                    )
                    .ToListAsync(cancellationToken);
                var next =
                    rows.Count <= page.Take
                        ? null
                        : Cursor.Encode(
                            await db
                                .Operations.Where(o => o.Id == rows[page.Take - 1].Id)
                                .Select(o => o.Sequence)
                                .FirstAsync(cancellationToken)
                        );
                return new Page<OperationRow>([.. rows.Take(page.Take)], next);
            },
            cancellationToken
        );

    /// <summary>Health of the last 24 hours in bars of ten minutes.</summary>
    public Task<IReadOnlyList<HealthBucket>> HealthHistoryAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                await FindAsync(db, caller, id, cancellationToken);
                var now = time.GetUtcNow().UtcDateTime;
                var from = HealthBars.StartOf(now);
                var samples = await db
                    .HealthSamples.Where(s => s.EnvironmentId == id && s.At >= from)
                    .OrderBy(s => s.At)
                    .ToListAsync(cancellationToken);
                var before = await db
                    .HealthSamples.Where(s => s.EnvironmentId == id && s.At < from)
                    .OrderByDescending(s => s.At)
                    .FirstOrDefaultAsync(cancellationToken);
                return HealthBars.Of(samples, before, now);
            },
            cancellationToken
        );

    /// <summary>Stores a new version of a secret; it is used only after a rotate request is approved. Answers with the version, such as
    /// <c>v3</c>.</summary>
    /// <param name="caller">Who.</param>
    /// <param name="id">Environment.</param>
    /// <param name="key">Setting.</param>
    /// <param name="value">Value.</param>
    /// <param name="expiresAt">UTC expiry of this value, in the future; null for none that is known.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<string> PutSecretAsync(
        Caller caller,
        Guid id,
        string key,
        SecretValue value,
        DateTime? expiresAt,
        CancellationToken cancellationToken
    )
    {
        var environment = await work.ReadAsync(
            async db =>
            {
                var (found, access) = await FindAsync(db, caller, id, cancellationToken);
                return access.CanPropose(found.TeamId)
                    ? found
                    : throw new ForbiddenException("Only the team that owns the environment, and administrators, store its secrets.");
            },
            cancellationToken
        );
        return await secrets.StoreAsync(caller, environment, key, value, expiresAt, cancellationToken);
    }

    private static async Task<(GatewayEnvironment Environment, Access Access)> FindAsync(
        PortalDbContext db,
        Caller caller,
        Guid id,
        CancellationToken cancellationToken
    )
    {
        var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
        var environment = await db
            .Environments.Include(e => e.Team)
            .Include(e => e.Cluster)
            .FirstOrDefaultAsync(e => e.Id == id, cancellationToken);
        return environment is not null && access.CanRead(environment.TeamId)
            ? (environment, access)
            : throw new NotFoundException("environment of this id") { IsSomebodyElses = environment is not null };
    }

    private static Task<Revision?> RevisionAsync(
        PortalDbContext db,
        GatewayEnvironment environment,
        int number,
        CancellationToken cancellationToken
    ) =>
        db
            .Revisions.WithSecrets()
            .Include(r => r.Content.ChartVersion)
            .FirstOrDefaultAsync(r => r.EnvironmentId == environment.Id && r.Number == number, cancellationToken);

    private static async Task<IReadOnlyList<FindingView>> OpenAsync(PortalDbContext db, Guid id, CancellationToken cancellationToken) =>
        [
            .. (
                await db
                    .Findings.Where(f => f.EnvironmentId == id && f.ResolvedAt == null)
                    .OrderByDescending(f => f.Since)
                    .Take(100)
                    .ToListAsync(cancellationToken)
            ).Select(f => new FindingView(f.Severity, f.Kind, f.Kind == ExpiryFindings.Kind ? f.SubjectName : "", f.Message, f.Since)),
        ];

    private static IReadOnlyList<string> Newer(IEnumerable<string> versions, string present) =>
        VersionRange.Parse(present) is not { } now
            ? []
            :
            [
                .. versions
                    .Select(v => (Text: v, Version: VersionRange.Parse(v)))
                    .Where(v => v.Version > now)
                    .OrderByDescending(v => v.Version)
                    .Select(v => v.Text),
            ];

    private static bool HasNotes(GatewayEnvironment environment) =>
        environment.AppliedRevision > 0 && environment.Edition == Edition.Enterprise && environment.State != EnvironmentState.Deleted;

    // The vendor's notes are looked up on read, so that a new row of the table also shows for what already runs.
    private static IEnumerable<FindingView> NotesOf(GatewayEnvironment environment, Revision runs, IReadOnlyList<JsonObject> objects) =>
        !HasNotes(environment)
            ? []
            : VendorNotes
                .OfRunning(
                    PortalJson.Read<EnvironmentSpec>(runs.Content.SpecJson),
                    runs.Content.ChartVersion!.Version,
                    runs.Content.ChartVersion.ImageTag,
                    RunningImages.Of(objects),
                    [.. runs.Secrets.Select(s => s.Key)]
                )
                .Select(f => f with { Since = runs.AppliedAt });
}
