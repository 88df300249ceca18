using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Changes;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>
/// Changes policies: administrators, and the team that owns the credential. That it rotates without approval, and every change of
/// such a policy, one administrator proposes and another one approves; to end it, one is enough.
/// </summary>
public sealed class CredentialPolicies(UnitOfWork work, ChangeProposals proposals, AuditTrail audit, LiveUpdates live, TimeProvider time)
    : IChangeEffect
{
    /// <inheritdoc/>
    public GovernanceKind Kind => GovernanceKind.StandingApproval;

    /// <summary>Replaces the policy; an unchanged policy is left alone. Returns the change that waits for approval, or
    /// null.</summary>
    /// <exception cref="InvalidInputException">With everything that is wrong at once.</exception>
    public async Task<ChangeOutcome?> SetAsync(Caller caller, Guid id, CredentialPolicy policy, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(policy);
        policy = policy with { Window = policy.Window.Trim(), ExpiresAt = policy.ExpiresAt?.ToUniversalTime() };
        var (touched, draft) = await work.WriteAsync<(IReadOnlyList<Guid>, ChangeDraft?)>(
            async db =>
            {
                var (reference, access) = await CredentialService.FindAsync(db, caller, id, cancellationToken);
                CredentialRules.RequireManage(access, reference);

                var now = time.GetUtcNow().UtcDateTime;
                var isInUse = await db.SecretVersions.AnyAsync(
                    v => v.SecretReferenceId == id && v.State == SecretVersionState.Current,
                    cancellationToken
                );
                if (CredentialRules.Check(policy, reference, access, isInUse, now) is { Count: > 0 } problems)
                {
                    throw new InvalidInputException(problems);
                }

                var before = CredentialPolicy.Of(reference);
                if (before == policy && !(policy.Unattended && reference.UnattendedBy != caller.PersonId))
                {
                    return ([], null);
                }

                if (policy.Unattended)
                {
                    return ([], await DraftAsync(db, reference, before, policy, cancellationToken));
                }

                return (await SaveAsync(db, caller, caller.PersonId, reference, policy, now, "", cancellationToken), null);
            },
            cancellationToken
        );
        live.Publish(touched);
        return draft is null ? null : await proposals.SubmitAsync(caller, draft, this, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task ApplyAsync(PortalDbContext db, Caller caller, GovernanceChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(change);
        var payload = PortalJson.Read<Payload>(change.PayloadJson);
        var (reference, access) = await CredentialService.FindAsync(db, caller, Guid.Parse(change.TargetId), cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        var isInUse = await db.SecretVersions.AnyAsync(
            v => v.SecretReferenceId == reference.Id && v.State == SecretVersionState.Current,
            cancellationToken
        );
        if (
            CredentialPolicy.Of(reference) != payload.Before
            || !await SameAsync(db, reference, payload, cancellationToken)
            || CredentialRules.Check(payload.Policy, reference, access, isInUse, now).Count > 0
        )
        {
            throw new ConflictException(
                "stale-base",
                $"Policy or provider of {change.TargetName} has changed since this was proposed. Propose it again."
            );
        }

        await SaveAsync(db, caller, change.ProposedBy, reference, payload.Policy, now, change.ContentDigest, cancellationToken);
    }

    private static async Task<bool> SameAsync(
        PortalDbContext db,
        SecretReference reference,
        Payload payload,
        CancellationToken cancellationToken
    ) =>
        reference.Provider == payload.Provider
        && ProviderFacts.Same(await ProviderFacts.SettingsAsync(db, reference.Id, cancellationToken), payload.Settings);

    private static async Task<ChangeDraft> DraftAsync(
        PortalDbContext db,
        SecretReference reference,
        CredentialPolicy before,
        CredentialPolicy policy,
        CancellationToken cancellationToken
    )
    {
        var (name, settings) = (
            await NameAsync(db, reference, cancellationToken),
            await ProviderFacts.SettingsAsync(db, reference.Id, cancellationToken)
        );
        return new ChangeDraft(
            reference.Id.ToString(),
            name,
            $"have {name} rotate without approval",
            Facts(before, reference.Provider, settings),
            Facts(policy, reference.Provider, settings),
            new Payload(before, policy, reference.Provider, settings)
        );
    }

    private static Dictionary<string, string> Facts(CredentialPolicy policy, string provider, IReadOnlyDictionary<string, string> settings)
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Rotates by itself"] = policy.Unattended ? "yes" : "no",
            ["Every … days"] = $"{policy.RotateEveryDays}",
            ["… days before it expires"] = $"{policy.RotateBeforeDays}",
            ["Expires"] = $"{policy.ExpiresAt:yyyy-MM-dd HH:mm}",
            ["Window, UTC"] = policy.Window.Length > 0 ? policy.Window : "any time",
            ["Provider"] = provider,
        };
        foreach (var (key, value) in settings)
        {
            facts[$"Provider: {key}"] = value;
        }

        return facts;
    }

    private async Task<IReadOnlyList<Guid>> SaveAsync(
        PortalDbContext db,
        Caller caller,
        string by,
        SecretReference reference,
        CredentialPolicy policy,
        DateTime now,
        string digest,
        CancellationToken cancellationToken
    )
    {
        var before = CredentialPolicy.Of(reference);
        await WriteAsync(db, by, reference, policy, now, cancellationToken);
        await audit.AppendAsync(
            db,
            caller,
            new AuditEntry("credential.policy", "credential", reference.Id.ToString(), await NameAsync(db, reference, cancellationToken))
            {
                EnvironmentId = reference.EnvironmentId,
                TeamId = reference.TeamId,
                Before = before,
                After = policy,
                RequestDigest = digest,
            },
            cancellationToken
        );
        return [.. (await ExpiryFindings.UsesAsync(db, reference, cancellationToken)).Select(u => u.EnvironmentId), reference.Id];
    }

    /// <summary>What history calls a credential.</summary>
    internal static async Task<string> NameAsync(PortalDbContext db, SecretReference reference, CancellationToken cancellationToken)
    {
        var where = reference.EnvironmentId is { } own
            ? await db.Environments.Where(e => e.Id == own).Select(e => e.Name).FirstOrDefaultAsync(cancellationToken)
            : reference.Name;
        return string.IsNullOrEmpty(where) ? reference.Key : $"{reference.Key} of {where}";
    }

    // The row first, by a statement: it makes a reminder of the same moment either wait for this or be seen by it, so that no finding about
    // the expiry of before stays.
    private static async Task WriteAsync(
        PortalDbContext db,
        string by,
        SecretReference reference,
        CredentialPolicy policy,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var moved = policy.ExpiresAt != reference.ExpiresAt;
        var due = CredentialDue.At(policy.RotateEveryDays, policy.RotateBeforeDays, reference.LastRotatedAt, policy.ExpiresAt);

        // Whoever has it rotate by itself answers for every rotation that follows, so that person is recorded.
        var (who, since) = policy.Unattended ? (by, now) : ((string?)null, (DateTime?)null);
        var rests = policy.Unattended || reference.IsUnattended ? null : reference.RotateNotBefore;
        await CredentialStamp.RenewAsync(db, reference, cancellationToken);
        await db
            .SecretReferences.Where(r => r.Id == reference.Id)
            .ExecuteUpdateAsync(
                s =>
                    s.SetProperty(r => r.ExpiresAt, policy.ExpiresAt)
                        .SetProperty(r => r.RotateEveryDays, policy.RotateEveryDays)
                        .SetProperty(r => r.RotateBeforeDays, policy.RotateBeforeDays)
                        .SetProperty(r => r.Window, policy.Window)
                        .SetProperty(r => r.IsUnattended, policy.Unattended)
                        .SetProperty(r => r.DueAt, due)
                        .SetProperty(r => r.UnattendedBy, who)
                        .SetProperty(r => r.UnattendedAt, since)
                        .SetProperty(r => r.RotateNotBefore, rests)
                        .SetProperty(r => r.RemindedDays, r => moved ? null : r.RemindedDays),
                cancellationToken
            );
        await RotationFindings.ResolveAsync(db, reference, RotationFindings.Due, now, cancellationToken);
        if (moved)
        {
            // What is still near is reminded of again, by the next reminder.
            await ExpiryFindings.ResolveAsync(db, reference, now, cancellationToken);
        }
    }

    private sealed record Payload(
        CredentialPolicy Before,
        CredentialPolicy Policy,
        string Provider,
        IReadOnlyDictionary<string, string> Settings
    );
}
