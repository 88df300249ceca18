using System.Text;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Rotations;

/// <summary>A shared credential to be made.</summary>
/// <param name="Name">DNS label, by which specs name it.</param>
/// <param name="Key">Setting that it feeds, for example <c>REDIS_URL</c>.</param>
/// <param name="Team">Team whose environments may use it; empty for all teams, which administrators keep.</param>
/// <param name="ExpiresAt">UTC; null where its expiry is not known.</param>
public sealed record NewSharedCredential(string Name, string Key, string Team, DateTime? ExpiresAt);

/// <summary>A shared credential that a spec may name.</summary>
public sealed record SharedCredentialChoice(Guid Id, string Name, string Key, string Owner, string Version);

/// <summary>Creates credentials that several environments use, and stores new versions of them. Values go in and never come out.</summary>
public sealed class SharedCredentials(
    UnitOfWork work,
    ISecretWriter vault,
    AuditTrail audit,
    EnvironmentService environments,
    LiveUpdates live,
    TimeProvider time
)
{
    private const int MostChoices = 500;

    /// <summary>Makes one with its first version; answers with its id.</summary>
    /// <exception cref="InvalidInputException">With everything that is wrong at once.</exception>
    public async Task<Guid> CreateAsync(Caller caller, NewSharedCredential wanted, SecretValue value, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(value);
        var problems = Check(wanted, value);
        var team = await work.ReadAsync(db => TeamAsync(db, caller, wanted.Team, problems, cancellationToken), cancellationToken);
        if (problems.Count > 0)
        {
            throw new InvalidInputException(problems);
        }

        await work.ReadAsync(db => RefuseTakenAsync(db, wanted.Name, cancellationToken), cancellationToken);
        var id = Guid.CreateVersion7();
        var name = vault.NameFor(team?.Name ?? "", VaultNames.OfShared(id, wanted.Key));
        var version = await vault.StoreAsync(name, value, new SecretAttributes("", wanted.Key, wanted.ExpiresAt), cancellationToken);
        await vault.OrDiscardAsync(
            [new(name, version)],
            () =>
                work.WriteAsync(
                    async db =>
                    {
                        await RefuseTakenAsync(db, wanted.Name, cancellationToken);
                        var reference = new SecretReference
                        {
                            Id = id,
                            EnvironmentId = null,
                            TeamId = team?.Id,
                            Name = wanted.Name,
                            Key = wanted.Key,
                            VaultName = name,
                        };
                        db.SecretReferences.Add(reference);
                        db.SecretVersions.Add(VersionOf(id, 1, version, value, caller, wanted.ExpiresAt));
                        await audit.AppendAsync(
                            db,
                            caller,
                            new AuditEntry("credential.created", "credential", id.ToString(), $"{wanted.Key} of {wanted.Name}")
                            {
                                TeamId = team?.Id,
                                After = new
                                {
                                    wanted.Name,
                                    wanted.Key,
                                    team = team?.Name ?? "",
                                    version = "v1",
                                    wanted.ExpiresAt,
                                },
                            },
                            cancellationToken
                        );
                        return true;
                    },
                    cancellationToken
                )
        );

        live.Publish(id);
        return id;
    }

    /// <summary>Stores a new version of a credential, shared or an environment's own; answers with it, such as <c>v3</c>. Nothing uses it
    /// before a rotation.</summary>
    public async Task<string> StoreAsync(
        Caller caller,
        Guid id,
        SecretValue value,
        DateTime? expiresAt,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(value);
        var reference = await work.ReadAsync(db => ManagedAsync(db, caller, id, cancellationToken), cancellationToken);
        if (reference.EnvironmentId is { } own)
        {
            return await environments.PutSecretAsync(caller, own, reference.Key, value, expiresAt, cancellationToken);
        }

        if (CheckValue(reference.Key, value, expiresAt) is { Count: > 0 } problems)
        {
            throw new InvalidInputException(problems);
        }

        var version = await vault.StoreAsync(
            reference.VaultName,
            value,
            new SecretAttributes("", reference.Key, expiresAt),
            cancellationToken
        );
        var number = await vault.OrDiscardAsync(
            [new(reference.VaultName, version)],
            () =>
                work.WriteAsync(
                    async db =>
                    {
                        var next =
                            (
                                await db
                                    .SecretVersions.Where(v => v.SecretReferenceId == id)
                                    .MaxAsync(v => (int?)v.Number, cancellationToken)
                                ?? 0
                            ) + 1;
                        db.SecretVersions.Add(VersionOf(id, next, version, value, caller, expiresAt));
                        await audit.AppendAsync(
                            db,
                            caller,
                            new AuditEntry("secret.stored", "secret", reference.VaultName, $"{reference.Key} of {reference.Name}")
                            {
                                TeamId = reference.TeamId,
                                After = new { version = $"v{next}", expiresAt },
                            },
                            cancellationToken
                        );
                        return next;
                    },
                    cancellationToken
                )
        );
        live.Publish(id);
        return $"v{number}";
    }

    /// <summary>What environments of a team may use, by setting and name.</summary>
    public Task<IReadOnlyList<SharedCredentialChoice>> ChoicesAsync(Caller caller, string team, CancellationToken cancellationToken) =>
        work.ReadAsync<IReadOnlyList<SharedCredentialChoice>>(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var found = await db.Teams.FirstOrDefaultAsync(t => t.Name == team, cancellationToken);
                if (found is null || !access.CanRead(found.Id))
                {
                    throw new NotFoundException("team of this name") { IsSomebodyElses = found is not null };
                }

                var references = await SharedSecrets
                    .Of(db, found.Id)
                    .Include(r => r.Versions)
                    .OrderBy(r => r.Key)
                    .ThenBy(r => r.Name)
                    .Take(MostChoices)
                    .ToListAsync(cancellationToken);
                return
                [
                    .. references
                        .Select(r => (Reference: r, Version: SharedSecrets.Usable(r)))
                        .Where(r => r.Version is not null)
                        .Select(r => new SharedCredentialChoice(
                            r.Reference.Id,
                            r.Reference.Name,
                            r.Reference.Key,
                            r.Reference.TeamId is null ? "all teams" : found.DisplayName,
                            $"v{r.Version!.Number}"
                        )),
                ];
            },
            cancellationToken
        );

    /// <summary>The credential, where the caller may manage it.</summary>
    internal static async Task<SecretReference> ManagedAsync(
        PortalDbContext db,
        Caller caller,
        Guid id,
        CancellationToken cancellationToken
    )
    {
        var (reference, access) = await CredentialService.FindAsync(db, caller, id, cancellationToken);
        CredentialRules.RequireManage(access, reference);
        return reference;
    }

    private List<FieldProblem> Check(NewSharedCredential wanted, SecretValue value)
    {
        var problems = new List<FieldProblem>();
        if (wanted.Name.Length is 0 or > SharedSecrets.LongestName || !SettingPatterns.IsDnsLabel(wanted.Name))
        {
            problems.Add(
                new(
                    "name",
                    $"Give it a name of at most {SharedSecrets.LongestName} characters, by which requests choose it: lower-case letters, digits and hyphens, such as redis-eu."
                )
            );
        }

        problems.AddRange(CheckValue(wanted.Key, value, wanted.ExpiresAt));
        return problems;
    }

    private List<FieldProblem> CheckValue(string key, SecretValue value, DateTime? expiresAt)
    {
        var problems = new List<FieldProblem>();
        if (!SettingsCatalog.ByKey.TryGetValue(key, out var setting) || !setting.View.IsSecret)
        {
            problems.Add(new("key", "There is no secret setting of this name. GET /api/v1/settings lists all of them."));
        }
        else if (SpecValidator.CheckSecret(setting, value.Reveal()) is { } wrong)
        {
            problems.Add(new("value", wrong));
        }
        else if (Encoding.UTF8.GetByteCount(value.Reveal()) is > SpecValidator.MaxSecretLength and var bytes)
        {
            problems.Add(new("value", $"The value has {bytes} bytes; at most {SpecValidator.MaxSecretLength} are taken."));
        }

        if (expiresAt <= time.GetUtcNow().UtcDateTime)
        {
            problems.Add(new("expires", "It must be in the future: an expired value is of no use."));
        }

        return problems;
    }

    private static async Task<Team?> TeamAsync(
        PortalDbContext db,
        Caller caller,
        string name,
        List<FieldProblem> problems,
        CancellationToken cancellationToken
    )
    {
        var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
        if (name.Length == 0)
        {
            return access.IsAdministrator
                ? null
                : throw new ForbiddenException(
                    "Only administrators can keep credentials for all teams. Name your team, and its environments can share it."
                );
        }

        var team = await db.Teams.FirstOrDefaultAsync(t => t.Name == name, cancellationToken);
        if (team is null)
        {
            problems.Add(
                new(
                    "team",
                    $"There is no team of this name.{(access.Teams.Count > 0 ? $" Yours: {string.Join(", ", access.Teams.Select(t => t.Name))}." : "")}"
                )
            );
        }
        else if (!access.CanPropose(team.Id))
        {
            throw new ForbiddenException($"You are not on team {team.Name}. Ask one of its members, or an administrator.");
        }

        return team;
    }

    private static async Task<bool> RefuseTakenAsync(PortalDbContext db, string name, CancellationToken cancellationToken) =>
        await db.SecretReferences.AnyAsync(r => r.Name == name && r.Name != "", cancellationToken)
            ? throw new ConflictException(
                "name-taken",
                $"There is a shared credential {name} already. Choose another name, or store a new version of that one."
            )
            : true;

    private SecretVersion VersionOf(Guid reference, int number, string version, SecretValue value, Caller caller, DateTime? expiresAt) =>
        new()
        {
            SecretReferenceId = reference,
            Number = number,
            VaultVersion = version,
            State = SecretVersionState.Pending,
            CreatedBy = caller.PersonId,
            CreatedAt = time.GetUtcNow().UtcDateTime,
            ExpiresAt = expiresAt,
            Address = EgressNeeds.AddressOf(value.Reveal()) ?? "",
        };
}
