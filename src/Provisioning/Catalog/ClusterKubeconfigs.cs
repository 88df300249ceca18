using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Audit;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Kubernetes;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Provisioning.Teams;

namespace Portkey.Portal.Provisioning.Catalog;

/// <summary>
/// Replaces the kubeconfig of a cluster. The old one is disabled only after the new one was seen to reach the same cluster; where it does not,
/// nothing is changed.
/// </summary>
public sealed class ClusterKubeconfigs(UnitOfWork work, ISecretWriter vault, AuditTrail audit, ClusterProbe probe, ClusterTrust trust, LiveUpdates live)
{
    private const int Looked = 3;

    /// <summary>Replaces it; administrators only.</summary>
    /// <exception cref="InvalidInputException">The cluster cannot be reached with it, or it is another cluster.</exception>
    /// <exception cref="ConflictException">The kubeconfig is a file of the operator's, or the vault does not take it.</exception>
    public async Task ReplaceAsync(Caller caller, string name, SecretValue kubeconfig, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kubeconfig);
        var (cluster, environments) = await work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                if (!access.IsAdministrator)
                {
                    throw new ForbiddenException("Only administrators replace the kubeconfig of a cluster.");
                }

                var found = await db.Clusters.FirstOrDefaultAsync(c => c.Name == name, cancellationToken) ?? throw new NotFoundException("cluster of this name");
                var there = await db.Environments.Where(e => e.ClusterId == found.Id && e.State == EnvironmentState.Ready).OrderByDescending(e => e.Id).Take(Looked).Select(e => new { e.Id, e.Namespace }).ToListAsync(cancellationToken);
                return (found, there.ToDictionary(e => e.Namespace, e => e.Id, StringComparer.Ordinal));
            },
            cancellationToken);
        if (!cluster.KubeconfigSource.StartsWith(ClusterTrust.Vault, StringComparison.Ordinal))
        {
            throw new ConflictException("kubeconfig-file", $"The kubeconfig of {name} is a file that the portal's operator keeps. Replace the file; it is read anew by itself.");
        }

        var found = await KubeconfigProblems.AskAsync(
            () => probe.AskAsync(kubeconfig.Reveal(), cancellationToken, environments, cluster.PinnedUid), "The cluster could not be used with it, so the old one stays");
        var source = cluster.KubeconfigSource[ClusterTrust.Vault.Length..];
        var (vaultName, old) = (source[..source.LastIndexOf('/')], source[(source.LastIndexOf('/') + 1)..]);
        var version = await vault.StoreAsync(vaultName, kubeconfig, new SecretAttributes("", "kubeconfig", ContentType: "application/yaml"), cancellationToken, "kubeconfig");
        await vault.OrDiscardAsync([new(vaultName, version)], () => work.WriteAsync(
            async db =>
            {
                var row = await db.Clusters.AsTracking().FirstAsync(c => c.Id == cluster.Id, cancellationToken);
                if (row.KubeconfigSource != cluster.KubeconfigSource)
                {
                    throw new ConflictException("kubeconfig-replaced", $"Somebody else has replaced the kubeconfig of {name} meanwhile. Look again.");
                }

                var before = new ClusterPins(row.PinnedServer, row.PinnedAuthority, row.PinnedUid);
                (row.KubeconfigSource, row.ServerVersion, row.Zones, row.LastError) = ($"{ClusterTrust.Vault}{vaultName}/{version}", StoredText.Fit(found.Version, 100), found.Zones, "");
                trust.Pin(row, found.Pins);
                await audit.AppendAsync(
                    db, caller, new AuditEntry("cluster.kubeconfig-replaced", "cluster", row.Id.ToString(), name) { Before = before, After = new { cluster = found.Pins, serverVersion = row.ServerVersion } }, cancellationToken);
                return true;
            },
            cancellationToken));
        live.Publish(cluster.Id);
        await RetireAsync(vaultName, old, name, cancellationToken);
    }

    // It works with the new one already: where the vault does not disable the old one, a person has to, and hears it.
    private async Task RetireAsync(string name, string version, string cluster, CancellationToken cancellationToken)
    {
        try
        {
            await vault.DisableAsync(name, version, cancellationToken);
        }
        catch (VaultException e)
        {
            throw new ConflictException("old-still-enabled", $"{cluster} is used with the new kubeconfig, but the vault did not disable the old one: {e.Message} Disable version {version} of {name} there.");
        }
    }
}
