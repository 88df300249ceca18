using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Rotations;

/// <summary>
/// Rotation of a shared credential over every environment that uses it: planned, asked for and approved as one, then carried out in waves.
/// Each environment has a request of its own, with its difference and its preflight, which nobody decides on alone.
/// </summary>
public sealed class RotationService(
    UnitOfWork work,
    Proposals proposals,
    Decisions decisions,
    AuditTrail audit,
    PreflightSignal preflights,
    RotationSignal signal,
    LiveUpdates live,
    IOptions<RotationOptions> options,
    TimeProvider time
)
{
    private const int MaxReason = 1000;

    /// <summary>Environments at once after the first, where nothing else is said.</summary>
    public const int DefaultWaveSize = RotationPlans.DefaultAtOnce;

    /// <summary>What it would touch, and what stands in the way.</summary>
    public Task<RotationPlanView> PlanAsync(Caller caller, Guid credential, int waveSize, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var (reference, access) = await CredentialService.FindAsync(db, caller, credential, cancellationToken);
                var draft = await RotationPlans.OfAsync(db, reference, waveSize, cancellationToken);
                var whyNot = CredentialRules.WhyNotManage(access, reference.TeamId);
                return new RotationPlanView(
                    credential,
                    reference.Name,
                    reference.Key,
                    RotationQueries.Version(draft.From?.Number),
                    draft.To?.Number > draft.From?.Number ? RotationQueries.Version(draft.To?.Number) : "",
                    draft.WaveSize,
                    draft.Waves,
                    draft.Already,
                    draft.Blockers,
                    options.Value.SoakSeconds,
                    whyNot.Length == 0,
                    whyNot
                );
            },
            cancellationToken
        );

    /// <summary>Asks for it: every environment's request, rendered and digested, and the rotation that holds them, in one transaction.
    /// Answers with its id.</summary>
    /// <exception cref="InvalidInputException">With everything that stands in the way.</exception>
    public Task<Guid> ProposeAsync(Caller caller, Guid credential, int waveSize, string reason, CancellationToken cancellationToken) =>
        ProposeAsync(caller, credential, waveSize, reason, acting: null, cancellationToken);

    /// <summary>The same for what the portal asks for by itself, with other rights than its caller's.</summary>
    internal async Task<Guid> ProposeAsync(
        Caller caller,
        Guid credential,
        int waveSize,
        string reason,
        Access? acting,
        CancellationToken cancellationToken
    )
    {
        RequireReason(reason);
        var (reference, draft) = await work.ReadAsync(
            async db =>
            {
                var found = acting is null
                    ? await SharedCredentials.ManagedAsync(db, caller, credential, cancellationToken)
                    : await db.SecretReferences.FirstAsync(r => r.Id == credential, cancellationToken);
                return (found, await RotationPlans.OfAsync(db, found, waveSize, cancellationToken));
            },
            cancellationToken
        );
        if (draft.Blockers.Count > 0)
        {
            throw new InvalidInputException(draft.Blockers);
        }

        var prepared = await PrepareAsync(caller, reference, draft, reason, acting, cancellationToken);
        var (rotation, touched) = await work.WriteAsync(
            async db =>
            {
                // Who uses it, and whether something waits, may have changed while it was rendered.
                var now = await RotationPlans.OfAsync(db, reference, waveSize, cancellationToken);
                if (now.Blockers.Count > 0)
                {
                    throw new InvalidInputException(now.Blockers);
                }

                if (!Ids(now).SequenceEqual(Ids(draft)) || now.To!.Number != draft.To!.Number)
                {
                    throw new ConflictException("stale-plan", "The credential's users have changed meanwhile. Look at the plan again.");
                }

                return await WriteAsync(db, caller, reference, draft, prepared, reason, cancellationToken);
            },
            cancellationToken,
            "propose-rotation"
        );
        preflights.Ring();
        live.Publish([rotation, credential, .. touched]);
        return rotation;
    }

    /// <summary>Newest first.</summary>
    public Task<Page<RotationRow>> ListAsync(Caller caller, RotationFilter filter, PageRequest page, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                ArgumentNullException.ThrowIfNull(filter);
                ArgumentNullException.ThrowIfNull(page);
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var query = RotationQueries.Filter(RotationQueries.Visible(db, access), access, filter);
                if (Cursor.Decode(page.Cursor, 1) is [var last])
                {
                    var id = Cursor.AsGuid(last);
                    query = query.Where(r => r.Id.CompareTo(id) < 0);
                }

                var rows = await RotationQueries.RowsAsync(db, query.OrderByDescending(r => r.Id).Take(page.Take + 1), cancellationToken);
                return new Page<RotationRow>(
                    [.. rows.Take(page.Take)],
                    rows.Count > page.Take ? Cursor.Encode(rows[page.Take - 1].Id) : null
                );
            },
            cancellationToken
        );

    /// <summary>One rotation, with how far each environment is.</summary>
    public Task<RotationView> GetAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var rotation =
                    await RotationQueries
                        .Visible(db, access)
                        .Include(r => r.Members)
                        .FirstOrDefaultAsync(r => r.Id == id, cancellationToken)
                    ?? throw new NotFoundException("rotation of this id")
                    {
                        IsSomebodyElses = await db.Rotations.AnyAsync(r => r.Id == id, cancellationToken),
                    };
                return await RotationQueries.ViewAsync(db, access, rotation, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Approves exactly what has this digest; the first wave starts at once.</summary>
    public async Task ApproveAsync(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken)
    {
        RequireReason(reason);
        await DecideAsync(
            caller,
            id,
            digest,
            async (db, rotation, requests) =>
            {
                var uses = await RotationPlans.UsesAsync(db, rotation.SecretReferenceId, cancellationToken);
                var members = rotation.Members.Select(m => m.EnvironmentId).ToHashSet();
                if (
                    uses.Any(u => !members.Contains(u.View.Id) && u.Number != rotation.ToNumber)
                    || members.Any(m => uses.All(u => u.View.Id != m))
                )
                {
                    throw new ConflictException(
                        "stale-digest",
                        "The environments that use the credential have changed since this was asked for. Reject it, and have it asked for again."
                    );
                }

                var failures = await RotationQueries.PreflightFailuresAsync(db, [.. requests.Select(r => r.Id)], cancellationToken);
                if (failures > 0 && string.IsNullOrWhiteSpace(reason))
                {
                    throw new InvalidInputException(
                        "reason",
                        $"{failures} of the preflights' checks failed. Fix them, or say why it is approved anyway; an environment whose checks fail stops the rotation."
                    );
                }

                rotation.State = RotationState.Running;
                return "rotation.approved";
            },
            reason,
            cancellationToken
        );
        signal.Ring();
    }

    /// <summary>Rejects it; a reason is required.</summary>
    public Task RejectAsync(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken)
    {
        RequireReason(reason);
        return string.IsNullOrWhiteSpace(reason)
            ? throw new InvalidInputException("reason", "Say why, so that the requester can fix it.")
            : DecideAsync(
                caller,
                id,
                digest,
                (db, rotation, requests) =>
                    DropAsync(db, caller, rotation, requests, "rotation.rejected", $"Rejected: {reason.Trim()}", cancellationToken),
                reason,
                cancellationToken
            );
    }

    /// <summary>Takes it back before it is decided.</summary>
    public Task CancelAsync(Caller caller, Guid id, string reason, CancellationToken cancellationToken)
    {
        RequireReason(reason);
        return DecideAsync(
            caller,
            id,
            null,
            (db, rotation, requests) =>
                DropAsync(db, caller, rotation, requests, "rotation.cancelled", "Taken back before it was decided.", cancellationToken),
            reason,
            cancellationToken
        );
    }

    private async Task DecideAsync(
        Caller caller,
        Guid id,
        string? digest,
        Func<PortalDbContext, Rotation, IReadOnlyList<ChangeRequest>, Task<string>> decide,
        string reason,
        CancellationToken cancellationToken
    )
    {
        var touched = await work.WriteAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var visible = await RotationQueries.Visible(db, access).AnyAsync(r => r.Id == id, cancellationToken);
                var rotation = visible
                    ? await db.Rotations.AsTracking().Include(r => r.Members).FirstAsync(r => r.Id == id, cancellationToken)
                    : throw new NotFoundException("rotation of this id")
                    {
                        IsSomebodyElses = await db.Rotations.AnyAsync(r => r.Id == id, cancellationToken),
                    };
                var reference = await db.SecretReferences.FirstAsync(r => r.Id == rotation.SecretReferenceId, cancellationToken);
                if (
                    digest is null
                        ? CredentialRules.WhyNotManage(access, reference.TeamId) is { Length: > 0 } why
                        : (why = ApprovalPolicy.WhyNotDecide(access, rotation.RequestedBy, RequestState.Pending)).Length > 0
                )
                {
                    throw new ForbiddenException(why);
                }

                if (rotation.State != RotationState.Pending)
                {
                    throw new ConflictException("not-pending", $"The rotation is {rotation.State.ToString().ToLowerInvariant()} already.");
                }

                var requests = await RotationQueries.RequestsAsync(db, rotation, cancellationToken);
                if (digest is not null)
                {
                    await RequireFreshAsync(db, rotation, requests, digest, cancellationToken);
                }

                (rotation.DecidedBy, rotation.DecidedAt, rotation.Version) = (
                    caller.PersonId,
                    time.GetUtcNow().UtcDateTime,
                    Guid.NewGuid()
                );
                var action = await decide(db, rotation, requests);
                await AuditAsync(db, caller, rotation, reference, action, reason, cancellationToken);
                return rotation
                    .Members.SelectMany(m => new[] { m.EnvironmentId, m.ChangeRequestId })
                    .Append(rotation.SecretReferenceId)
                    .ToList();
            },
            cancellationToken,
            "decide-rotation"
        );
        live.Publish([id, .. touched]);
    }

    private async Task<string> DropAsync(
        PortalDbContext db,
        Caller caller,
        Rotation rotation,
        IReadOnlyList<ChangeRequest> requests,
        string action,
        string outcome,
        CancellationToken cancellationToken
    )
    {
        (rotation.State, rotation.EndedAt, rotation.Outcome) = (RotationState.Cancelled, time.GetUtcNow().UtcDateTime, outcome);
        foreach (var request in requests.Where(r => r.State == RequestState.Pending))
        {
            await decisions.DropMemberAsync(db, request, caller, "The rotation that it is part of does not take place.", cancellationToken);
        }

        return action;
    }

    private static async Task RequireFreshAsync(
        PortalDbContext db,
        Rotation rotation,
        IReadOnlyList<ChangeRequest> requests,
        string digest,
        CancellationToken cancellationToken
    )
    {
        if (digest.Length == 0)
        {
            throw new InvalidInputException("digest", "Name the digest of the content that you decide on; GET the rotation to see it.");
        }

        if (digest != rotation.ContentDigest || digest != await RotationAnchor.DigestAsync(db, rotation, requests, cancellationToken))
        {
            throw new ConflictException(
                "stale-digest",
                "This is not the content that the rotation holds now. Look at it again and decide on what you see."
            );
        }
    }

    private async Task<IReadOnlyList<PreparedProposal>> PrepareAsync(
        Caller caller,
        SecretReference reference,
        RotationDraft draft,
        string reason,
        Access? acting,
        CancellationToken cancellationToken
    )
    {
        var pins = new Dictionary<string, SecretPin>(StringComparer.Ordinal) { [reference.Key] = SecretPins.Of(reference, draft.To!) };
        var (prepared, problems) = (new ConcurrentDictionary<Guid, PreparedProposal>(), new ConcurrentBag<FieldProblem>());
        await Parallel.ForEachAsync(
            draft.Waves.SelectMany(w => w),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            async (environment, token) =>
            {
                try
                {
                    var command = new ProposeCommand
                    {
                        Kind = RequestKind.Rotate,
                        EnvironmentId = environment.Id,
                        RotateKey = reference.Key,
                        SharedVersions = pins,
                        Reason = reason,
                        Acting = acting,
                    };
                    prepared[environment.Id] = await proposals.PrepareAsync(caller, command, token);
                }
                catch (InvalidInputException e)
                {
                    problems.Add(
                        new FieldProblem(
                            "environments",
                            $"{environment.Name} cannot be requested: {string.Join(" ", e.Problems.Select(p => p.Message))}"
                        )
                    );
                }
                catch (ConflictException e)
                {
                    problems.Add(new FieldProblem("environments", $"{environment.Name}: {e.Message}"));
                }
            }
        );
        return problems.IsEmpty
            ? [.. Ids(draft).Select(i => prepared[i])]
            : throw new InvalidInputException([.. problems.OrderBy(p => p.Message, StringComparer.Ordinal)]);
    }

    private async Task<(Guid Rotation, IReadOnlyList<Guid> Touched)> WriteAsync(
        PortalDbContext db,
        Caller caller,
        SecretReference reference,
        RotationDraft draft,
        IReadOnlyList<PreparedProposal> prepared,
        string reason,
        CancellationToken cancellationToken
    )
    {
        var members = new List<(int Wave, ChangeRequest Request)>();
        foreach (var proposal in prepared)
        {
            var wave = draft.Waves.Index().First(w => w.Item.Any(e => e.Id == proposal.Target.EnvironmentId)).Index;
            members.Add((wave, await proposals.AddAsync(db, caller, proposal, cancellationToken)));
        }

        var (from, to) = (draft.From!.Number, draft.To!.Number);
        var rotation = new Rotation
        {
            SecretReferenceId = reference.Id,
            FromNumber = from,
            ToNumber = to,
            WaveSize = draft.WaveSize,
            Reason = reason.Trim(),
            RequestedBy = caller.PersonId,
            RequestedAt = time.GetUtcNow().UtcDateTime,
            ContentDigest = RotationPlans.DigestOf(
                reference.Id,
                from,
                to,
                draft.WaveSize,
                members.Select(m => (m.Wave, m.Request.EnvironmentId, m.Request.Content.Digest))
            ),
        };
        db.Rotations.Add(rotation);
        foreach (var (wave, request) in members)
        {
            rotation.Members.Add(
                new RotationMember
                {
                    RotationId = rotation.Id,
                    EnvironmentId = request.EnvironmentId,
                    Wave = wave,
                    ChangeRequestId = request.Id,
                }
            );
        }

        await AuditAsync(db, caller, rotation, reference, "rotation.proposed", reason, cancellationToken);
        return (rotation.Id, [.. members.Select(m => m.Request.EnvironmentId)]);
    }

    private Task AuditAsync(
        PortalDbContext db,
        Caller caller,
        Rotation rotation,
        SecretReference reference,
        string action,
        string reason,
        CancellationToken cancellationToken
    ) =>
        audit.AppendAsync(
            db,
            caller,
            new AuditEntry(action, "rotation", rotation.Id.ToString(), $"{reference.Key} of {reference.Name}")
            {
                TeamId = reference.TeamId,
                Reason = reason.Trim(),
                RequestDigest = rotation.ContentDigest,
                After = new
                {
                    state = rotation.State,
                    from = $"v{rotation.FromNumber}",
                    to = $"v{rotation.ToNumber}",
                    environments = rotation.Members.Count,
                    rotation.WaveSize,
                },
            },
            cancellationToken
        );

    private static IEnumerable<Guid> Ids(RotationDraft draft) => draft.Waves.SelectMany(w => w).Select(e => e.Id);

    private static void RequireReason(string reason)
    {
        if (reason.Length > MaxReason)
        {
            throw new InvalidInputException("reason", $"The reason has {reason.Length} characters; at most {MaxReason} are allowed.");
        }
    }
}
