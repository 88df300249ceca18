using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Rotations;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.Engine.Schedules;

/// <summary>
/// Begins what is due by policy, the soonest first, each in its window: a new value, a request for its rotation, and where an administrator
/// had decided so in advance its approval. Each step finds what the one before left, so the next run picks up after a crash.
/// </summary>
internal sealed partial class ScheduledRotations(
    UnitOfWork work,
    KeyIssuance issuance,
    Proposals proposals,
    Decisions decisions,
    RotationService rotations,
    LiveUpdates live,
    TimeProvider time,
    ILogger<ScheduledRotations> logger
)
{
    private const int Batch = 50;

    // A run is short, so that a slow provider does not delay whatever else becomes due.
    private const int MostAtOnce = 10;

    private static readonly TimeSpan Pause = TimeSpan.FromHours(24);

    // May propose for every team; decides nothing.
    private static readonly Access Portal = new(AuditTrail.System, "The portal", IsAdministrator: true, IsAuditor: false, []);

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>When a failed one may begin again: not in the same window, nor on the same day.</summary>
    public static DateTime AgainAfter(DateTime failed, string window) =>
        MaintenanceWindow.TryParse(window)?.OpensAfter(failed) ?? failed + Pause;

    /// <summary>Begins what is due; returns how many rotations were requested.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await TellAsync(cancellationToken);
        var begun = 0;
        var (after, last) = (DateTime.MinValue, Guid.Empty);
        while (begun < MostAtOnce)
        {
            var due = await DueAsync(after, last, cancellationToken);
            foreach (var reference in due.Where(IsTime))
            {
                begun += await BeginAsync(reference, cancellationToken) ? 1 : 0;
                if (begun == MostAtOnce)
                {
                    break;
                }
            }

            if (due.Count < Batch)
            {
                break;
            }

            (after, last) = (due[^1].DueAt!.Value, due[^1].Id);
        }

        return begun;
    }

    // One range of the index on what is due; the page goes on where the last one ended.
    private Task<List<SecretReference>> DueAsync(DateTime after, Guid last, CancellationToken cancellationToken)
    {
        var now = Now;
        return work.ReadAsync(
            db =>
                db.SecretReferences.Free()
                    .Where(r => r.DueAt <= now && r.DueAt >= after && (r.DueAt > after || r.Id.CompareTo(last) > 0))
                    .Where(r =>
                        (r.RotateNotBefore == null || r.RotateNotBefore <= now)
                        && !db.IssueRequests.Any(q => q.SecretReferenceId == r.Id && q.EndedAt == null)
                    )
                    .Where(r =>
                        r.Provider != ""
                        && (
                            db.Environments.Any(e =>
                                e.Id == r.EnvironmentId
                                && (e.State == EnvironmentState.Ready || e.State == EnvironmentState.Failed)
                                && e.AppliedRevision > 0
                            ) || (r.EnvironmentId == null && db.SecretUses.Any(u => u.SecretReferenceId == r.Id))
                        )
                    )
                    .OrderBy(r => r.DueAt)
                    .ThenBy(r => r.Id)
                    .Take(Batch)
                    .ToListAsync(cancellationToken),
            cancellationToken
        );
    }

    private bool IsTime(SecretReference reference)
    {
        var now = Now;
        return MaintenanceWindow.TryParse(reference.Window)?.IsOpen(now) == true
            && CredentialDue.At(reference.RotateEveryDays, reference.RotateBeforeDays, reference.LastRotatedAt, reference.ExpiresAt) <= now;
    }

    private async Task<bool> BeginAsync(SecretReference reference, CancellationToken cancellationToken)
    {
        try
        {
            var (current, waiting, isBusy) = await work.ReadAsync(
                db =>
                    reference.EnvironmentId is null
                        ? SharedStandAsync(db, reference, cancellationToken)
                        : StandAsync(db, reference, cancellationToken),
                cancellationToken
            );
            if (waiting is not null)
            {
                await ApproveAsync(reference, waiting.Id, waiting.Content.Digest, cancellationToken);
                return false;
            }

            if (isBusy || current is null)
            {
                return false;
            }

            if (!await IsMadeAsync(reference.Id, current.Value, cancellationToken))
            {
                await issuance.IssueAsync(Caller(reference), reference.Id, request: null, cancellationToken);
            }

            if (reference.EnvironmentId is null)
            {
                // In waves, over all that use it: that always needs a person's approval.
                var rotation = await rotations.ProposeAsync(
                    Caller(reference),
                    reference.Id,
                    RotationService.DefaultWaveSize,
                    ReasonOf(reference),
                    Portal,
                    cancellationToken
                );
                LogBegun(logger, reference.Key, reference.Id, rotation);
                await work.WriteAsync(
                    db => RotationFindings.ResolveAsync(db, reference, RotationFindings.Due, Now, cancellationToken),
                    cancellationToken
                );
                return true;
            }

            var id = await proposals.ProposeAsync(
                Caller(reference),
                new ProposeCommand
                {
                    Kind = RequestKind.Rotate,
                    EnvironmentId = reference.EnvironmentId,
                    RotateKey = reference.Key,
                    Reason = ReasonOf(reference),
                    Acting = Portal,
                },
                cancellationToken
            );
            LogBegun(logger, reference.Key, reference.Id, id);
            var digest = await work.ReadAsync(
                db => db.ChangeRequests.Where(r => r.Id == id).Select(r => r.Content.Digest).FirstAsync(cancellationToken),
                cancellationToken
            );
            await work.WriteAsync(
                db => RotationFindings.ResolveAsync(db, reference, RotationFindings.Due, Now, cancellationToken),
                cancellationToken
            );
            await ApproveAsync(reference, id, digest, cancellationToken);
            return true;
        }
        catch (IssueException problem) when (problem.Code is "issuing" or "rotation-open")
        {
            return false; // somebody else is on it
        }
        catch (ConflictException problem) when (problem.Code is "request-pending" or "stale-base")
        {
            return false; // somebody requested something else meanwhile
        }
        catch (Exception problem) when (problem is IssueException or CommandRefusedException or HelmException or ChartException)
        {
            await PutOffAsync(reference, problem.Message, cancellationToken);
            return false;
        }
    }

    // The version in use; the request of the portal that waits for its approval; whether anything else stands in the way.
    private async Task<(int? Current, ChangeRequest? Waiting, bool IsBusy)> StandAsync(
        PortalDbContext db,
        SecretReference reference,
        CancellationToken cancellationToken
    )
    {
        var current = await db
            .SecretVersions.Where(v => v.SecretReferenceId == reference.Id && v.State == SecretVersionState.Current)
            .MaxAsync(v => (int?)v.Number, cancellationToken);
        var bringing = OpenRotations.Bringing(db, reference, current ?? 0).Where(r => r.EnvironmentId == reference.EnvironmentId);
        if (
            await db.ChangeRequests.AnyAsync(
                r => r.EnvironmentId == reference.EnvironmentId && (r.State == RequestState.Pending || r.State == RequestState.Approved),
                cancellationToken
            )
        )
        {
            var waiting = !reference.IsUnattended
                ? null
                : await bringing.FirstOrDefaultAsync(
                    r => r.State == RequestState.Pending && r.Kind == RequestKind.Rotate && r.RequestedBy == AuditTrail.System,
                    cancellationToken
                );
            return (current, waiting, true);
        }

        // What was rejected, or failed, is not requested again at once.
        var last = await db
            .ChangeRequests.Where(r =>
                r.EnvironmentId == reference.EnvironmentId && r.Kind == RequestKind.Rotate && r.RequestedBy == AuditTrail.System
            )
            .OrderByDescending(r => r.Id)
            .FirstOrDefaultAsync(cancellationToken);
        if (last is null || last.State == RequestState.Applied || !await bringing.AnyAsync(r => r.Id == last.Id, cancellationToken))
        {
            return (current, null, false);
        }

        var ended = last.OperationId is { } operation
            ? await db.Operations.Where(o => o.Id == operation).Select(o => o.EndedAt).FirstOrDefaultAsync(cancellationToken)
            : null;
        return (current, null, Now < AgainAfter(ended ?? last.DecidedAt ?? last.RequestedAt, reference.Window));
    }

    private async Task<(int? Current, ChangeRequest? Waiting, bool IsBusy)> SharedStandAsync(
        PortalDbContext db,
        SecretReference reference,
        CancellationToken cancellationToken
    )
    {
        var current = await db
            .SecretVersions.Where(v => v.SecretReferenceId == reference.Id && v.State == SecretVersionState.Current)
            .MaxAsync(v => (int?)v.Number, cancellationToken);
        var last = await db
            .Rotations.Where(r => r.SecretReferenceId == reference.Id)
            .OrderByDescending(r => r.Id)
            .FirstOrDefaultAsync(cancellationToken);
        return last?.State switch
        {
            RotationState.Pending or RotationState.Running => (current, null, true),
            RotationState.Failed or RotationState.Cancelled when last.RequestedBy == AuditTrail.System => (
                current,
                null,
                Now < AgainAfter(last.EndedAt ?? last.RequestedAt, reference.Window)
            ),
            _ => (current, null, false),
        };
    }

    // Made by a run that died, or for a request that was not approved: it is reused.
    private Task<bool> IsMadeAsync(Guid id, int current, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var newest = await db
                    .SecretVersions.Where(v => v.SecretReferenceId == id && v.State != SecretVersionState.Disabled)
                    .OrderByDescending(v => v.Number)
                    .FirstOrDefaultAsync(cancellationToken);
                return newest is { ProviderMark: not null } && newest.Number > current;
            },
            cancellationToken
        );

    private async Task ApproveAsync(SecretReference reference, Guid request, string digest, CancellationToken cancellationToken)
    {
        if (
            !reference.IsUnattended
            || await decisions.ApproveByPolicyAsync(request, digest, reference.Id, cancellationToken) is not { Length: > 0 } whyNot
        )
        {
            return;
        }

        await FindAsync(reference, $"is due, and its rotation waits for an approval: {whyNot}.", cancellationToken);
    }

    private async Task PutOffAsync(SecretReference reference, string why, CancellationToken cancellationToken)
    {
        var again = AgainAfter(Now, reference.Window);
        await work.WriteAsync(
            db =>
                db.SecretReferences.Where(r => r.Id == reference.Id)
                    .ExecuteUpdateAsync(s => s.SetProperty(r => r.RotateNotBefore, again), cancellationToken),
            cancellationToken
        );
        await FindAsync(
            reference,
            $"has been due since {reference.DueAt:yyyy-MM-dd HH:mm} UTC, and could not be rotated: {why} It will be tried again from {again:yyyy-MM-dd HH:mm} UTC.",
            cancellationToken
        );
        LogPutOff(logger, reference.Key, reference.Id, again);
    }

    // People are told once about what is due and nothing can make.
    private async Task TellAsync(CancellationToken cancellationToken)
    {
        var now = Now;
        var untold = await work.ReadAsync(
            db =>
                db.SecretReferences.Where(r =>
                        r.DueAt <= now && r.Provider == "" && r.Versions.Any(v => v.State == SecretVersionState.Current)
                    )
                    .Where(r =>
                        db.Environments.Any(e =>
                            (
                                e.Id == r.EnvironmentId
                                || (
                                    r.EnvironmentId == null
                                    && db.SecretUses.Any(u => u.SecretReferenceId == r.Id && u.EnvironmentId == e.Id)
                                )
                            )
                            && e.State != EnvironmentState.Deleted
                            && e.State != EnvironmentState.Deleting
                        )
                    )
                    .Where(r =>
                        !db.Findings.Any(f =>
                            (
                                f.EnvironmentId == r.EnvironmentId
                                || (
                                    r.EnvironmentId == null
                                    && db.SecretUses.Any(u => u.SecretReferenceId == r.Id && u.EnvironmentId == f.EnvironmentId)
                                )
                            )
                            && f.Kind == RotationFindings.Due
                            && f.ResolvedAt == null
                            && f.SubjectName == r.Key
                        )
                    )
                    .OrderBy(r => r.DueAt)
                    .Take(Batch)
                    .ToListAsync(cancellationToken),
            cancellationToken
        );
        foreach (var reference in untold)
        {
            await FindAsync(
                reference,
                $"has been due by its policy since {reference.DueAt:yyyy-MM-dd HH:mm} UTC. Nothing can make a new value for it: store a new version and rotate to it, or set a provider.",
                cancellationToken
            );
        }
    }

    private async Task FindAsync(SecretReference reference, string message, CancellationToken cancellationToken)
    {
        await work.WriteAsync(
            db => RotationFindings.PutAsync(db, reference, RotationFindings.Due, Severity.Warning, message, Now, cancellationToken),
            cancellationToken
        );
        live.Publish(reference.EnvironmentId is { } environment ? [environment, reference.Id] : [reference.Id]);
    }

    private static string ReasonOf(SecretReference reference) => $"Due by policy since {reference.DueAt:yyyy-MM-dd HH:mm} UTC.";

    private static Caller Caller(SecretReference reference) => new(AuditTrail.System, "", $"due-{reference.Id}");

    [LoggerMessage(1217, LogLevel.Information, "Credential {Key} ({Id}) is due by policy: request {Request} asks for its rotation.")]
    private static partial void LogBegun(ILogger logger, string key, Guid id, Guid request);

    [LoggerMessage(
        1218,
        LogLevel.Warning,
        "Credential {Key} ({Id}) is due and could not be rotated; it will be tried again from {Again}. A finding says why."
    )]
    private static partial void LogPutOff(ILogger logger, string key, Guid id, DateTime again);
}
