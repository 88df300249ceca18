using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.UseCases.Approvals;

/// <summary>
/// What was approved, by the portal's own signature: the audit event of the decision. Whoever owns the database can write any row, requests
/// and approvals with them, but cannot sign an event.
/// </summary>
internal static class ApprovalAnchor
{
    /// <summary>Digest with which a request was approved; null where no genuine event says so.</summary>
    public static Task<string?> OfRequestAsync(
        AuditTrail trail,
        PortalDbContext db,
        Guid environmentId,
        Guid requestId,
        CancellationToken cancellationToken
    ) => DigestAsync(trail, db, AuditTrail.ChainOf(environmentId), "request.approved", "request", requestId, cancellationToken);

    /// <summary>Digest with which a rotation over several environments was approved; null where no genuine event says so.</summary>
    public static Task<string?> OfRotationAsync(
        AuditTrail trail,
        PortalDbContext db,
        Guid rotationId,
        CancellationToken cancellationToken
    ) => DigestAsync(trail, db, AuditTrail.PortalChain, "rotation.approved", "rotation", rotationId, cancellationToken);

    /// <summary>Digest with which the portal recorded a request when it was made; null where no genuine event says so.</summary>
    public static Task<string?> OfProposalAsync(
        AuditTrail trail,
        PortalDbContext db,
        Guid environmentId,
        Guid requestId,
        CancellationToken cancellationToken
    ) => DigestAsync(trail, db, AuditTrail.ChainOf(environmentId), "request.proposed", "request", requestId, cancellationToken);

    /// <summary>Whether a revision holds, and is for, exactly what was approved.</summary>
    public static async Task<bool> FitsAsync(
        AuditTrail trail,
        PortalDbContext db,
        GatewayEnvironment environment,
        Revision revision,
        CancellationToken cancellationToken
    )
    {
        var chart = await db
            .ChartVersions.AsNoTracking()
            .Where(c => c.Id == revision.Content.ChartVersionId)
            .Select(c => c.Digest)
            .FirstOrDefaultAsync(cancellationToken);
        return chart is not null
            && await OfRequestAsync(trail, db, environment.Id, revision.ChangeRequestId, cancellationToken) is { } approved
            && ContentDigest.Fits(approved, ContentOf(environment, revision.Kind, revision, chart));
    }

    /// <summary>What is stored of a revision, for an environment as it is.</summary>
    public static ApprovedContent ContentOf(GatewayEnvironment environment, RequestKind kind, Revision revision, string chartDigest) =>
        new()
        {
            Kind = kind,
            EnvironmentId = environment.Id,
            ClusterId = environment.ClusterId,
            Namespace = environment.Namespace,
            Release = environment.ReleaseName,
            Profile = revision.Content.Profile,
            BaseRevision = revision.Number - 1,
            SpecJson = revision.Content.SpecJson,
            ChartDigest = chartDigest,
            ValuesYaml = revision.Content.ValuesYaml,
            ManifestYaml = revision.Content.ManifestYaml,
            SecretVersionsJson = SecretPins.Write(revision.Secrets),
        };

    private static async Task<string?> DigestAsync(
        AuditTrail trail,
        PortalDbContext db,
        string chain,
        string action,
        string kind,
        Guid target,
        CancellationToken cancellationToken
    )
    {
        var id = target.ToString();
        var events = await db
            .AuditEvents.AsNoTracking()
            .Where(e => e.Chain == chain && e.Action == action && e.TargetKind == kind && e.TargetId == id)
            .OrderBy(e => e.Index)
            .ToListAsync(cancellationToken);
        return events.Find(e => e.Hash == trail.HashOf(e))?.RequestDigest;
    }
}
