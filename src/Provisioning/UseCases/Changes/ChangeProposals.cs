using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Changes;

/// <summary>Takes changes of portal-wide rules: they wait for a second administrator, or are carried out at once while the bootstrap
/// lasts.</summary>
public sealed class ChangeProposals(
    UnitOfWork work,
    Bootstrap bootstrap,
    ChangeContent content,
    AuditTrail audit,
    LiveUpdates live,
    TimeProvider time
)
{
    /// <summary>Days that a change waits.</summary>
    public const int DaysOpen = 7;

    /// <summary>Proposes it; administrators only.</summary>
    /// <exception cref="CommandRefusedException">It may not be proposed, one waits already, or its effect refused it.</exception>
    public async Task<ChangeOutcome> SubmitAsync(
        Caller caller,
        ChangeDraft draft,
        IChangeEffect effect,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(draft);
        ArgumentNullException.ThrowIfNull(effect);
        var change = Of(caller, draft, effect.Kind);
        var applied = await work.WriteAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                if (!access.IsAdministrator)
                {
                    throw new ForbiddenException($"Only administrators {draft.Summary}.");
                }

                if (
                    await db
                        .GovernanceChanges.Where(c =>
                            c.State == GovernanceState.Pending && c.Kind == effect.Kind && c.TargetId == draft.TargetId
                        )
                        .Select(c => (Guid?)c.Id)
                        .FirstOrDefaultAsync(cancellationToken) is
                    { } waiting
                )
                {
                    throw new ConflictException(
                        "change-pending",
                        $"A change of {draft.TargetName} already waits for a second administrator: {waiting}. Have it decided, or take it back."
                    );
                }

                var row = Copy(change);
                if (!await bootstrap.IsOpenAsync(db, caller, cancellationToken))
                {
                    db.GovernanceChanges.Add(row);
                    await audit.AppendAsync(db, caller, Event(row, "change.proposed"), cancellationToken);
                    return false;
                }

                (row.State, row.IsBootstrap, row.DecidedBy, row.DecidedAt) = (
                    GovernanceState.Approved,
                    true,
                    caller.PersonId,
                    row.ProposedAt
                );
                db.GovernanceChanges.Add(row);
                await effect.ApplyAsync(db, caller, row, cancellationToken);
                await audit.AppendAsync(
                    db,
                    caller,
                    Event(row, "change.bootstrap") with
                    {
                        Reason = "No second administrator has signed in yet.",
                    },
                    cancellationToken
                );
                return true;
            },
            cancellationToken,
            "change"
        );
        live.Publish(Topics(change));
        if (applied)
        {
            await effect.AppliedAsync(change, cancellationToken);
        }

        return new ChangeOutcome(change.Id, applied);
    }

    /// <summary>Whose pages refresh: its own, and its target's where that has an id.</summary>
    internal static IEnumerable<Guid> Topics(GovernanceChange change) =>
        Guid.TryParse(change.TargetId, out var target) ? [change.Id, target] : [change.Id];

    internal static AuditEntry Event(GovernanceChange change, string action) =>
        new(action, "change", change.Id.ToString(), change.TargetName)
        {
            Before = PortalJson.Read<Dictionary<string, string>>(change.BeforeJson),
            After = new
            {
                kind = change.Kind,
                summary = change.Summary,
                state = change.State,
                proposedBy = change.ProposedBy,
                facts = PortalJson.Read<Dictionary<string, string>>(change.AfterJson),
            },
            RequestDigest = change.ContentDigest,
        };

    private GovernanceChange Of(Caller caller, ChangeDraft draft, GovernanceKind kind)
    {
        var (id, now, digest) = (Guid.CreateVersion7(), time.GetUtcNow().UtcDateTime, ChangeContent.DigestOf(kind, draft));
        return new GovernanceChange
        {
            Id = id,
            Kind = kind,
            TargetId = draft.TargetId,
            TargetName = draft.TargetName,
            Summary = draft.Summary,
            BeforeJson = PortalJson.Write(draft.Before),
            AfterJson = PortalJson.Write(draft.After),
            PayloadJson = PortalJson.Write(draft.Payload),
            VaultName = draft.VaultName,
            VaultVersion = draft.VaultVersion,
            ContentDigest = digest,
            Seal = content.SealOf(id, digest, caller.PersonId),
            ProposedBy = caller.PersonId,
            ProposedAt = now,
            ExpiresAt = now.AddDays(DaysOpen),
        };
    }

    // Work that lost a race is run again on a fresh context, which must not get an entity of the old one.
    private static GovernanceChange Copy(GovernanceChange c) =>
        new()
        {
            Id = c.Id,
            Kind = c.Kind,
            TargetId = c.TargetId,
            TargetName = c.TargetName,
            Summary = c.Summary,
            BeforeJson = c.BeforeJson,
            AfterJson = c.AfterJson,
            PayloadJson = c.PayloadJson,
            VaultName = c.VaultName,
            VaultVersion = c.VaultVersion,
            ContentDigest = c.ContentDigest,
            Seal = c.Seal,
            ProposedBy = c.ProposedBy,
            ProposedAt = c.ProposedAt,
            ExpiresAt = c.ExpiresAt,
        };
}
