using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Endpoints;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Seeds what a first run needs: profiles and our chart; with a sandbox also its cluster, and the personas with their teams. No
/// environments.</summary>
internal sealed class Seeder(UnitOfWork work, ChartStore charts, AuditTrail audit, IOptions<ProvisioningOptions> options, TimeProvider time)
{
    private static readonly Caller System = new(AuditTrail.System, "", "seed");

    public async Task SeedAsync(CancellationToken cancellationToken)
    {
        var location = Path.GetFullPath(Path.Combine(options.Value.ChartsDirectory, "gateway"));
        var chart = await charts.ResolveAsync(ChartSource.Directory, location, null, null, cancellationToken);
        await work.WriteAsync(
            async db =>
            {
                await ProfilesAsync(db, cancellationToken);
                await GraceAsync(db, cancellationToken);
                await ChartAsync(db, chart, location, cancellationToken);
                await SandboxAsync(db, cancellationToken);
                if (options.Value.SeedPersonas)
                {
                    await PersonasAsync(db, cancellationToken);
                }
            },
            cancellationToken
        );
        await EndpointBackfill.RunAsync(work, time.GetUtcNow().UtcDateTime, cancellationToken);
    }

    // Sizes follow Portkey's deployment guide: nodes of at least 2 vCPU and 4 GiB, two pods for standard use, three over zones for critical
    // use.
    private static async Task ProfilesAsync(PortalDbContext db, CancellationToken cancellationToken)
    {
        if (await db.Profiles.AnyAsync(cancellationToken))
        {
            return;
        }

        db.Profiles.AddRange(SeededProfiles());
        await db.SaveChangesAsync(cancellationToken);
    }

    private static Profile[] SeededProfiles() =>
        [
            new Profile
            {
                Name = "dev",
                DisplayName = "Development",
                Description = "For trying things out: one pod, no redundancy.",
                Order = 1,
                Replicas = 1,
                MaxReplicas = 1,
                Zones = 1,
                CpuRequest = "250m",
                CpuLimit = "1",
                MemoryRequest = "512Mi",
                MemoryLimit = "1Gi",
                NodeCpu = 2,
                NodeMemoryGiB = 4,
                GraceSeconds = 30,
                BuiltInRedisAllowed = true,
            },
            new Profile
            {
                Name = "standard",
                DisplayName = "Standard",
                Description = "For production: two pods, so that one may fail or be replaced.",
                Order = 2,
                Replicas = 2,
                MaxReplicas = 2,
                Zones = 1,
                CpuRequest = "500m",
                CpuLimit = "2",
                MemoryRequest = "1Gi",
                MemoryLimit = "2Gi",
                NodeCpu = 2,
                NodeMemoryGiB = 4,
                GraceSeconds = 120,
                BuiltInRedisAllowed = false,
            },
            new Profile
            {
                Name = "mission-critical",
                DisplayName = "Mission critical",
                Description = "For what must not stop: three pods across three zones, more under load.",
                Order = 3,
                Replicas = 3,
                MaxReplicas = 10,
                Zones = 3,
                CpuRequest = "1",
                CpuLimit = "2",
                MemoryRequest = "2Gi",
                MemoryLimit = "4Gi",
                NodeCpu = 2,
                NodeMemoryGiB = 4,
                GraceSeconds = 300,
                BuiltInRedisAllowed = false,
            },
        ];

    // From configuration, so that a profile is the same in every process of the portal; what runs keeps its grace until it is changed.
    private async Task GraceAsync(PortalDbContext db, CancellationToken cancellationToken)
    {
        var profiles = await db.Profiles.AsTracking().ToListAsync(cancellationToken);
        var unknown = options
            .Value.Profiles.Keys.Where(n => !profiles.Exists(p => p.Name == n))
            .Order(StringComparer.Ordinal)
            .Select(n => $"Portal:Profiles:{n}: there is no profile of this name")
            .ToList();
        if (unknown.Count > 0)
        {
            throw new StartRefusedException(
                $"{string.Join("; ", unknown)}. There are: {string.Join(", ", profiles.OrderBy(p => p.Order).Select(p => p.Name))}."
            );
        }

        foreach (var profile in profiles)
        {
            if (
                options.Value.Profiles.TryGetValue(profile.Name, out var own)
                && own.GraceSeconds is { } grace
                && grace != profile.GraceSeconds
            )
            {
                await audit.AppendAsync(
                    db,
                    System,
                    new AuditEntry("profile.changed", "profile", profile.Name, profile.DisplayName)
                    {
                        Before = new { graceSeconds = profile.GraceSeconds },
                        After = new { graceSeconds = grace },
                    },
                    cancellationToken
                );
                profile.GraceSeconds = grace;
            }
        }
    }

    private async Task ChartAsync(PortalDbContext db, ResolvedChart chart, string location, CancellationToken cancellationToken)
    {
        foreach (var edition in Enum.GetValues<Edition>())
        {
            var known = await db
                .ChartVersions.AsTracking()
                .FirstOrDefaultAsync(c => c.Edition == edition && c.Name == chart.Name && c.Version == chart.Version, cancellationToken);
            if (known is null)
            {
                var row = ChartRows.Of(
                    edition,
                    ChartSource.Directory,
                    location,
                    chart,
                    charts.FactsOf(chart),
                    AuditTrail.System,
                    time.GetUtcNow().UtcDateTime
                );
                row.IsDefault = !await db.ChartVersions.AnyAsync(c => c.Edition == edition && c.IsDefault, cancellationToken);
                db.ChartVersions.Add(row);
                await audit.AppendAsync(
                    db,
                    System,
                    new AuditEntry("chart.registered", "chart", row.Id.ToString(), $"{chart.Name} {chart.Version}")
                    {
                        After = new { edition, digest = row.Digest },
                    },
                    cancellationToken
                );
            }
        }
    }

    private async Task SandboxAsync(PortalDbContext db, CancellationToken cancellationToken)
    {
        if (options.Value.SandboxKubeconfig.Length == 0)
        {
            return;
        }

        var source = "file:" + Path.GetFullPath(options.Value.SandboxKubeconfig);
        var cluster = await db.Clusters.AsTracking().FirstOrDefaultAsync(c => c.Name == "sandbox", cancellationToken);
        if (cluster is null)
        {
            cluster = new Cluster
            {
                Name = "sandbox",
                DisplayName = "Sandbox on this machine",
                KubeconfigSource = source,
                ServiceAddressesReachable = true,
                Zones = 3,
            };
            db.Clusters.Add(cluster);
            await audit.AppendAsync(
                db,
                System,
                new AuditEntry("cluster.registered", "cluster", cluster.Id.ToString(), cluster.Name),
                cancellationToken
            );
        }

        cluster.KubeconfigSource = source; // the data folder may have moved
    }

    private static async Task PersonasAsync(PortalDbContext db, CancellationToken cancellationToken)
    {
        if (await db.Teams.AnyAsync(cancellationToken) || await db.People.AnyAsync(cancellationToken))
        {
            return;
        }

        var (payments, search) = (
            new Team { Name = "payments", DisplayName = "Payments" },
            new Team { Name = "search", DisplayName = "Search" }
        );
        db.Teams.AddRange(payments, search);
        db.People.AddRange(
            new Person { Id = "lead-payments", DisplayName = "Lena Payments" },
            new Person { Id = "lead-search", DisplayName = "Samir Search" },
            new Person
            {
                Id = "admin-1",
                DisplayName = "Ada Admin",
                IsAdministrator = true,
            },
            new Person
            {
                Id = "admin-2",
                DisplayName = "Ben Admin",
                IsAdministrator = true,
            },
            new Person
            {
                Id = "auditor",
                DisplayName = "Aud Auditor",
                IsAuditor = true,
            },
            new Person
            {
                Id = "admin-lead",
                DisplayName = "Alex Admin-Lead",
                IsAdministrator = true,
            }
        );
        db.TeamMembers.AddRange(
            new TeamMember { TeamId = payments.Id, PersonId = "lead-payments" },
            new TeamMember { TeamId = search.Id, PersonId = "lead-search" },
            new TeamMember { TeamId = payments.Id, PersonId = "admin-lead" }
        );
    }
}
