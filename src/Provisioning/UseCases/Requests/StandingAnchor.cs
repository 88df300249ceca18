using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Approvals;
using Portkey.Portal.Provisioning.UseCases.Audit;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>What nobody looks at before it is approved has to be what the portal itself wrote down, on top of what a person
/// approved.</summary>
internal static class StandingAnchor
{
    public const string Changed =
        "what is stored of it, or of what runs, is not what the portal wrote down, so an administrator has to look at it";

    /// <summary>Whether neither the request nor the revision that it is measured against was changed past the portal.</summary>
    public static async Task<bool> HoldsAsync(
        AuditTrail trail,
        PortalDbContext db,
        ChangeRequest request,
        CancellationToken cancellationToken
    )
    {
        var environment = await db.Environments.AsNoTracking().FirstAsync(e => e.Id == request.EnvironmentId, cancellationToken);
        var runs = await db
            .Revisions.AsNoTracking()
            .WithSecrets()
            .FirstOrDefaultAsync(r => r.EnvironmentId == environment.Id && r.Number == environment.AppliedRevision, cancellationToken);
        return await ApprovalAnchor.OfProposalAsync(trail, db, request.EnvironmentId, request.Id, cancellationToken)
                == request.Content.Digest
            && runs is not null
            && await ApprovalAnchor.FitsAsync(trail, db, environment, runs, cancellationToken);
    }
}
