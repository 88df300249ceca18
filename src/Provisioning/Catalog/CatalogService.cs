using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Audit;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Kubernetes;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Provisioning.Teams;

namespace Portkey.Portal.Provisioning.Catalog;

/// <summary>What requests may choose from.</summary>
public sealed class CatalogService(UnitOfWork work, ISecretWriter vault, AuditTrail audit, ClusterProbe probe, ClusterTrust trust, TimeProvider time, IOptions<RateCard> rateCard)
{
    /// <summary>Teams the caller may act for; all for those who read everything.</summary>
    public Task<IReadOnlyList<TeamView>> TeamsAsync(Caller caller, CancellationToken cancellationToken) => ReadAsync(
        caller,
        async (db, access) => access.ReadsAll
            ? await db.Teams.OrderBy(t => t.Name).Select(t => new TeamView(t.Id, t.Name, t.DisplayName)).ToListAsync(cancellationToken)
            : access.Teams,
        cancellationToken);

    /// <summary>Clusters.</summary>
    public Task<IReadOnlyList<ClusterView>> ClustersAsync(Caller caller, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<ClusterView>>(
        caller,
        async (db, _) => [.. (await db.Clusters.OrderBy(c => c.Name).ToListAsync(cancellationToken)).Select(ViewOf)],
        cancellationToken);

    /// <summary>Profiles in their order.</summary>
    public Task<IReadOnlyList<ProfileView>> ProfilesAsync(Caller caller, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<ProfileView>>(
        caller,
        async (db, _) => await db.Profiles.OrderBy(p => p.Order).Select(p => new ProfileView(
            p.Name, p.DisplayName, p.Description, p.Replicas, p.MaxReplicas, p.Zones, p.CpuRequest, p.CpuLimit, p.MemoryRequest, p.MemoryLimit, p.NodeCpu, p.NodeMemoryGiB,
            p.MonthlyCostUsd, p.BuiltInRedisAllowed)).ToListAsync(cancellationToken),
        cancellationToken);

    /// <summary>A size for the traffic, by the profiles and the rate card.</summary>
    public async Task<SizeProposal> SizeAsync(Caller caller, Traffic traffic, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        foreach (var (field, right, message) in new[]
        {
            ("requestsPerMinute", traffic.RequestsPerMinute is >= 1 and <= 10_000_000, "Use 1 to 10000000 requests a minute."),
            ("logKilobytes", traffic.LogKilobytes is >= 1 and <= 16_000, "Use 1 to 16000 kB a log document."),
            ("retentionDays", traffic.RetentionDays is >= 0 and <= 3650, "Use 0 to 3650 days."),
            ("busyShare", traffic.BusyShare is >= 0.01 and <= 1, "Use 0.01 to 1."),
        })
        {
            if (!right)
            {
                problems.Add(new(field, message));
            }
        }

        return problems.Count > 0 ? throw new InvalidInputException(problems) : Sizing.Propose(traffic, await ProfilesAsync(caller, cancellationToken), rateCard.Value);
    }

    /// <summary>Chart versions.</summary>
    public Task<IReadOnlyList<ChartView>> ChartsAsync(Caller caller, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<ChartView>>(
        caller,
        async (db, _) => [.. (await db.ChartVersions.OrderBy(c => c.Name).ThenBy(c => c.Edition).ThenByDescending(c => c.RegisteredAt).ToListAsync(cancellationToken)).Select(ChartRows.View)],
        cancellationToken);

    /// <summary>Settings.</summary>
    public Task<IReadOnlyList<SettingView>> SettingsAsync(Caller caller, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<SettingView>>(
        caller,
        (_, _) => Task.FromResult<IReadOnlyList<SettingView>>([.. SettingsCatalog.All.Select(s => s.View)]),
        cancellationToken);

    /// <summary>Registers a cluster; administrators only. The kubeconfig goes to the vault.</summary>
    public async Task<ClusterView> RegisterClusterAsync(Caller caller, string name, SecretValue kubeconfig, CancellationToken cancellationToken)
    {
        await RequireAdministratorAsync(caller, "register clusters", cancellationToken);
        if (!SettingPatterns.IsDnsLabel(name))
        {
            throw new InvalidInputException("name", "Use a DNS label: lower-case letters, digits and hyphens, at most 63 characters.");
        }

        await work.ReadAsync(db => RefuseTakenAsync(db, name, cancellationToken), cancellationToken);
        var found = await KubeconfigProblems.AskAsync(() => probe.AskAsync(kubeconfig.Reveal(), cancellationToken), "The cluster could not be reached with it");
        var row = new Cluster { Name = name, DisplayName = name, KubeconfigSource = "" };
        var vaultName = vault.NameFor("", ClusterTrust.VaultName(row.Id));
        var version = await vault.StoreAsync(vaultName, kubeconfig, new SecretAttributes("", "kubeconfig", ContentType: "application/yaml"), cancellationToken, "kubeconfig");
        row.KubeconfigSource = $"vault:{vaultName}/{version}";
        row.ServerVersion = StoredText.Fit(found.Version, 100);
        row.Zones = found.Zones;
        row.LastSeenAt = time.GetUtcNow().UtcDateTime;
        return await vault.OrDiscardAsync([new(vaultName, version)], () => work.WriteAsync(
            async db =>
            {
                await RefuseTakenAsync(db, name, cancellationToken);
                if (await db.Clusters.Where(c => c.PinnedUid == found.Pins.Uid).Select(c => c.Name).FirstOrDefaultAsync(cancellationToken) is { } same)
                {
                    throw new ConflictException("cluster-known", $"This cluster is registered already, as {same}: its namespace kube-system has UID {found.Pins.Uid}. Two names for one cluster would work against each other.");
                }

                trust.Pin(row, found.Pins);
                db.Clusters.Add(row);
                await audit.AppendAsync(
                    db, caller, new AuditEntry("cluster.registered", "cluster", row.Id.ToString(), name) { After = new { serverVersion = row.ServerVersion, zones = row.Zones, cluster = found.Pins } }, cancellationToken);
                return ViewOf(row);
            },
            cancellationToken));
    }

    private static async Task<bool> RefuseTakenAsync(PortalDbContext db, string name, CancellationToken cancellationToken) => await db.Clusters.AnyAsync(c => c.Name == name, cancellationToken)
        ? throw new ConflictException("name-taken", $"There is a cluster named {name} already.")
        : true;

    private async Task RequireAdministratorAsync(Caller caller, string what, CancellationToken cancellationToken)
    {
        var access = await work.ReadAsync(db => PeopleService.RequireAsync(db, caller, cancellationToken), cancellationToken);
        if (!access.IsAdministrator)
        {
            throw new ForbiddenException($"Only administrators {what}.");
        }
    }

    private Task<T> ReadAsync<T>(Caller caller, Func<PortalDbContext, Access, Task<T>> read, CancellationToken cancellationToken) => work.ReadAsync(
        async db => await read(db, await PeopleService.RequireAsync(db, caller, cancellationToken)),
        cancellationToken);

    internal static ClusterView ViewOf(Cluster c) => new(c.Id, c.Name, c.DisplayName, c.ServerVersion, c.Zones, c.LastSeenAt, c.LastError, c.IsEnabled, SecretSyncView.Of(SecretSyncSettings.Of(c)))
    {
        IsKubeconfigInVault = c.KubeconfigSource.StartsWith(ClusterTrust.Vault, StringComparison.Ordinal),
        Pins = c.PinnedServer.Length == 0 ? null : new ClusterPins(c.PinnedServer, c.PinnedAuthority, c.PinnedUid),
    };
}
