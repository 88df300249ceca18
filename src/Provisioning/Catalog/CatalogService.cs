using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Audit;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Helm;
using Portkey.Portal.Provisioning.Kubernetes;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Provisioning.Teams;

namespace Portkey.Portal.Provisioning.Catalog;

/// <summary>What requests may choose from.</summary>
public sealed class CatalogService(UnitOfWork work, ChartStore charts, ISecretWriter vault, AuditTrail audit, TimeProvider time)
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

    /// <summary>Chart versions.</summary>
    public Task<IReadOnlyList<ChartView>> ChartsAsync(Caller caller, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<ChartView>>(
        caller,
        async (db, _) => [.. (await db.ChartVersions.OrderBy(c => c.Name).ThenBy(c => c.Edition).ThenByDescending(c => c.RegisteredAt).ToListAsync(cancellationToken)).Select(ViewOf)],
        cancellationToken);

    /// <summary>Settings.</summary>
    public Task<IReadOnlyList<SettingView>> SettingsAsync(Caller caller, CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<SettingView>>(
        caller,
        (_, _) => Task.FromResult<IReadOnlyList<SettingView>>([.. SettingsCatalog.All.Select(s => s.View)]),
        cancellationToken);

    /// <summary>Registers a chart version; administrators only.</summary>
    public async Task<ChartView> RegisterChartAsync(Caller caller, RegisterChartCommand command, CancellationToken cancellationToken)
    {
        await RequireAdministratorAsync(caller, "register charts", cancellationToken);
        if (string.IsNullOrWhiteSpace(command.Location) || command.Location.Length > 2000)
        {
            throw new InvalidInputException("location", "Name a directory, a repository as https://host/path#chart, or an oci:// reference; at most 2000 characters.");
        }

        ResolvedChart chart;
        try
        {
            chart = await charts.ResolveAsync(command.Source, command.Location, command.Version, null, cancellationToken);
        }
        catch (Exception e) when (e is ChartException or HelmException)
        {
            throw new InvalidInputException("location", $"The chart could not be read: {e.Message}");
        }

        if (command.Version is { Length: > 0 } wanted && wanted != chart.Version)
        {
            throw new InvalidInputException("version", $"The chart there is version {chart.Version}, not {wanted}.");
        }

        return await work.WriteAsync(
            async db =>
            {
                if (await db.ChartVersions.AnyAsync(c => c.Edition == command.Edition && c.Name == chart.Name && c.Version == chart.Version, cancellationToken))
                {
                    throw new ConflictException("chart-registered", $"Chart {chart.Name} {chart.Version} is registered for this edition already. Give a changed chart a new version.");
                }

                if (command.MakeDefault)
                {
                    await db.ChartVersions.Where(c => c.Edition == command.Edition && c.IsDefault).ExecuteUpdateAsync(s => s.SetProperty(c => c.IsDefault, false), cancellationToken);
                }

                var row = ChartRows.Of(command.Edition, command.Source, command.Location, chart, caller.PersonId, time.GetUtcNow().UtcDateTime);
                row.IsDefault = command.MakeDefault || !await db.ChartVersions.AnyAsync(c => c.Edition == command.Edition && c.IsDefault, cancellationToken);
                db.ChartVersions.Add(row);
                await audit.AppendAsync(
                    db, caller, new AuditEntry("chart.registered", "chart", row.Id.ToString(), $"{chart.Name} {chart.Version}") { After = new { edition = row.Edition, digest = row.Digest, isDefault = row.IsDefault } }, cancellationToken);
                return ViewOf(row);
            },
            cancellationToken);
    }

    /// <summary>Registers a cluster; administrators only. The kubeconfig goes to the vault.</summary>
    public async Task<ClusterView> RegisterClusterAsync(Caller caller, string name, SecretValue kubeconfig, CancellationToken cancellationToken)
    {
        await RequireAdministratorAsync(caller, "register clusters", cancellationToken);
        if (!SettingPatterns.IsDnsLabel(name))
        {
            throw new InvalidInputException("name", "Use a DNS label: lower-case letters, digits and hyphens, at most 63 characters.");
        }

        (string Version, int Zones) found;
        try
        {
            found = await ClusterConnections.ProbeAsync(kubeconfig.Reveal(), cancellationToken);
        }
        catch (ClusterException e)
        {
            throw new InvalidInputException("kubeconfig", $"The cluster could not be reached with it: {e.Message}");
        }

        var row = new Cluster { Name = name, DisplayName = name, KubeconfigSource = "" };
        var vaultName = $"cluster-{row.Id:N}-kubeconfig";
        row.KubeconfigSource = $"vault:{vaultName}/{await vault.SetAsync(vaultName, kubeconfig, cancellationToken)}";
        row.ServerVersion = StoredText.Fit(found.Version, 100);
        row.Zones = found.Zones;
        row.LastSeenAt = time.GetUtcNow().UtcDateTime;
        return await work.WriteAsync(
            async db =>
            {
                if (await db.Clusters.AnyAsync(c => c.Name == name, cancellationToken))
                {
                    throw new ConflictException("name-taken", $"There is a cluster named {name} already.");
                }

                db.Clusters.Add(row);
                await audit.AppendAsync(db, caller, new AuditEntry("cluster.registered", "cluster", row.Id.ToString(), name) { After = new { serverVersion = row.ServerVersion, zones = row.Zones } }, cancellationToken);
                return ViewOf(row);
            },
            cancellationToken);
    }

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

    private static ClusterView ViewOf(Cluster c) => new(c.Id, c.Name, c.DisplayName, c.ServerVersion, c.Zones, c.LastSeenAt, c.LastError, c.IsEnabled);

    private static ChartView ViewOf(ChartVersion c) => new(c.Id, c.Edition, c.Source, c.Name, c.Version, c.AppVersion, c.Digest, c.ImageTag, c.IsDefault, c.RegisteredAt, c.RegisteredBy);
}
