using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Changes;

/// <summary>Shows changes of portal-wide rules, and decides on them. Decision, effect and audit events are one transaction.</summary>
public sealed class ChangeService(
    UnitOfWork work,
    ChangeContent content,
    IEnumerable<IChangeEffect> effects,
    ISecretWriter vault,
    AuditTrail audit,
    LiveUpdates live,
    TimeProvider time
)
{
    private const int MaxReason = 1000;

    /// <summary>Changes, newest first; administrators and auditors.</summary>
    public Task<Page<ChangeView>> ListAsync(Caller caller, GovernanceState? state, PageRequest page, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var access = await ReaderAsync(db, caller, cancellationToken);
                var query = db.GovernanceChanges.Where(c => state == null || c.State == state);
                if (Cursor.Decode(page.Cursor, 1) is [var last] && Cursor.AsGuid(last) is var after)
                {
                    query = query.Where(c => c.Id.CompareTo(after) < 0);
                }

                var rows = await query.OrderByDescending(c => c.Id).Take(page.Take + 1).ToListAsync(cancellationToken);
                var names = await NamesAsync(db, rows, cancellationToken);
                var now = time.GetUtcNow().UtcDateTime;
                var shown = rows.Take(page.Take)
                    .Select(c => ChangeView.Of(c, names.GetValueOrDefault(c.ProposedBy, c.ProposedBy), access, now))
                    .ToList();
                return new Page<ChangeView>(shown, rows.Count > page.Take ? Cursor.Encode(shown[^1].Id) : null);
            },
            cancellationToken
        );

    /// <summary>One of them.</summary>
    public Task<ChangeView> GetAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var access = await ReaderAsync(db, caller, cancellationToken);
                var row =
                    await db.GovernanceChanges.FirstOrDefaultAsync(c => c.Id == id, cancellationToken)
                    ?? throw new NotFoundException("such change");
                return ChangeView.Of(
                    row,
                    (await NamesAsync(db, [row], cancellationToken)).GetValueOrDefault(row.ProposedBy, row.ProposedBy),
                    access,
                    time.GetUtcNow().UtcDateTime
                );
            },
            cancellationToken
        );

    /// <summary>Approves exactly the content with this digest, as a second administrator, and carries it out.</summary>
    public async Task ApproveAsync(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken)
    {
        var applied = await work.WriteAsync<GovernanceChange?>(
            async db =>
            {
                var (row, access) = await LoadAsync(db, caller, id, reason, cancellationToken);
                if (row.State == GovernanceState.Approved && row.DecidedBy == caller.PersonId && row.ContentDigest == digest)
                {
                    return null; // a double click
                }

                RequireMayDecide(row, access, digest);
                Decide(row, caller, GovernanceState.Approved, reason);
                await EffectOf(row).ApplyAsync(db, caller, row, cancellationToken);
                await audit.AppendAsync(
                    db,
                    caller,
                    ChangeProposals.Event(row, "change.approved") with
                    {
                        Reason = row.Reason,
                    },
                    cancellationToken
                );
                return row;
            },
            cancellationToken,
            "change-approved"
        );
        if (applied is not null)
        {
            live.Publish(ChangeProposals.Topics(applied));
            await EffectOf(applied).AppliedAsync(applied, cancellationToken);
        }
    }

    /// <summary>Rejects it, as a second administrator; a reason is required.</summary>
    public async Task RejectAsync(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(reason))
        {
            throw new InvalidInputException("reason", "Say why, so that the proposer can fix it.");
        }

        await DropAsync(
            caller,
            id,
            reason,
            "change.rejected",
            (row, access) =>
            {
                RequireMayDecide(row, access, digest);
                Decide(row, caller, GovernanceState.Rejected, reason);
            },
            cancellationToken
        );
    }

    /// <summary>Takes it back; only for its proposer.</summary>
    public Task CancelAsync(Caller caller, Guid id, string reason, CancellationToken cancellationToken) =>
        DropAsync(
            caller,
            id,
            reason,
            "change.cancelled",
            (row, _) =>
            {
                if (row.ProposedBy != caller.PersonId)
                {
                    throw new ForbiddenException("Only its proposer can take it back. Reject it instead.");
                }

                RequirePending(row);
                Decide(row, caller, GovernanceState.Cancelled, reason);
            },
            cancellationToken
        );

    /// <summary>Ends what nobody decided on in time, and disables what waited for it in the vault. Returns how many
    /// ended.</summary>
    public async Task<int> TidyAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var caller = new Caller(AuditTrail.System, "", $"changes-{now:yyyyMMddTHHmmss}");
        var ended = await work.WriteAsync(
            async db =>
            {
                var late = await db
                    .GovernanceChanges.AsTracking()
                    .Where(c => c.State == GovernanceState.Pending && c.ExpiresAt <= now)
                    .OrderBy(c => c.Id)
                    .Take(100)
                    .ToListAsync(cancellationToken);
                foreach (var row in late)
                {
                    Decide(row, caller, GovernanceState.Expired, $"Nobody decided within {ChangeProposals.DaysOpen} days.");
                    await audit.AppendAsync(
                        db,
                        caller,
                        ChangeProposals.Event(row, "change.expired") with
                        {
                            Reason = row.Reason,
                        },
                        cancellationToken
                    );
                }

                return late.Count;
            },
            cancellationToken
        );
        foreach (
            var left in await work.ReadAsync(
                db =>
                    db.GovernanceChanges.Where(c =>
                            c.VaultVersion != ""
                            && (
                                c.State == GovernanceState.Rejected
                                || c.State == GovernanceState.Cancelled
                                || c.State == GovernanceState.Expired
                            )
                        )
                        .OrderBy(c => c.Id)
                        .Take(100)
                        .ToListAsync(cancellationToken),
                cancellationToken
            )
        )
        {
            await DiscardAsync(left, cancellationToken);
        }

        return ended;
    }

    private async Task DropAsync(
        Caller caller,
        Guid id,
        string reason,
        string action,
        Action<GovernanceChange, Access> decide,
        CancellationToken cancellationToken
    )
    {
        var dropped = await work.WriteAsync(
            async db =>
            {
                var (row, access) = await LoadAsync(db, caller, id, reason, cancellationToken);
                decide(row, access);
                await audit.AppendAsync(db, caller, ChangeProposals.Event(row, action) with { Reason = row.Reason }, cancellationToken);
                return row;
            },
            cancellationToken
        );
        live.Publish(id);
        await DiscardAsync(dropped, cancellationToken);
    }

    // Once it is disabled the row says so; where the vault does not answer, the next cleanup does it.
    private async Task DiscardAsync(GovernanceChange change, CancellationToken cancellationToken)
    {
        if (change.VaultVersion.Length == 0)
        {
            return;
        }

        try
        {
            await vault.DisableAsync(change.VaultName, change.VaultVersion, cancellationToken);
        }
        catch (VaultException)
        {
            return;
        }

        await work.WriteAsync(
            db =>
                db.GovernanceChanges.Where(c => c.Id == change.Id)
                    .ExecuteUpdateAsync(s => s.SetProperty(c => c.VaultVersion, ""), cancellationToken),
            cancellationToken
        );
    }

    private async Task<(GovernanceChange Row, Access Access)> LoadAsync(
        PortalDbContext db,
        Caller caller,
        Guid id,
        string reason,
        CancellationToken cancellationToken
    )
    {
        if (reason.Length > MaxReason)
        {
            throw new InvalidInputException("reason", $"The reason has {reason.Length} characters; at most {MaxReason} are allowed.");
        }

        var access = await ReaderAsync(db, caller, cancellationToken);
        if (!access.IsAdministrator)
        {
            throw new ForbiddenException("Only administrators decide on changes of portal-wide rules.");
        }

        return (
            await db.GovernanceChanges.AsTracking().FirstOrDefaultAsync(c => c.Id == id, cancellationToken)
                ?? throw new NotFoundException("such change"),
            access
        );
    }

    private void RequireMayDecide(GovernanceChange row, Access access, string digest)
    {
        RequirePending(row);
        if (ChangeView.Rights(row, access, time.GetUtcNow().UtcDateTime) is { WhyNotDecide: { Length: > 0 } whyNot })
        {
            throw row.ProposedBy == access.PersonId ? new ForbiddenException(whyNot) : new ConflictException("expired", whyNot);
        }

        if (string.IsNullOrEmpty(digest))
        {
            throw new InvalidInputException("digest", "Name the digest of the change that you decide on; GET the change to see it.");
        }

        // Against what is stored, what that hashes to now, and who sealed it: a row changed by hand is as stale as an old page.
        if (digest != row.ContentDigest || !content.IsUntouched(row))
        {
            throw new ConflictException(
                "stale-digest",
                "This is not what was proposed. Look at it again and decide on what you see; a change that was altered outside the portal can only be proposed again."
            );
        }
    }

    private static void RequirePending(GovernanceChange row)
    {
        if (row.State != GovernanceState.Pending)
        {
            throw new ConflictException("not-pending", $"The change is {row.State.ToString().ToLowerInvariant()} already.");
        }
    }

    private void Decide(GovernanceChange row, Caller caller, GovernanceState state, string reason) =>
        (row.State, row.DecidedBy, row.DecidedAt, row.Reason, row.Version) = (
            state,
            caller.PersonId,
            time.GetUtcNow().UtcDateTime,
            reason.Trim(),
            Guid.NewGuid()
        );

    private IChangeEffect EffectOf(GovernanceChange row) => effects.First(e => e.Kind == row.Kind);

    private static async Task<Access> ReaderAsync(PortalDbContext db, Caller caller, CancellationToken cancellationToken)
    {
        var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
        return access.ReadsAll ? access : throw new ForbiddenException("Administrators and auditors see changes of portal-wide rules.");
    }

    private static async Task<Dictionary<string, string>> NamesAsync(
        PortalDbContext db,
        IReadOnlyList<GovernanceChange> rows,
        CancellationToken cancellationToken
    )
    {
        var ids = rows.Select(r => r.ProposedBy).Distinct().ToList();
        return await db.People.Where(p => ids.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.DisplayName, cancellationToken);
    }
}
