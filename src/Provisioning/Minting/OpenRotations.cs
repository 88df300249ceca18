using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Environments;

namespace Portkey.Portal.Provisioning.Minting;

/// <summary>Whether a rotation of a credential waits or runs.</summary>
internal static class OpenRotations
{
    /// <summary>The request that brings another version of it than the one in use; null for none.</summary>
    public static async Task<ChangeRequest?> FindAsync(PortalDbContext db, SecretReference reference, int current, CancellationToken cancellationToken)
    {
        if (reference.EnvironmentId is not { } environment)
        {
            return null;
        }

        var open = await db.ChangeRequests.AsNoTracking().Where(r => r.EnvironmentId == environment && (r.State == RequestState.Pending || r.State == RequestState.Approved))
            .OrderByDescending(r => r.Id).ToListAsync(cancellationToken);
        return open.Find(r => Brings(r, reference.Key, current));
    }

    /// <summary>Whether a rotation of a shared one waits or runs.</summary>
    public static Task<bool> OfSharedAsync(PortalDbContext db, Guid id, CancellationToken cancellationToken) =>
        db.Rotations.AnyAsync(r => r.SecretReferenceId == id && (r.State == RotationState.Pending || r.State == RotationState.Running), cancellationToken);

    /// <summary>Whether a request pins a later version of a setting.</summary>
    public static bool Brings(ChangeRequest request, string key, int current) => SecretPins.Read(request.SecretVersionsJson).GetValueOrDefault(key) is { } pin && pin.Number > current;
}
