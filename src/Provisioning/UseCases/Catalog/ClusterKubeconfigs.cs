using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Changes;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>
/// Replaces the kubeconfig of a cluster: it must first reach the same cluster, then a second administrator approves it, and only when
/// it is in force the old one is disabled.
/// </summary>
public sealed class ClusterKubeconfigs(
    UnitOfWork work,
    ChangeProposals proposals,
    ISecretWriter vault,
    AuditTrail audit,
    ClusterProbe probe,
    ClusterTrust trust
) : IChangeEffect
{
    private const int Looked = 3;

    /// <inheritdoc/>
    public GovernanceKind Kind => GovernanceKind.Kubeconfig;

    /// <summary>Proposes it; administrators only.</summary>
    /// <exception cref="InvalidInputException">The cluster cannot be reached with it, or it is another cluster.</exception>
    /// <exception cref="ConflictException">The kubeconfig is a file of the operator's, or the vault does not take it.</exception>
    public async Task<ChangeOutcome> ReplaceAsync(Caller caller, string name, SecretValue kubeconfig, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kubeconfig);
        var (cluster, environments) = await work.ReadAsync(db => FindAsync(db, caller, name, cancellationToken), cancellationToken);
        if (!cluster.KubeconfigSource.StartsWith(ClusterTrust.Vault, StringComparison.Ordinal))
        {
            throw new ConflictException(
                "kubeconfig-file",
                $"The kubeconfig of {name} is a file that the portal's operator keeps. Replace the file; it is read again automatically."
            );
        }

        var found = await KubeconfigProblems.AskAsync(
            () => probe.AskAsync(kubeconfig.Reveal(), cancellationToken, environments, cluster.PinnedUid),
            "The cluster could not be used with it, so the old one stays"
        );
        var (vaultName, version) = await KubeconfigVault.StoreAsync(vault, kubeconfig, cancellationToken);
        try
        {
            var draft = new ChangeDraft(
                cluster.Id.ToString(),
                name,
                $"replace the kubeconfig of {name}",
                KubeconfigVault.Facts(ClusterPins.Of(cluster), cluster.ServerVersion),
                KubeconfigVault.Facts(found.Pins, found.Version),
                new Payload(cluster.KubeconfigSource, StoredText.Fit(found.Version, 100), found.Zones, found.Pins)
            )
            {
                VaultName = vaultName,
                VaultVersion = version,
            };
            return await proposals.SubmitAsync(caller, draft, this, cancellationToken);
        }
        catch (Exception e) when (VaultWrites.HasWrittenNothing(e) && e is not ConflictException { Code: OldStillEnabled })
        {
            await vault.DiscardAsync([new(vaultName, version)]);
            throw;
        }
    }

    private const string OldStillEnabled = "old-still-enabled";

    /// <inheritdoc/>
    public async Task ApplyAsync(PortalDbContext db, Caller caller, GovernanceChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(change);
        var payload = PortalJson.Read<Payload>(change.PayloadJson);
        var id = Guid.Parse(change.TargetId);
        var row =
            await db.Clusters.AsTracking().FirstOrDefaultAsync(c => c.Id == id, cancellationToken)
            ?? throw new NotFoundException("cluster of this name");
        if (row.KubeconfigSource != payload.Old || (row.PinnedUid.Length > 0 && row.PinnedUid != payload.Pins.Uid))
        {
            throw new ConflictException(
                "kubeconfig-replaced",
                $"The kubeconfig of {row.Name} has been replaced, or the cluster pinned again, since this was proposed. Propose it again."
            );
        }

        var before = ClusterPins.Of(row);
        (row.KubeconfigSource, row.ServerVersion, row.Zones, row.LastError) = (
            $"{ClusterTrust.Vault}{change.VaultName}/{change.VaultVersion}",
            payload.Version,
            payload.Zones,
            ""
        );
        trust.Pin(row, payload.Pins);
        await audit.AppendAsync(
            db,
            caller,
            new AuditEntry("cluster.kubeconfig-replaced", "cluster", row.Id.ToString(), row.Name)
            {
                Before = before,
                After = new { cluster = payload.Pins, serverVersion = row.ServerVersion },
                RequestDigest = change.ContentDigest,
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public async Task AppliedAsync(GovernanceChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        var (name, version) = ClusterTrust.InVault(PortalJson.Read<Payload>(change.PayloadJson).Old);
        try
        {
            await vault.DisableAsync(name, version, cancellationToken);
        }
        catch (VaultException e)
        {
            // The new one is already in use: where the vault does not disable the old one, a person has to, and is told.
            throw new ConflictException(
                OldStillEnabled,
                $"{change.TargetName} is used with the new kubeconfig, but the vault did not disable the old one: {e.Message} Disable version {version} of {name} there."
            );
        }
    }

    private static async Task<(Cluster Cluster, Dictionary<string, Guid> Environments)> FindAsync(
        PortalDbContext db,
        Caller caller,
        string name,
        CancellationToken cancellationToken
    )
    {
        var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
        if (!access.IsAdministrator)
        {
            throw new ForbiddenException("Only administrators replace the kubeconfig of a cluster.");
        }

        var found =
            await db.Clusters.FirstOrDefaultAsync(c => c.Name == name, cancellationToken)
            ?? throw new NotFoundException("cluster of this name");
        var there = await db
            .Environments.Where(e => e.ClusterId == found.Id && e.State == EnvironmentState.Ready)
            .OrderByDescending(e => e.Id)
            .Take(Looked)
            .Select(e => new { e.Id, e.Namespace })
            .ToListAsync(cancellationToken);
        return (found, there.ToDictionary(e => e.Namespace, e => e.Id, StringComparer.Ordinal));
    }

    private sealed record Payload(string Old, string Version, int Zones, ClusterPins Pins);
}
