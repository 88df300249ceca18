using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Audit;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Credentials;

/// <summary>Changes policies: administrators, and the team that owns the credential.</summary>
public sealed class CredentialPolicies(UnitOfWork work, AuditTrail audit, LiveUpdates live, TimeProvider time)
{
    /// <summary>Replaces the policy; a policy that is the same already is left alone.</summary>
    /// <exception cref="InvalidInputException">With everything that is wrong at once.</exception>
    public async Task SetAsync(Caller caller, Guid id, CredentialPolicy policy, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(policy);
        policy = policy with { Window = policy.Window.Trim(), ExpiresAt = policy.ExpiresAt?.ToUniversalTime() };
        var touched = await work.WriteAsync(
            async db =>
            {
                var (reference, access) = await CredentialService.FindAsync(db, caller, id, cancellationToken);
                CredentialRules.RequireManage(access, reference);

                var now = time.GetUtcNow().UtcDateTime;
                var isInUse = await db.SecretVersions.AnyAsync(v => v.SecretReferenceId == id && v.State == SecretVersionState.Current, cancellationToken);
                if (CredentialRules.Check(policy, reference, access, isInUse, now) is { Count: > 0 } problems)
                {
                    throw new InvalidInputException(problems);
                }

                var before = CredentialPolicy.Of(reference);
                if (before == policy && !(policy.Unattended && ProviderState.Of(reference).UnattendedBy != caller.PersonId))
                {
                    return [];
                }

                await WriteAsync(db, caller, reference, policy, now, cancellationToken);
                await audit.AppendAsync(
                    db,
                    caller,
                    new AuditEntry("credential.policy", "credential", id.ToString(), await NameAsync(db, reference, cancellationToken))
                    {
                        EnvironmentId = reference.EnvironmentId, TeamId = reference.TeamId, Before = before, After = policy,
                    },
                    cancellationToken);
                return (await ExpiryFindings.UsesAsync(db, reference, cancellationToken)).Select(u => u.EnvironmentId).Append(id).ToList();
            },
            cancellationToken);
        live.Publish(touched);
    }

    /// <summary>What history calls a credential.</summary>
    internal static async Task<string> NameAsync(PortalDbContext db, SecretReference reference, CancellationToken cancellationToken)
    {
        var where = reference.EnvironmentId is { } own ? await db.Environments.Where(e => e.Id == own).Select(e => e.Name).FirstOrDefaultAsync(cancellationToken) : reference.Name;
        return string.IsNullOrEmpty(where) ? reference.Key : $"{reference.Key} of {where}";
    }

    // The row first, by a statement: it makes a reminder of the same moment either wait for this or be seen by it, so that no finding about the
    // expiry of before stays.
    private static async Task WriteAsync(PortalDbContext db, Caller caller, SecretReference reference, CredentialPolicy policy, DateTime now, CancellationToken cancellationToken)
    {
        var moved = policy.ExpiresAt != reference.ExpiresAt;
        var state = ProviderState.Of(reference);
        var due = CredentialDue.Sooner(CredentialDue.At(policy.RotateEveryDays, policy.RotateBeforeDays, reference.LastRotatedAt, policy.ExpiresAt), state.Wanted?.At);

        // Whoever has it rotate by itself answers for every rotation that follows, so it is written down who that is.
        var json = policy.Unattended || reference.IsUnattended
            ? (state with { UnattendedBy = policy.Unattended ? caller.PersonId : null, UnattendedAt = policy.Unattended ? now : null, NotBefore = null }).ToJson()
            : reference.ProviderJson;
        var written = await db.SecretReferences.Where(r => r.Id == reference.Id && r.ProviderJson == reference.ProviderJson).ExecuteUpdateAsync(
            s => s.SetProperty(r => r.ExpiresAt, policy.ExpiresAt).SetProperty(r => r.RotateEveryDays, policy.RotateEveryDays).SetProperty(r => r.RotateBeforeDays, policy.RotateBeforeDays)
                .SetProperty(r => r.Window, policy.Window).SetProperty(r => r.IsUnattended, policy.Unattended).SetProperty(r => r.DueAt, due).SetProperty(r => r.ProviderJson, json)
                .SetProperty(r => r.RemindedDays, r => moved ? null : r.RemindedDays),
            cancellationToken);
        if (written == 0)
        {
            throw new DbUpdateConcurrencyException("A worker has written down how far its provider is: read it anew.");
        }

        await RotationFindings.ResolveAsync(db, reference, RotationFindings.Due, now, cancellationToken);
        if (moved)
        {
            // What is near still is told again, by the next reminder.
            await ExpiryFindings.ResolveAsync(db, reference, now, cancellationToken);
        }
    }
}
