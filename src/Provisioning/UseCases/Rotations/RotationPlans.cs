using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Rotations;

/// <summary>Who is touched, in which order, and what stands in the way.</summary>
internal static class RotationPlans
{
    public const int MostAtOnce = 50;
    public const int DefaultAtOnce = 5;

    /// <summary>The least important first: the order of profiles is that of size, and names decide between equals.</summary>
    public static async Task<RotationDraft> OfAsync(
        PortalDbContext db,
        SecretReference reference,
        int waveSize,
        CancellationToken cancellationToken
    )
    {
        var blockers = new List<FieldProblem>();
        var versions = await db
            .SecretVersions.Where(v => v.SecretReferenceId == reference.Id && v.State != SecretVersionState.Disabled)
            .OrderBy(v => v.Number)
            .ToListAsync(cancellationToken);
        var (from, to) = (versions.Find(v => v.State == SecretVersionState.Current), versions.LastOrDefault());
        if (reference.EnvironmentId is not null)
        {
            blockers.Add(new("credential", "It belongs to one environment. Rotate it there: POST /api/v1/environments/{id}/rotate."));
        }
        else if (from is null)
        {
            blockers.Add(
                new("credential", "No environment uses it yet, so there is nothing to rotate: the next request takes the newest version.")
            );
        }
        else if (to!.Number <= from.Number)
        {
            blockers.Add(
                new(
                    "credential",
                    $"It has no version newer than v{from.Number}. Store one first: PUT /api/v1/credentials/{reference.Id}/value, or its page."
                )
            );
        }

        if (waveSize is < 1 or > MostAtOnce)
        {
            blockers.Add(new("waveSize", $"Use 1 to {MostAtOnce} environments at once."));
            waveSize = DefaultAtOnce;
        }

        if (
            await db.Rotations.AnyAsync(
                r => r.SecretReferenceId == reference.Id && (r.State == RotationState.Pending || r.State == RotationState.Running),
                cancellationToken
            )
        )
        {
            blockers.Add(new("credential", "A rotation of it waits for a decision or already runs. Wait until it ends, or take it back."));
        }

        var uses = await UsesAsync(db, reference.Id, cancellationToken);
        var already = uses.Where(u => to is not null && u.Number == to.Number).ToList();
        var open = uses.Except(already).ToList();
        blockers.AddRange(
            open.Where(u => u.View.State != EnvironmentState.Ready)
                .Select(u => new FieldProblem(
                    "environments",
                    $"{u.View.Name} is {u.View.State.ToString().ToLowerInvariant()}. Fix it or remove it first; a rotation starts with environments that work."
                ))
        );

        // Members of an open rotation of this credential are already reported, and cannot be decided on alone.
        var parts = db
            .Rotations.Where(r =>
                r.SecretReferenceId == reference.Id && (r.State == RotationState.Pending || r.State == RotationState.Running)
            )
            .SelectMany(r => r.Members)
            .Select(m => m.ChangeRequestId);
        var busy = await db
            .ChangeRequests.Where(r =>
                r.State == RequestState.Pending
                && !parts.Contains(r.Id)
                && db.SecretUses.Any(u => u.SecretReferenceId == reference.Id && u.EnvironmentId == r.EnvironmentId)
            )
            .Select(r => r.EnvironmentName)
            .Distinct()
            .Order()
            .Take(20)
            .ToListAsync(cancellationToken);
        blockers.AddRange(
            busy.Select(n => new FieldProblem("environments", $"A request for {n} waits for a decision. Decide or cancel it first."))
        );
        return new RotationDraft(
            from,
            to,
            waveSize,
            Waves([.. open.Select(u => u.View)], waveSize),
            [.. already.Select(u => u.View.Name)],
            blockers
        );
    }

    /// <summary>One alone first, then as many at once as were asked for.</summary>
    public static IReadOnlyList<IReadOnlyList<T>> Waves<T>(IReadOnlyList<T> all, int size) =>
        all.Count == 0
            ? []
            :
            [
                [all[0]],
                .. all.Skip(1).Chunk(size),
            ];

    /// <summary>Environments that use it and the version that each was approved with.</summary>
    public static async Task<IReadOnlyList<(PlannedEnvironment View, int Number)>> UsesAsync(
        PortalDbContext db,
        Guid reference,
        CancellationToken cancellationToken
    )
    {
        var rows = await (
            from use in db.SecretUses
            where use.SecretReferenceId == reference
            join environment in db.Environments on use.EnvironmentId equals environment.Id
            where environment.State != EnvironmentState.Deleted
            join profile in db.Profiles on environment.Profile equals profile.Name into profiles
            from profile in profiles.DefaultIfEmpty()
            orderby profile == null ? 0 : profile.Order, environment.Name
            select new
            {
                View = new PlannedEnvironment(
                    environment.Id,
                    environment.Name,
                    environment.Team!.Name,
                    environment.Profile,
                    environment.State
                ),
                Number = db
                    .Revisions.Where(r =>
                        r.EnvironmentId == environment.Id
                        && r.Number == (environment.AppliedRevision == 0 ? environment.ApprovedRevision : environment.AppliedRevision)
                    )
                    .SelectMany(r => r.Secrets)
                    .Where(s => s.Key == use.Key)
                    .Select(s => s.Number)
                    .FirstOrDefault(),
            }
        ).ToListAsync(cancellationToken);
        return [.. rows.Select(r => (r.View, r.Number))];
    }

    /// <summary>What an approval of a rotation binds to.</summary>
    public static string DigestOf(
        Guid reference,
        int from,
        int to,
        int waveSize,
        IEnumerable<(int Wave, Guid Environment, string ContentDigest)> members
    )
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(
            new object[]
            {
                "rotation-v1",
                reference,
                from,
                to,
                waveSize,
                members
                    .OrderBy(m => m.Wave)
                    .ThenBy(m => m.Environment)
                    .Select(m => new object[] { m.Wave, m.Environment, m.ContentDigest }),
            }
        );
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));
    }
}

/// <summary>A plan before it is asked for.</summary>
internal sealed record RotationDraft(
    SecretVersion? From,
    SecretVersion? To,
    int WaveSize,
    IReadOnlyList<IReadOnlyList<PlannedEnvironment>> Waves,
    IReadOnlyList<string> Already,
    IReadOnlyList<FieldProblem> Blockers
);
