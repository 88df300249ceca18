using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Changes;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>
/// Sets what makes new values of a credential: for administrators, and the team that owns it. For one that rotates without approval,
/// one administrator proposes it and another one approves.
/// </summary>
public sealed class CredentialProviders(UnitOfWork work, ChangeProposals proposals, AuditTrail audit, LiveUpdates live) : IChangeEffect
{
    /// <inheritdoc/>
    public GovernanceKind Kind => GovernanceKind.Provider;

    /// <summary>Replaces provider and settings; the same again is left alone.</summary>
    /// <param name="caller">Who.</param>
    /// <param name="id">Credential.</param>
    /// <param name="provider">Provider; empty for none.</param>
    /// <param name="asked">Settings, by name; what is empty is left out. Never a secret.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="InvalidInputException">With everything that is wrong at once.</exception>
    public async Task<ChangeOutcome?> SetAsync(
        Caller caller,
        Guid id,
        string provider,
        IReadOnlyDictionary<string, string> asked,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentNullException.ThrowIfNull(asked);
        var given = asked
            .Where(s => s.Value.Trim().Length > 0)
            .OrderBy(s => s.Key, StringComparer.Ordinal)
            .ToDictionary(s => s.Key, s => s.Value.Trim(), StringComparer.Ordinal);
        var (changed, draft) = await work.WriteAsync<(bool, ChangeDraft?)>(
            async db =>
            {
                var (reference, access) = await CredentialService.FindAsync(db, caller, id, cancellationToken);
                CredentialRules.RequireManage(access, reference);
                if (reference.IsUnattended && !access.IsAdministrator)
                {
                    throw new ForbiddenException("It rotates without approval, so only an administrator may change its provider.");
                }

                if (await CheckAsync(db, access, reference, provider, given, cancellationToken) is { Count: > 0 } problems)
                {
                    throw new InvalidInputException(problems);
                }

                var settings = await ProviderFacts.SettingsAsync(db, id, cancellationToken);
                if (reference.Provider == provider && ProviderFacts.Same(settings, given))
                {
                    return (false, null);
                }

                await RequireIdleAsync(db, id, cancellationToken);
                if (reference.IsUnattended)
                {
                    var name = await CredentialPolicies.NameAsync(db, reference, cancellationToken);
                    var payload = new Payload(reference.Provider, settings, provider, given);
                    return (
                        false,
                        new ChangeDraft(
                            id.ToString(),
                            name,
                            $"change what makes new values of {name}, which rotates without approval",
                            Facts(reference.Provider, settings),
                            Facts(provider, given),
                            payload
                        )
                    );
                }

                await WriteAsync(db, caller, null, reference, settings, provider, given, cancellationToken);
                return (true, null);
            },
            cancellationToken
        );
        if (changed)
        {
            live.Publish(id);
        }

        return draft is null ? null : await proposals.SubmitAsync(caller, draft, this, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task ApplyAsync(PortalDbContext db, Caller caller, GovernanceChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(change);
        var payload = PortalJson.Read<Payload>(change.PayloadJson);
        var (reference, access) = await CredentialService.FindAsync(db, caller, Guid.Parse(change.TargetId), cancellationToken);
        var settings = await ProviderFacts.SettingsAsync(db, reference.Id, cancellationToken);
        await RequireIdleAsync(db, reference.Id, cancellationToken);
        if (
            !reference.IsUnattended
            || reference.Provider != payload.Was
            || !ProviderFacts.Same(settings, payload.WasSettings)
            || (
                await CheckAsync(db, access, reference, payload.Provider, new(payload.Settings, StringComparer.Ordinal), cancellationToken)
            ).Count > 0
        )
        {
            throw new ConflictException(
                "stale-base",
                $"Policy or provider of {change.TargetName} has changed since this was proposed. Propose it again."
            );
        }

        await WriteAsync(db, caller, change.ProposedBy, reference, settings, payload.Provider, payload.Settings, cancellationToken);
    }

    private static Dictionary<string, string> Facts(string provider, IReadOnlyDictionary<string, string> settings)
    {
        var facts = settings.ToDictionary(s => $"Provider: {s.Key}", s => s.Value, StringComparer.Ordinal);
        facts["Provider"] = provider;
        return facts;
    }

    private static async Task RequireIdleAsync(PortalDbContext db, Guid id, CancellationToken cancellationToken)
    {
        if (
            await IssueRequests.WaitingAsync(db, id, cancellationToken) is not null
            || await db.SecretReferences.Where(r => r.Id == id).Held().AnyAsync(cancellationToken)
        )
        {
            throw new ConflictException("issuing", "A new value is being made right now. Try again in a minute.");
        }
    }

    private async Task WriteAsync(
        PortalDbContext db,
        Caller caller,
        string? unattendedBy,
        SecretReference reference,
        IReadOnlyDictionary<string, string> before,
        string provider,
        IReadOnlyDictionary<string, string> settings,
        CancellationToken cancellationToken
    )
    {
        await CredentialStamp.RenewAsync(db, reference, cancellationToken);
        var by = unattendedBy ?? reference.UnattendedBy;
        await db
            .SecretReferences.Where(r => r.Id == reference.Id)
            .ExecuteUpdateAsync(
                s =>
                    s.SetProperty(r => r.Provider, provider)
                        .SetProperty(r => r.RotateNotBefore, (DateTime?)null)
                        .SetProperty(r => r.UnattendedBy, by),
                cancellationToken
            );
        await db.ProviderSettings.Where(s => s.SecretReferenceId == reference.Id).ExecuteDeleteAsync(cancellationToken);
        db.ProviderSettings.AddRange(
            settings.Select(s => new ProviderSetting
            {
                SecretReferenceId = reference.Id,
                Name = s.Key,
                Value = s.Value,
            })
        );
        if (reference.Provider != provider)
        {
            // Marks belong to the provider that made them: another one could not revoke them.
            await db.ProviderMarks.Where(m => m.SecretReferenceId == reference.Id).ExecuteDeleteAsync(cancellationToken);
            await db
                .SecretVersions.Where(v => v.SecretReferenceId == reference.Id && v.ProviderMark != null)
                .ExecuteUpdateAsync(s => s.SetProperty(v => v.ProviderMark, (string?)null), cancellationToken);
            await db.IssueRequests.Where(r => r.SecretReferenceId == reference.Id).ExecuteDeleteAsync(cancellationToken);
        }

        await audit.AppendAsync(
            db,
            caller,
            new AuditEntry(
                "credential.provider",
                "credential",
                reference.Id.ToString(),
                await CredentialPolicies.NameAsync(db, reference, cancellationToken)
            )
            {
                EnvironmentId = reference.EnvironmentId,
                TeamId = reference.TeamId,
                Before = new { provider = reference.Provider, settings = before },
                After = new { provider, settings },
            },
            cancellationToken
        );
    }

    private static async Task<IReadOnlyList<FieldProblem>> CheckAsync(
        PortalDbContext db,
        Access access,
        SecretReference reference,
        string provider,
        Dictionary<string, string> settings,
        CancellationToken cancellationToken
    )
    {
        if (provider.Length == 0)
        {
            return reference.IsUnattended
                    ? [new("provider", "It rotates by itself, which needs a provider. Remove that from its policy first.")]
                : settings.Count > 0 ? [new("settings", "Without a provider there are no settings.")]
                : [];
        }

        var problems = ProviderRules.Check(reference.Key, provider, settings).ToList();
        if (provider == ProviderNames.Random && reference.IsUnattended)
        {
            problems.Add(
                new(
                    "provider",
                    "A person has to configure a random value at the provider, and this credential rotates by itself. Remove that from its policy first."
                )
            );
        }

        if (provider == ProviderNames.RedisAcl && Guid.TryParse(settings.GetValueOrDefault("admin", ""), out var admin))
        {
            // Of the same team only: otherwise somebody could make the portal use a credential that they may not.
            var allowed = await db.SecretReferences.AnyAsync(
                r =>
                    r.Id == admin
                    && r.Key == SettingKeys.RedisAdminUrl
                    && (access.IsAdministrator || (r.TeamId != null && r.TeamId == reference.TeamId)),
                cancellationToken
            );
            if (!allowed)
            {
                problems.Add(new("settings.admin", $"There is no credential {SettingKeys.RedisAdminUrl} of this id that the team owns."));
            }
        }

        // Two alternating credentials on one account would each take the other's key or password as free.
        if (problems.Count == 0 && provider != ProviderNames.Random)
        {
            var taken =
                (provider == ProviderNames.AzureStorage || settings.ContainsKey("admin"))
                && await WithSettings(db, provider, settings)
                    .Where(r =>
                        r.Id != reference.Id
                        && (
                            r.EnvironmentId == null
                            || db.Environments.Any(e => e.Id == r.EnvironmentId && e.State != EnvironmentState.Deleted)
                        )
                    )
                    .AnyAsync(cancellationToken);
            if (taken)
            {
                problems.Add(
                    new("settings", "Another credential has the same provider with the same settings. Each needs its own user or account.")
                );
            }
        }

        return problems;
    }

    /// <summary>Credentials whose provider has these settings and no others.</summary>
    internal static IQueryable<SecretReference> WithSettings(
        PortalDbContext db,
        string provider,
        IReadOnlyDictionary<string, string> settings
    )
    {
        var count = settings.Count;
        var query = db.SecretReferences.Where(r => r.Provider == provider && r.Settings.Count == count);
        foreach (var (name, value) in settings)
        {
            query = query.Where(r => r.Settings.Any(s => s.Name == name && s.Value == value));
        }

        return query;
    }

    private sealed record Payload(
        string Was,
        IReadOnlyDictionary<string, string> WasSettings,
        string Provider,
        IReadOnlyDictionary<string, string> Settings
    );
}
