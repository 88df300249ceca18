using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Changes;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>Registers clusters: one administrator tries the kubeconfig and proposes, another one approves what was seen.</summary>
public sealed class ClusterRegistration(
    UnitOfWork work,
    ChangeProposals proposals,
    ISecretWriter vault,
    AuditTrail audit,
    ClusterProbe probe,
    ClusterTrust trust,
    TimeProvider time
) : IChangeEffect
{
    /// <inheritdoc/>
    public GovernanceKind Kind => GovernanceKind.Cluster;

    /// <summary>Proposes a cluster; administrators only. The kubeconfig goes to the vault, and is disabled there when it is not
    /// approved.</summary>
    public async Task<ChangeOutcome> RegisterAsync(Caller caller, string name, SecretValue kubeconfig, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kubeconfig);
        await work.ReadAsync(db => RequireAsync(db, caller, cancellationToken), cancellationToken);
        if (!SettingPatterns.IsDnsLabel(name))
        {
            throw new InvalidInputException("name", "Use a DNS label: lower-case letters, digits and hyphens, at most 63 characters.");
        }

        await work.ReadAsync(db => RequireNewAsync(db, name, "", cancellationToken), cancellationToken);
        var found = await KubeconfigProblems.AskAsync(
            () => probe.AskAsync(kubeconfig.Reveal(), cancellationToken),
            "The cluster could not be reached with it"
        );
        await work.ReadAsync(db => RequireNewAsync(db, name, found.Pins.Uid, cancellationToken), cancellationToken);
        var id = Guid.CreateVersion7();
        var (vaultName, version) = await KubeconfigVault.StoreAsync(vault, kubeconfig, cancellationToken);
        var draft = new ChangeDraft(
            name,
            name,
            $"register cluster {name}",
            new Dictionary<string, string>(),
            KubeconfigVault.Facts(found.Pins, found.Version),
            new Payload(id, StoredText.Fit(found.Version, 100), found.Zones, found.Pins)
        )
        {
            VaultName = vaultName,
            VaultVersion = version,
        };
        return await vault.OrDiscardAsync([new(vaultName, version)], () => proposals.SubmitAsync(caller, draft, this, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task ApplyAsync(PortalDbContext db, Caller caller, GovernanceChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(change);
        var payload = PortalJson.Read<Payload>(change.PayloadJson);
        await RequireNewAsync(db, change.TargetId, payload.Pins.Uid, cancellationToken);
        var row = new Cluster
        {
            Id = payload.Id,
            Name = change.TargetId,
            DisplayName = change.TargetId,
            KubeconfigSource = $"{ClusterTrust.Vault}{change.VaultName}/{change.VaultVersion}",
            ServerVersion = payload.Version,
            Zones = payload.Zones,
            LastSeenAt = time.GetUtcNow().UtcDateTime,
        };
        trust.Pin(row, payload.Pins);
        db.Clusters.Add(row);
        await audit.AppendAsync(
            db,
            caller,
            new AuditEntry("cluster.registered", "cluster", row.Id.ToString(), row.Name)
            {
                After = new
                {
                    serverVersion = row.ServerVersion,
                    zones = row.Zones,
                    cluster = payload.Pins,
                },
                RequestDigest = change.ContentDigest,
            },
            cancellationToken
        );
    }

    private static async Task<bool> RequireAsync(PortalDbContext db, Caller caller, CancellationToken cancellationToken) =>
        (await PeopleService.RequireAsync(db, caller, cancellationToken)).IsAdministrator
            ? true
            : throw new ForbiddenException("Only administrators register clusters.");

    private static async Task<bool> RequireNewAsync(PortalDbContext db, string name, string uid, CancellationToken cancellationToken)
    {
        if (await db.Clusters.AnyAsync(c => c.Name == name, cancellationToken))
        {
            throw new ConflictException("name-taken", $"There is a cluster named {name} already.");
        }

        return
            await db.Clusters.Where(c => c.PinnedUid == uid && uid != "").Select(c => c.Name).FirstOrDefaultAsync(cancellationToken)
                is { } same
            ? throw new ConflictException(
                "cluster-known",
                $"This cluster is already registered, as {same}: its namespace kube-system has UID {uid}. Two names for one cluster would work against each other."
            )
            : true;
    }

    private sealed record Payload(Guid Id, string Version, int Zones, ClusterPins Pins);
}
