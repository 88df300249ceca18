using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Changes;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Jobs;

/// <summary>Allows preflight to run short Jobs in a cluster, or forbids it: one administrator proposes, another one approves.</summary>
public sealed class PreflightJobsService(UnitOfWork work, ChangeProposals proposals, AuditTrail audit) : IChangeEffect
{
    /// <inheritdoc/>
    public GovernanceKind Kind => GovernanceKind.PreflightJobs;

    /// <summary>Proposes it for a cluster, named by its name or id; null where it is so already. Administrators only.</summary>
    public async Task<ChangeOutcome?> SetAsync(Caller caller, string cluster, bool allowed, CancellationToken cancellationToken)
    {
        var draft = await work.ReadAsync(
            async db =>
            {
                if (!(await PeopleService.RequireAsync(db, caller, cancellationToken)).IsAdministrator)
                {
                    throw new ForbiddenException("Only administrators decide whether preflight may run Jobs in a cluster.");
                }

                var row = await ClusterRows.FindAsync(db, cluster, cancellationToken);
                return row.PreflightJobs == allowed
                    ? null
                    : new ChangeDraft(
                        row.Id.ToString(),
                        row.Name,
                        $"{(allowed ? "allow" : "forbid")} Jobs of preflight in {row.Name}",
                        Facts(row.PreflightJobs),
                        Facts(allowed),
                        new Payload(allowed)
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
        var allowed = PortalJson.Read<Payload>(change.PayloadJson).Allowed;
        var row = await ClusterRows.FindAsync(db, change.TargetId, cancellationToken);
        var before = row.PreflightJobs;
        row.PreflightJobs = allowed;
        await audit.AppendAsync(
            db,
            caller,
            new AuditEntry("cluster.preflightJobs", "cluster", row.Id.ToString(), row.Name)
            {
                Before = new { allowed = before },
                After = new { allowed },
                RequestDigest = change.ContentDigest,
            },
            cancellationToken
        );
    }

    private static Dictionary<string, string> Facts(bool allowed) =>
        new(StringComparer.Ordinal) { ["Jobs of preflight"] = allowed ? "allowed" : "not allowed" };

    private sealed record Payload(bool Allowed);
}
