using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>When a credential is due, in one place: by its age or some days before its expiry, whichever is sooner.</summary>
public static class CredentialDue
{
    /// <summary>The time; null for never.</summary>
    /// <param name="rotateEveryDays">Age in days; null where age does not matter.</param>
    /// <param name="rotateBeforeDays">Days before expiry; null where reminders are enough.</param>
    /// <param name="lastRotatedAt">UTC time the version in use became that; null for none, whose age cannot matter.</param>
    /// <param name="expiresAt">UTC expiry of the version in use; null for none.</param>
    public static DateTime? At(int? rotateEveryDays, int? rotateBeforeDays, DateTime? lastRotatedAt, DateTime? expiresAt)
    {
        var (byAge, byExpiry) = (lastRotatedAt?.AddDays(rotateEveryDays ?? 0), expiresAt?.AddDays(-(rotateBeforeDays ?? 0)));
        return (rotateEveryDays is null ? null : byAge, rotateBeforeDays is null ? null : byExpiry) switch
        {
            ({ } age, { } expiry) => age < expiry ? age : expiry,
            var (age, expiry) => age ?? expiry,
        };
    }

    /// <summary>Recomputes it; call it after anything that it depends on has changed.</summary>
    public static void Refresh(SecretReference reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        reference.DueAt = At(reference.RotateEveryDays, reference.RotateBeforeDays, reference.LastRotatedAt, reference.ExpiresAt);
    }
}
