using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Approvals;
using Portkey.Portal.Provisioning.UseCases.Audit;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>What is approved without a person must be what the portal itself recorded, on top of what a person
/// approved.</summary>
internal static class StandingAnchor
{
    public const string Changed =
        "what is stored of it, or of what runs, is not what the portal recorded, so an administrator must check it";

    /// <summary>Whether neither the request nor the revision it is compared with was changed outside the portal.</summary>
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
