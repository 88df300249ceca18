using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>What requests may choose from.</summary>
public sealed class CatalogService(UnitOfWork work, IOptions<RateCard> rateCard, CostEstimate costs)
{
    /// <summary>Teams the caller may act for; all for those who read everything.</summary>
    public Task<IReadOnlyList<TeamView>> TeamsAsync(Caller caller, CancellationToken cancellationToken) =>
        ReadAsync(
            caller,
            async (db, access) =>
                access.ReadsAll
                    ? await db
                        .Teams.OrderBy(t => t.Name)
                        .Select(t => new TeamView(t.Id, t.Name, t.DisplayName))
                        .ToListAsync(cancellationToken)
                    : access.Teams,
            cancellationToken
        );

    /// <summary>Clusters; counted, each with how many environments the caller may see in it.</summary>
    public Task<IReadOnlyList<ClusterView>> ClustersAsync(Caller caller, CancellationToken cancellationToken, bool counted = false) =>
        ReadAsync<IReadOnlyList<ClusterView>>(
            caller,
            async (db, access) =>
            {
                var clusters = (await db.Clusters.OrderBy(c => c.Name).ToListAsync(cancellationToken)).Select(ViewOf);
                if (!counted)
                {
                    return [.. clusters];
                }

                var used = await Seen(db, access)
                    .GroupBy(e => e.ClusterId)
                    .ToDictionaryAsync(g => g.Key, g => g.Count(), cancellationToken);
                return [.. clusters.Select(c => c with { Environments = used.GetValueOrDefault(c.Id) })];
            },
            cancellationToken
        );

    /// <summary>Profiles in their order.</summary>
    public Task<IReadOnlyList<ProfileView>> ProfilesAsync(Caller caller, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<ProfileView>>(
            caller,
            async (db, _) => [.. (await db.Profiles.OrderBy(p => p.Order).ToListAsync(cancellationToken)).Select(ViewOf)],
            cancellationToken
        );

    /// <summary>A size for the traffic, by the profiles and the rate card.</summary>
    public async Task<SizeProposal> SizeAsync(Caller caller, Traffic traffic, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        foreach (
            var (field, right, message) in new[]
            {
                ("requestsPerMinute", traffic.RequestsPerMinute is >= 1 and <= 10_000_000, "Use 1 to 10000000 requests a minute."),
                ("logKilobytes", traffic.LogKilobytes is >= 1 and <= 16_000, "Use 1 to 16000 kB a log document."),
                ("retentionDays", traffic.RetentionDays is >= 0 and <= 3650, "Use 0 to 3650 days."),
                ("busyShare", traffic.BusyShare is >= 0.01 and <= 1, "Use 0.01 to 1."),
            }
        )
        {
            if (!right)
            {
                problems.Add(new(field, message));
            }
        }

        return problems.Count > 0
            ? throw new InvalidInputException(problems)
            : Sizing.Propose(
                traffic,
                await ReadAsync(caller, (db, _) => db.Profiles.OrderBy(p => p.Order).ToListAsync(cancellationToken), cancellationToken),
                rateCard.Value,
                costs
            );
    }

    /// <summary>Chart versions; counted, each with how many environments the caller may see on it.</summary>
    public Task<IReadOnlyList<ChartView>> ChartsAsync(Caller caller, CancellationToken cancellationToken, bool counted = false) =>
        ReadAsync<IReadOnlyList<ChartView>>(
            caller,
            async (db, access) =>
            {
                var charts = (
                    await db
                        .ChartVersions.OrderBy(c => c.Name)
                        .ThenBy(c => c.Edition)
                        .ThenByDescending(c => c.RegisteredAt)
                        .ToListAsync(cancellationToken)
                ).Select(ChartRows.View);
                if (!counted)
                {
                    return [.. charts];
                }

                var used = await Seen(db, access)
                    .Join(
                        db.Revisions,
                        e => new { Environment = e.Id, Number = e.AppliedRevision == 0 ? e.ApprovedRevision : e.AppliedRevision },
                        r => new { Environment = r.EnvironmentId, r.Number },
                        (_, r) => r.Content.ChartVersionId
                    )
                    .GroupBy(chart => chart)
                    .ToDictionaryAsync(g => g.Key, g => g.Count(), cancellationToken);
                return [.. charts.Select(c => c with { Environments = used.GetValueOrDefault(c.Id) })];
            },
            cancellationToken
        );

    /// <summary>Settings.</summary>
    public Task<IReadOnlyList<SettingView>> SettingsAsync(Caller caller, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<SettingView>>(
            caller,
            (_, _) => Task.FromResult<IReadOnlyList<SettingView>>([.. SettingsCatalog.All.Select(s => s.View)]),
            cancellationToken
        );

    private static IQueryable<GatewayEnvironment> Seen(PortalDbContext db, Access access)
    {
        var teams = access.TeamIds;
        return db.Environments.Where(e => e.State != EnvironmentState.Deleted && (access.ReadsAll || teams.Contains(e.TeamId)));
    }

    private Task<T> ReadAsync<T>(Caller caller, Func<PortalDbContext, Access, Task<T>> read, CancellationToken cancellationToken) =>
        work.ReadAsync(async db => await read(db, await PeopleService.RequireAsync(db, caller, cancellationToken)), cancellationToken);

    private ProfileView ViewOf(Profile p)
    {
        var cost = costs.OfProfile(p);
        return new ProfileView(
            p.Name,
            p.DisplayName,
            p.Description,
            p.Replicas,
            p.MaxReplicas,
            p.Zones,
            p.CpuRequest,
            p.CpuLimit,
            p.MemoryRequest,
            p.MemoryLimit,
            p.NodeCpu,
            p.NodeMemoryGiB,
            cost?.Usd ?? 0,
            p.BuiltInRedisAllowed
        )
        {
            GraceSeconds = p.GraceSeconds,
            Cost = cost,
        };
    }

    /// <summary>The cluster of that name or id, as people see it.</summary>
    public Task<ClusterView> ClusterAsync(Caller caller, string cluster, CancellationToken cancellationToken) =>
        ReadAsync(caller, async (db, _) => ViewOf(await ClusterRows.FindAsync(db, cluster, cancellationToken)), cancellationToken);

    internal static ClusterView ViewOf(Cluster c) =>
        new(
            c.Id,
            c.Name,
            c.DisplayName,
            c.ServerVersion,
            c.Zones,
            c.LastSeenAt,
            c.LastError,
            c.IsEnabled,
            SecretDeliveryView.Of(SecretDeliverySettings.Of(c))
        )
        {
            PreflightJobs = c.PreflightJobs,
            IsKubeconfigInVault = c.KubeconfigSource.StartsWith(ClusterTrust.Vault, StringComparison.Ordinal),
            Nodes = PortalJson.Read<List<NodeRoom>>(c.NodesJson),
            Pins = c.PinnedServer.Length == 0 ? null : ClusterPins.Of(c),
        };
}
