using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>What follows when the version in use changes. The caller saves, in its own transaction.</summary>
public static class CredentialExpiry
{
    /// <summary>A version became the one in use: its expiry counts from now on, reminders of the previous one are forgotten, and its
    /// findings are resolved.</summary>
    /// <param name="db">Context of the caller's transaction.</param>
    /// <param name="reference">Credential, tracked.</param>
    /// <param name="version">Version that is in use now.</param>
    /// <param name="now">UTC.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task BecameCurrentAsync(
        PortalDbContext db,
        SecretReference reference,
        SecretVersion version,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(version);
        (reference.LastRotatedAt, reference.ExpiresAt, reference.RemindedDays) = (now, version.ExpiresAt, null);
        CredentialDue.Refresh(reference);
        await RotationFindings.ResolveAsync(db, reference, RotationFindings.Due, now, cancellationToken);
        await ExpiryFindings.ResolveAsync(db, reference, now, cancellationToken);
    }

    /// <summary>Its last version was disabled, as when its environment is removed: nothing is due or expires any more.</summary>
    public static Task RetiredAsync(PortalDbContext db, SecretReference reference, DateTime now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reference);
        (reference.ExpiresAt, reference.DueAt, reference.RemindedDays) = (null, null, null);
        return ExpiryFindings.ResolveAsync(db, reference, now, cancellationToken);
    }
}
