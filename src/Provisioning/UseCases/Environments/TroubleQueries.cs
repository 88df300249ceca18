using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Reads what <see cref="Troubles"/> judges by; where nothing is wrong it asks for one row only.</summary>
internal static class TroubleQueries
{
    public static async Task<TroubleView?> ReadAsync(
        PortalDbContext db,
        GatewayEnvironment environment,
        Access access,
        CancellationToken cancellationToken
    )
    {
        if (
            environment.State is EnvironmentState.Deleted or EnvironmentState.Deleting
            || (environment.State != EnvironmentState.Failed && environment.Health is HealthStatus.Healthy or HealthStatus.Suspended)
        )
        {
            return null;
        }

        var last = await db
            .Operations.Where(o => o.EnvironmentId == environment.Id)
            .OrderByDescending(o => o.Sequence)
            .FirstOrDefaultAsync(cancellationToken);
        if (last is { IsFinished: false })
        {
            return null; // its own panel shows its progress
        }

        var failed = last is { State: OperationState.Failed or OperationState.Cancelled } && environment.State == EnvironmentState.Failed
            ? last
            : null;
        return Troubles.Of(
            new TroubleFacts(
                environment.State,
                environment.Health,
                environment.HealthReason,
                environment.AppliedRevision,
                environment.Cluster?.Name ?? ""
            )
            {
                HealthSince = environment.HealthSince,
                Seen = Topology.Seen(environment),
                Failed = failed is null
                    ? null
                    : new(failed.Id, failed.Kind, failed.Revision, failed.ErrorCode, failed.ErrorMessage, failed.EndedAt),
                LastKind = last?.Kind,
                Change = last is null ? null : await ChangeAsync(db, last, cancellationToken),
                GoodRevision = await db
                    .Revisions.Where(r =>
                        r.EnvironmentId == environment.Id && r.AppliedAt != null && r.Number != environment.ApprovedRevision
                    )
                    .MaxAsync(r => (int?)r.Number, cancellationToken),
                Secrets = await db
                    .SecretReferences.Where(r => r.EnvironmentId == environment.Id)
                    .Select(r => r.Key)
                    .ToListAsync(cancellationToken),
                MayRetry = failed is not null && access.CanPropose(environment.TeamId),
            }
        );
    }

    private static async Task<ChangeBefore?> ChangeAsync(PortalDbContext db, Operation operation, CancellationToken cancellationToken)
    {
        var request = await db
            .ChangeRequests.Where(r => r.Id == operation.ChangeRequestId)
            .Select(r => new
            {
                r.Id,
                r.Reason,
                By = db.People.Where(p => p.Id == r.RequestedBy).Select(p => p.DisplayName).FirstOrDefault() ?? r.RequestedBy,
            })
            .FirstOrDefaultAsync(cancellationToken);
        var approvers = await db
            .Approvals.Where(a => a.ChangeRequestId == operation.ChangeRequestId && a.Decision == Decision.Approve)
            .Select(a => db.People.Where(p => p.Id == a.DecidedBy).Select(p => p.DisplayName).FirstOrDefault() ?? a.DecidedBy)
            .ToListAsync(cancellationToken);
        return request is null
            ? null
            : new ChangeBefore(
                request.Id,
                operation.Kind,
                operation.Revision,
                request.By,
                string.Join(", ", approvers.Order(StringComparer.Ordinal)),
                operation.StartedAt ?? operation.CreatedAt,
                request.Reason
            );
    }
}
