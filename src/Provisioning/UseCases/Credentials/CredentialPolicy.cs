using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>When a credential is to be replaced, and how.</summary>
/// <param name="ExpiresAt">UTC expiry of the version in use; null for none.</param>
/// <param name="RotateEveryDays">Age in days at which it is due; null where its age does not matter.</param>
/// <param name="RotateBeforeDays">Days before its expiry at which it is due; null where reminders are enough.</param>
/// <param name="Window">Maintenance window, see <see cref="MaintenanceWindow"/>; empty for any time.</param>
/// <param name="Unattended">Whether a due rotation goes ahead by itself.</param>
public sealed record CredentialPolicy(DateTime? ExpiresAt, int? RotateEveryDays, int? RotateBeforeDays, string Window, bool Unattended)
{
    internal static CredentialPolicy Of(SecretReference reference) =>
        new(reference.ExpiresAt, reference.RotateEveryDays, reference.RotateBeforeDays, reference.Window, reference.IsUnattended);
}

/// <summary>What is allowed to whom, and what a policy may say.</summary>
internal static class CredentialRules
{
    public const int MostDays = 3650;

    public static string WhyNotManage(Access access, Guid? teamId) =>
        access.IsAdministrator || (teamId is { } team && access.IsMember(team)) ? ""
        : teamId is null ? "Administrators keep this credential for all teams; only they may change its policy and rotate it."
        : "Only the team that owns it, and administrators, may change its policy and rotate it.";

    /// <exception cref="ForbiddenException">The caller may not manage it.</exception>
    public static void RequireManage(Access access, SecretReference reference)
    {
        if (WhyNotManage(access, reference.TeamId) is { Length: > 0 } whyNot)
        {
            throw new ForbiddenException(whyNot);
        }
    }

    /// <summary>Everything that is wrong with a policy, by the names of its fields.</summary>
    public static IReadOnlyList<FieldProblem> Check(
        CredentialPolicy policy,
        SecretReference reference,
        Access access,
        bool isInUse,
        DateTime now
    )
    {
        var problems = new List<FieldProblem>();
        Refuse(
            policy.ExpiresAt is { } expiry && expiry != reference.ExpiresAt && (expiry <= now || expiry > now.AddDays(MostDays)),
            "expiresAt",
            $"It must be in the future, at most {MostDays} days from now."
        );
        Refuse(
            policy.ExpiresAt is not null && !isInUse,
            "expiresAt",
            "No version is in use yet; give the expiry with the value when you store it."
        );
        Refuse(policy.RotateEveryDays is < 1 or > MostDays, "rotateEveryDays", $"It must be a number from 1 to {MostDays}, or left out.");
        Refuse(policy.RotateBeforeDays is < 1 or > MostDays, "rotateBeforeDays", $"It must be a number from 1 to {MostDays}, or left out.");
        Refuse(MaintenanceWindow.TryParse(policy.Window) is null, "window", MaintenanceWindow.Syntax);
        Refuse(
            policy.Unattended && reference.EnvironmentId is null,
            "unattended",
            "A rotation of a shared credential touches several environments, so a person approves it. When it is due, it is requested automatically."
        );
        Refuse(
            policy.Unattended && reference.EnvironmentId is not null && reference.Provider.Length == 0,
            "unattended",
            "Nothing can issue a new value for this credential, so a person has to store one. Only credentials with a provider rotate by themselves."
        );
        Refuse(
            policy.Unattended && reference.Provider == ProviderNames.Random,
            "unattended",
            "A person has to configure a random value on the other side, so it cannot rotate by itself."
        );
        Refuse(
            policy.Unattended && reference.Provider.Length > 0 && !access.IsAdministrator,
            "unattended",
            "Only an administrator can turn rotation without approval on, or change it."
        );
        return problems;

        void Refuse(bool wrong, string field, string message)
        {
            if (wrong)
            {
                problems.Add(new FieldProblem(field, message));
            }
        }
    }
}
