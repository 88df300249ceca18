using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>Everything a proposal is about, looked up and authorised.</summary>
internal sealed record RequestTarget(
    Guid EnvironmentId,
    Team Team,
    Cluster Cluster,
    string Name,
    string Namespace,
    string Release,
    Profile Profile,
    ChartVersion Chart,
    EnvironmentSpec Spec,
    int BaseRevision,
    IReadOnlyDictionary<string, SecretPin> CurrentSecrets,
    IReadOnlyDictionary<string, SecretReference> References
)
{
    /// <summary>Secrets that an import has put into the vault for it.</summary>
    public IReadOnlyDictionary<string, SecretPin> ImportedSecrets { get; init; } = new Dictionary<string, SecretPin>();

    /// <summary>Manifests of the revision that was approved last; empty for a create.</summary>
    public string ApprovedManifest { get; init; } = "";

    /// <summary>Manifests of the revision that it builds on, or goes back to; empty for a create.</summary>
    public string FromManifest { get; init; } = "";

    /// <summary>Manifests of what was applied last, and so runs; empty where nothing was.</summary>
    public string RunningManifest { get; init; } = "";

    /// <summary>A change that changes nothing that runs. One that failed, or whose gateway no longer serves, may be requested again as it
    /// is.</summary>
    public bool IsAsApproved { get; init; }
}

/// <summary>Resolves a command to its target, collecting every problem on the way.</summary>
internal static class RequestTargets
{
    public const int MaxNameLength = 40;

    public static Task<RequestTarget> ResolveAsync(
        PortalDbContext db,
        Access access,
        ProposeCommand command,
        List<FieldProblem> problems,
        CancellationToken cancellationToken
    ) =>
        command.Kind == RequestKind.Create
            ? ForCreateAsync(db, access, command, problems, cancellationToken)
            : ForExistingAsync(db, access, command, problems, cancellationToken);

    private static async Task<RequestTarget> ForCreateAsync(
        PortalDbContext db,
        Access access,
        ProposeCommand command,
        List<FieldProblem> problems,
        CancellationToken cancellationToken
    )
    {
        var team = await TeamAsync(db, access, command.Team, problems, cancellationToken);
        var name = command.Name ?? "";
        if (name.Length == 0)
        {
            problems.Add(new("name", "Give the environment a name, such as payments-dev."));
        }
        else if (name.Length > MaxNameLength)
        {
            problems.Add(new("name", $"The name has {name.Length} characters; at most {MaxNameLength} are allowed."));
        }
        else if (!Catalog.SettingPatterns.IsDnsLabel(name))
        {
            problems.Add(
                new("name", "Use a DNS label: lower-case letters, digits and hyphens, starting and ending with a letter or digit.")
            );
        }

        var cluster = await ClusterAsync(db, command.Cluster, problems, cancellationToken);
        var spec = command.Spec ?? new EnvironmentSpec();
        if (command.Spec is null)
        {
            problems.Add(new("spec", "A create needs a spec, at least { \"edition\": \"oss\" }."));
        }

        var profile = await ProfileAsync(db, command.Profile ?? "dev", problems, cancellationToken);
        var chart = await ChartAsync(db, spec.Edition, command.ChartVersion, null, problems, cancellationToken);
        var import = await ImportAsync(db, access, command.ImportId, problems, cancellationToken);
        RequestChecks.Refuse(problems, stopHere: team is null || cluster is null || profile is null || chart is null);
        var ns = NamespaceOf(team!.Name, name);
        if (ns.Length > 63)
        {
            problems.Add(new("name", $"Namespace {ns} would have {ns.Length} characters; Kubernetes allows 63. Choose a shorter name."));
        }

        var own = new Dictionary<string, SecretReference>();
        var pins = await SharedSecrets.PinAsync(db, team.Id, spec, [], own, [.. command.Secrets.Keys], problems, cancellationToken);
        return new RequestTarget(
            import?.Id ?? Guid.CreateVersion7(),
            team,
            cluster!,
            name,
            ns,
            HealthInspector.Release,
            profile!,
            chart!,
            spec,
            0,
            pins,
            own
        )
        {
            ImportedSecrets = import is null
                ? new Dictionary<string, SecretPin>()
                : SecretPins
                    .Of(import.Secrets)
                    .Where(p =>
                        !command.Secrets.ContainsKey(p.Key)
                        && !pins.ContainsKey(p.Key)
                        && (
                            Catalog.SettingsCatalog.ByKey.TryGetValue(p.Key, out var s)
                                ? s.HasEffect(spec.Edition, SpecValidator.Value(spec))
                                : VariableRules.WhyNot(p.Key) is null
                        )
                    )
                    .ToDictionary(StringComparer.Ordinal),
        };
    }

    private static async Task<RequestTarget> ForExistingAsync(
        PortalDbContext db,
        Access access,
        ProposeCommand command,
        List<FieldProblem> problems,
        CancellationToken cancellationToken
    )
    {
        foreach (var (field, given) in new[] { ("team", command.Team), ("name", command.Name), ("cluster", command.Cluster) })
        {
            if (given is not null)
            {
                problems.Add(new(field, "This cannot change for an environment that exists. Leave it out."));
            }
        }

        var environment = await db
            .Environments.AsNoTracking()
            .Include(e => e.Team)
            .Include(e => e.Cluster)
            .FirstOrDefaultAsync(e => e.Id == command.EnvironmentId, cancellationToken);
        if (environment is null || !access.CanRead(environment.TeamId))
        {
            throw new NotFoundException("environment of this id") { IsSomebodyElses = environment is not null };
        }

        if (!access.CanPropose(environment.TeamId))
        {
            throw new ForbiddenException("Only the team that owns the environment, and administrators, can propose changes to it.");
        }

        if (environment.State is EnvironmentState.Deleting or EnvironmentState.Deleted)
        {
            throw new ConflictException(
                "environment-gone",
                $"{environment.Name} is {environment.State.ToString().ToLowerInvariant()}; nothing can be proposed for it."
            );
        }

        var latest = await db
            .Revisions.AsNoTracking()
            .WithSecrets()
            .FirstAsync(r => r.EnvironmentId == environment.Id && r.Number == environment.ApprovedRevision, cancellationToken);
        var applied =
            environment.AppliedRevision == 0
            || environment.AppliedRevision == environment.ApprovedRevision
            || environment.State != EnvironmentState.Failed
                ? null
                : await db
                    .Revisions.AsNoTracking()
                    .WithSecrets()
                    .FirstAsync(r => r.EnvironmentId == environment.Id && r.Number == environment.AppliedRevision, cancellationToken);

        // A revision that failed is not what runs: what builds on what runs starts from the last good one.
        var from = applied is not null && command.Kind is (RequestKind.Rotate or RequestKind.Upgrade) ? applied : latest;
        if (command.Kind == RequestKind.Rollback)
        {
            from = await db
                .Revisions.AsNoTracking()
                .FirstOrDefaultAsync(r => r.EnvironmentId == environment.Id && r.Number == command.ToRevision, cancellationToken);
            if (from is null || from.AppliedAt is null)
            {
                throw new InvalidInputException(
                    "revision",
                    $"{environment.Name} has no applied revision {command.ToRevision}. Choose one of its history."
                );
            }

            if (from.Number == latest.Number)
            {
                throw new InvalidInputException("revision", $"Revision {from.Number} is the current one.");
            }
        }

        var spec = command.Spec ?? PortalJson.Read<EnvironmentSpec>(from.Content.SpecJson);
        if (spec.Edition != environment.Edition)
        {
            problems.Add(new("spec.edition", "The edition of an environment cannot change. Create a new environment."));
        }

        var profile = await ProfileAsync(db, command.Profile ?? from.Content.Profile, problems, cancellationToken);
        var chart = await ChartAsync(
            db,
            environment.Edition,
            command.ChartVersion,
            from.Content.ChartVersionId,
            problems,
            cancellationToken
        );
        if (command.Kind == RequestKind.Upgrade && chart is not null && chart.Id == latest.Content.ChartVersionId)
        {
            problems.Add(
                new(
                    "chartVersion",
                    $"{environment.Name} runs chart version {chart.Version} already. Name another one; GET /api/v1/charts lists them."
                )
            );
        }

        RequestChecks.Refuse(problems, stopHere: profile is null || chart is null);
        var references = await db
            .SecretReferences.AsNoTracking()
            .Include(r => r.Versions)
            .Where(r => r.EnvironmentId == environment.Id)
            .ToDictionaryAsync(r => r.Key, cancellationToken);
        var pins = await SharedSecrets.PinAsync(
            db,
            environment.TeamId,
            spec,
            PinsOf(latest, applied, from),
            references,
            [.. command.Secrets.Keys],
            problems,
            cancellationToken
        );
        return new RequestTarget(
            environment.Id,
            environment.Team!,
            environment.Cluster!,
            environment.Name,
            environment.Namespace,
            environment.ReleaseName,
            profile!,
            chart!,
            spec,
            environment.ApprovedRevision,
            pins,
            references
        )
        {
            ApprovedManifest = latest.Content.ManifestYaml,
            FromManifest = from.Content.ManifestYaml,
            RunningManifest =
                environment.AppliedRevision == latest.Number
                    ? latest.Content.ManifestYaml
                    : await db
                        .Revisions.AsNoTracking()
                        .Where(r => r.EnvironmentId == environment.Id && r.Number == environment.AppliedRevision)
                        .Select(r => r.Content.ManifestYaml)
                        .FirstOrDefaultAsync(cancellationToken)
                        ?? "",
            IsAsApproved =
                command is { Kind: RequestKind.Change, Secrets.Count: 0 }
                && environment.State == EnvironmentState.Ready
                && environment.Health != HealthStatus.Unhealthy
                && profile!.Name == latest.Content.Profile
                && chart!.Id == latest.Content.ChartVersionId
                && Canonical(spec) == Canonical(PortalJson.Read<EnvironmentSpec>(latest.Content.SpecJson)),
        };
    }

    // A new version that a failed rotation did not prove is used only after another rotation; secrets of a failed change
    // are what its author wants.
    private static Dictionary<string, SecretPin> PinsOf(Revision latest, Revision? applied, Revision from)
    {
        var pins = SecretPins.Of((from == applied ? applied : latest).Secrets).ToDictionary(StringComparer.Ordinal);
        if (applied is not null && latest.Kind == RequestKind.Rotate)
        {
            foreach (var (key, pin) in SecretPins.Of(applied.Secrets))
            {
                pins[key] = pin;
            }
        }

        return pins;
    }

    // Settings have no order.
    private static string Canonical(EnvironmentSpec spec) =>
        PortalJson.Write(
            spec with
            {
                Settings = Sorted(spec.Settings),
                SharedSecrets = spec.SharedSecrets is null ? null : Sorted(spec.SharedSecrets),
            }
        );

    private static SortedDictionary<string, string> Sorted(IReadOnlyDictionary<string, string> map) =>
        new(map.ToDictionary(), StringComparer.Ordinal);

    /// <summary>Namespace of a team's environment; the team's name comes first, once.</summary>
    public static string NamespaceOf(string team, string name) =>
        name.StartsWith(team + "-", StringComparison.Ordinal) ? name : $"{team}-{name}";

    private static async Task<Team?> TeamAsync(
        PortalDbContext db,
        Access access,
        string? name,
        List<FieldProblem> problems,
        CancellationToken cancellationToken
    )
    {
        var team = string.IsNullOrEmpty(name)
            ? null
            : await db.Teams.AsNoTracking().FirstOrDefaultAsync(t => t.Name == name, cancellationToken);
        if (team is not null && !access.CanPropose(team.Id))
        {
            throw new ForbiddenException($"You are not on team {team.Name}. Ask one of its members to make the request.");
        }

        if (!access.IsAdministrator && access.Teams.Count == 0)
        {
            throw new ForbiddenException("You are on no team, so you cannot make requests. Ask an administrator.");
        }

        if (team is null)
        {
            problems.Add(
                new(
                    "team",
                    string.IsNullOrEmpty(name)
                        ? "Name the team that will own it."
                        : $"There is no team of this name. Yours: {string.Join(", ", access.Teams.Select(t => t.Name))}."
                )
            );
        }

        return team;
    }

    private static async Task<Import?> ImportAsync(
        PortalDbContext db,
        Access access,
        Guid? id,
        List<FieldProblem> problems,
        CancellationToken cancellationToken
    )
    {
        if (id is null)
        {
            return null;
        }

        var import = await db
            .Imports.AsNoTracking()
            .FirstOrDefaultAsync(i => i.Id == id && i.PersonId == access.PersonId, cancellationToken);
        if (import is null || import.UsedAt is not null)
        {
            problems.Add(
                new(
                    "import",
                    import is null
                        ? "You have no import of this id."
                        : "A request has used this import already, or none used it within a week. Import the file again."
                )
            );
            return null;
        }

        return import;
    }

    private static async Task<Cluster?> ClusterAsync(
        PortalDbContext db,
        string? name,
        List<FieldProblem> problems,
        CancellationToken cancellationToken
    )
    {
        var clusters = await db.Clusters.AsNoTracking().Where(c => c.IsEnabled).OrderBy(c => c.Name).ToListAsync(cancellationToken);
        if (name is null && clusters.Count == 1)
        {
            return clusters[0];
        }

        var cluster = clusters.Find(c => c.Name == name);
        if (cluster is null)
        {
            problems.Add(
                new(
                    "cluster",
                    $"{(string.IsNullOrEmpty(name) ? "Name a cluster." : "There is no cluster of this name.")} There are: {string.Join(", ", clusters.Select(c => c.Name))}."
                )
            );
        }

        return cluster;
    }

    private static async Task<Profile?> ProfileAsync(
        PortalDbContext db,
        string name,
        List<FieldProblem> problems,
        CancellationToken cancellationToken
    )
    {
        var profiles = await db.Profiles.AsNoTracking().OrderBy(p => p.Order).ToListAsync(cancellationToken);
        var profile = profiles.Find(p => p.Name == name);
        if (profile is null)
        {
            problems.Add(
                new("profile", $"There is no profile of this name. There are: {string.Join(", ", profiles.Select(p => p.Name))}.")
            );
        }

        return profile;
    }

    private static async Task<ChartVersion?> ChartAsync(
        PortalDbContext db,
        Edition edition,
        string? version,
        Guid? present,
        List<FieldProblem> problems,
        CancellationToken cancellationToken
    )
    {
        var charts = await db.ChartVersions.AsNoTracking().Where(c => c.Edition == edition).ToListAsync(cancellationToken);
        var chart = version is not null
            ? charts.Find(c => c.Version == version)
            : charts.Find(c => present is { } id ? c.Id == id : c.IsDefault);
        if (chart is null)
        {
            problems.Add(
                new(
                    "chartVersion",
                    version is null
                        ? "There is no default chart for this edition. An administrator must register one."
                        : $"There is no such chart version for the edition. There are: {string.Join(", ", charts.Where(c => c.RetiredAt is null).Select(c => c.Version))}."
                )
            );
        }
        else if (chart.RetiredAt is not null && chart.Id != present)
        {
            problems.Add(new("chartVersion", Catalog.ChartRows.WhyRetired(chart)));
        }

        return chart;
    }
}

/// <summary>Throws what was collected.</summary>
internal static class RequestChecks
{
    public static void Refuse(List<FieldProblem> problems, bool stopHere)
    {
        if (stopHere && problems.Count > 0)
        {
            throw new InvalidInputException(problems);
        }
    }
}
