using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>Whether a rotation of a credential waits or runs.</summary>
internal static class OpenRotations
{
    /// <summary>The request that brings another version of it than the one in use; null for none.</summary>
    public static async Task<ChangeRequest?> FindAsync(
        PortalDbContext db,
        SecretReference reference,
        int current,
        CancellationToken cancellationToken
    )
    {
        if (reference.EnvironmentId is not { } environment)
        {
            return null;
        }

        return await Bringing(db, reference, current)
            .AsNoTracking()
            .Where(r => r.EnvironmentId == environment && (r.State == RequestState.Pending || r.State == RequestState.Approved))
            .OrderByDescending(r => r.Id)
            .FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Whether a rotation of a shared one waits or runs.</summary>
    public static Task<bool> OfSharedAsync(PortalDbContext db, Guid id, CancellationToken cancellationToken) =>
        db.Rotations.AnyAsync(
            r => r.SecretReferenceId == id && (r.State == RotationState.Pending || r.State == RotationState.Running),
            cancellationToken
        );

    /// <summary>Requests that pin a later version of the credential's setting.</summary>
    public static IQueryable<ChangeRequest> Bringing(PortalDbContext db, SecretReference reference, int current) =>
        db.ChangeRequests.Where(r => r.Secrets.Any(s => s.Key == reference.Key && s.Number > current));
}
