using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Changes;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.Engine.SecretDelivery;

/// <summary>
/// Says how secrets get into a cluster: one administrator proposes, another one approves. Environments there follow with their next
/// operation.
/// </summary>
public sealed class SecretDeliveryService(UnitOfWork work, ChangeProposals proposals, AuditTrail audit, VaultAddresses vaults)
    : IChangeEffect
{
    /// <inheritdoc/>
    public GovernanceKind Kind => GovernanceKind.SecretDelivery;

    /// <summary>Proposes the way of a cluster, named by its name or id; null where it is so already.</summary>
    /// <exception cref="InvalidInputException">With everything that is wrong at once.</exception>
    public async Task<ChangeOutcome?> SetAsync(Caller caller, string cluster, SecretDeliveryView asked, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(asked);
        var draft = await work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                if (!access.IsAdministrator)
                {
                    throw new ForbiddenException("Only administrators decide how secrets get into a cluster.");
                }

                var row = await ClusterRows.FindAsync(db, cluster, cancellationToken);
                var (settings, problems) = SecretDeliveryRules.Check(asked, vaults);
                if (problems.Count > 0)
                {
                    throw new InvalidInputException(problems);
                }

                var (was, becomes) = (SecretDeliveryView.Of(SecretDeliverySettings.Of(row)), SecretDeliveryView.Of(settings));
                return was == becomes
                    ? null
                    : new ChangeDraft(
                        row.Id.ToString(),
                        row.Name,
                        $"change how secrets get into {row.Name}",
                        Facts(was),
                        Facts(becomes),
                        new Payload(was, becomes)
                    );
            },
            cancellationToken
        );
        return draft is null ? null : await proposals.SubmitAsync(caller, draft, this, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task ApplyAsync(PortalDbContext db, Caller caller, GovernanceChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(change);
        var payload = PortalJson.Read<Payload>(change.PayloadJson);
        var row = await ClusterRows.FindAsync(db, change.TargetId, cancellationToken);
        var (settings, problems) = SecretDeliveryRules.Check(payload.Becomes, vaults);
        if (problems.Count > 0)
        {
            throw new ConflictException("not-right-any-more", string.Join(" ", problems.Select(p => p.Message)));
        }

        var before = SecretDeliverySettings.Of(row);
        if (SecretDeliveryView.Of(before) != payload.Was)
        {
            throw new ConflictException(
                "stale-base",
                $"How secrets get into {row.Name} has changed since this was proposed. Propose it again."
            );
        }

        settings = settings with { Before = Earlier(before, settings.Mode) };
        settings.WriteTo(row);
        await audit.AppendAsync(
            db,
            caller,
            new AuditEntry("cluster.secretDelivery", "cluster", row.Id.ToString(), row.Name)
            {
                Before = payload.Was,
                After = payload.Becomes,
                RequestDigest = change.ContentDigest,
            },
            cancellationToken
        );
    }

    private static Dictionary<string, string> Facts(SecretDeliveryView view) =>
        new[]
        {
            ("Delivery", view.Mode),
            ("Store", $"{view.StoreKind} {view.StoreName}".Trim()),
            ("Refresh", view.RefreshInterval),
            ("Key Vault", view.Vault),
            ("Tenant", view.TenantId),
            ("Workload identity", view.ClientId),
        }
            .Where(f => !string.IsNullOrEmpty(f.Item2))
            .ToDictionary(f => f.Item1, f => f.Item2!, StringComparer.Ordinal);

    private sealed record Payload(SecretDeliveryView Was, SecretDeliveryView Becomes);

    // What the portal wrote itself is always looked for; the others' objects only where they may be.
    private static SecretDeliveryMode[]? Earlier(SecretDeliverySettings before, SecretDeliveryMode mode)
    {
        SecretDeliveryMode[] all =
        [
            .. (before.Before ?? []).Append(before.Mode).Where(m => m != mode && m != SecretDeliveryMode.Portal).Distinct().Order(),
        ];
        return all.Length == 0 ? null : all;
    }
}
