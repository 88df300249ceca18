using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>What environments take from credentials that they share with others.</summary>
public static class SharedSecrets
{
    /// <summary>Longest name of a shared credential: a DNS label.</summary>
    public const int LongestName = 63;

    /// <summary>Those that environments of a team may use: its own, and those that administrators keep for all teams.</summary>
    internal static IQueryable<SecretReference> Of(PortalDbContext db, Guid team) =>
        db.SecretReferences.Where(r => r.EnvironmentId == null && r.Name != "" && (r.TeamId == null || r.TeamId == team));

    /// <summary>
    /// The pins of a spec: those of before, with shared credentials where the spec names them, and the environment's own where it no longer
    /// does. One that is pinned already keeps its version, so that only a rotation moves it.
    /// </summary>
    internal static async Task<Dictionary<string, SecretPin>> PinAsync(
        PortalDbContext db,
        Guid team,
        EnvironmentSpec spec,
        Dictionary<string, SecretPin> pins,
        IReadOnlyDictionary<string, SecretReference> own,
        IReadOnlyCollection<string> given,
        List<FieldProblem> problems,
        CancellationToken cancellationToken
    )
    {
        var wanted = spec.SharedSecrets ?? new Dictionary<string, string>();
        foreach (
            var key in pins.Where(p => VaultNames.IsShared(p.Value.VaultName) && !wanted.ContainsKey(p.Key)).Select(p => p.Key).ToList()
        )
        {
            pins.Remove(key);
            if (own.GetValueOrDefault(key) is { } reference && Usable(reference) is { } version)
            {
                pins[key] = SecretPins.Of(reference, version);
            }
        }

        if (wanted.Count == 0)
        {
            return pins;
        }

        var shared = await Of(db, team)
            .AsNoTracking()
            .Include(r => r.Versions)
            .Where(r => wanted.Values.Contains(r.Name))
            .ToDictionaryAsync(r => r.Name, cancellationToken);
        foreach (var (key, name) in wanted)
        {
            var field = $"spec.sharedSecrets.{key}";
            if (shared.GetValueOrDefault(name) is not { } reference)
            {
                var names = await Of(db, team)
                    .Where(r => r.Key == key)
                    .OrderBy(r => r.Name)
                    .Select(r => r.Name)
                    .Take(20)
                    .ToListAsync(cancellationToken);
                problems.Add(
                    new(
                        field,
                        names.Count == 0
                            ? $"There is no shared credential for {key} that this team may use. Store one under Credentials first, or give it its own secret."
                            : $"There is no shared credential of this name for {key}. There are: {string.Join(", ", names)}."
                    )
                );
            }
            else if (reference.Key != key)
            {
                problems.Add(new(field, $"{name} is a credential for {reference.Key}. Name one for {key}."));
            }
            else if (given.Contains(key))
            {
                problems.Add(new($"spec.secrets.{key}", $"It is taken from shared credential {name} as well. Give one of the two."));
            }
            else if ((Keep(pins.GetValueOrDefault(key), reference) ?? Usable(reference)) is not { } version)
            {
                problems.Add(new(field, $"{name} has no version that can be used. Store one first."));
            }
            else
            {
                pins[key] = SecretPins.Of(reference, version);
            }
        }

        return pins;
    }

    /// <summary>
    /// Records what an approved spec uses. What it no longer uses is forgotten when it is applied: until then it runs. Refuses what
    /// would use a version that is disabled, or about to be.
    /// </summary>
    internal static async Task UseAsync(PortalDbContext db, ChangeRequest request, Guid? inRotation, CancellationToken cancellationToken)
    {
        var environmentId = request.EnvironmentId;
        foreach (var pin in request.Secrets.Where(s => VaultNames.IsShared(s.VaultName)))
        {
            var key = pin.Key;
            var reference = await db
                .SecretReferences.Where(r => r.Id == pin.SecretReferenceId)
                .Select(r => new { r.Id, r.Name })
                .FirstAsync(cancellationToken);
            if (
                await db.SecretVersions.AnyAsync(
                    v => v.SecretReferenceId == reference.Id && v.Number == pin.Number && v.State == SecretVersionState.Disabled,
                    cancellationToken
                )
            )
            {
                throw new ConflictException(
                    "stale-secret",
                    $"{key} v{pin.Number} of shared credential {reference.Name} was disabled since this was proposed. Propose it again."
                );
            }

            if (
                await db.Rotations.AnyAsync(
                    r =>
                        r.SecretReferenceId == reference.Id
                        && r.State == RotationState.Running
                        && r.Id != inRotation
                        && r.ToNumber != pin.Number,
                    cancellationToken
                )
            )
            {
                throw new ConflictException(
                    "credential-rotating",
                    $"Shared credential {reference.Name} is being rotated away from v{pin.Number}. Propose this again when that is done."
                );
            }

            var use = await db
                .SecretUses.AsTracking()
                .FirstOrDefaultAsync(u => u.EnvironmentId == environmentId && u.Key == key, cancellationToken);
            if (use is null)
            {
                use = new SecretUse
                {
                    EnvironmentId = environmentId,
                    Key = key,
                    SecretReferenceId = reference.Id,
                };
                db.SecretUses.Add(use);
            }

            use.SecretReferenceId = reference.Id;
        }
    }

    /// <summary>Forgets uses that the running revision does not have; all of them where nothing runs any more.</summary>
    internal static async Task ForgetAsync(
        PortalDbContext db,
        Guid environmentId,
        IReadOnlyDictionary<string, SecretPin> pins,
        CancellationToken cancellationToken
    )
    {
        foreach (var use in await db.SecretUses.AsTracking().Where(u => u.EnvironmentId == environmentId).ToListAsync(cancellationToken))
        {
            if (!pins.TryGetValue(use.Key, out var pin) || !VaultNames.IsShared(pin.VaultName))
            {
                db.SecretUses.Remove(use);
            }
        }
    }

    /// <summary>The version in use; the newest where none is yet.</summary>
    internal static SecretVersion? Usable(SecretReference reference) =>
        reference.Versions.FirstOrDefault(v => v.State == SecretVersionState.Current)
        ?? reference.Versions.Where(v => v.State != SecretVersionState.Disabled).MaxBy(v => v.Number);

    private static SecretVersion? Keep(SecretPin? pin, SecretReference reference) =>
        pin?.VaultName == reference.VaultName
            ? reference.Versions.FirstOrDefault(v => v.Number == pin.Number && v.State != SecretVersionState.Disabled)
            : null;
}
