using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Approvals;
using Portkey.Portal.Provisioning.UseCases.Audit;

namespace Portkey.Portal.Provisioning.UseCases.Rotations;

/// <summary>
/// Whether a rotation is still what was approved, before each of its waves: between its approval and its last wave days may pass, and
/// every wave signs approvals of its own.
/// </summary>
internal static class RotationAnchor
{
    public const string NotAsApproved =
        "What the rotation holds is not what was approved: its rows were changed in the database. Nothing more of it is applied; look at the audit for who had access.";

    /// <summary>Digest of what the rotation and its requests hold now.</summary>
    public static async Task<string> DigestAsync(
        PortalDbContext db,
        Rotation rotation,
        IReadOnlyList<ChangeRequest> requests,
        CancellationToken cancellationToken
    )
    {
        var members = new List<(int Wave, Guid Environment, string Digest)>();
        foreach (var request in requests)
        {
            var fits = ContentDigest.Fits(
                request.Content.Digest,
                request,
                await ContentDigest.ReleaseAsync(db, request.EnvironmentId, cancellationToken),
                request.Content.ChartVersion!.Digest
            );
            members.Add(
                (
                    rotation.Members.First(m => m.ChangeRequestId == request.Id).Wave,
                    request.EnvironmentId,
                    fits ? request.Content.Digest : "changed"
                )
            );
        }

        return RotationPlans.DigestOf(rotation.SecretReferenceId, rotation.FromNumber, rotation.ToNumber, rotation.WaveSize, members);
    }

    /// <summary>Whether it is what the portal signed as approved.</summary>
    public static async Task<bool> IsAsApprovedAsync(
        AuditTrail trail,
        PortalDbContext db,
        Rotation rotation,
        IReadOnlyList<ChangeRequest> requests,
        CancellationToken cancellationToken
    ) =>
        await ApprovalAnchor.OfRotationAsync(trail, db, rotation.Id, cancellationToken) is { } approved
        && approved == await DigestAsync(db, rotation, requests, cancellationToken);

    public static void AddFindings(PortalDbContext db, IEnumerable<ChangeRequest> requests, DateTime now) =>
        db.Findings.AddRange(
            requests.Select(r => new Finding
            {
                EnvironmentId = r.EnvironmentId,
                Kind = ApprovedContent.FindingKind,
                Severity = Severity.Error,
                Message = NotAsApproved,
                Since = now,
            })
        );
}
