using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Requests;

namespace Portkey.Portal.Provisioning.UseCases.Rotations;

/// <summary>
/// Continues an approved rotation from what the rows say: the next wave when one is done, the end when one failed, and after the last
/// the old version disabled. Each step may be done again, by anybody, at any time.
/// </summary>
internal sealed partial class RotationRunner(
    UnitOfWork work,
    Decisions decisions,
    Revocations revocations,
    ISecretVault vault,
    AuditTrail audit,
    WorkSignal signal,
    LiveUpdates live,
    Failpoints failpoints,
    TimeProvider time,
    ILogger<RotationRunner> logger
)
{
    /// <summary>Rotations under way.</summary>
    public Task<List<Guid>> RunningAsync(CancellationToken cancellationToken) =>
        work.ReadAsync(
            db =>
                db.Rotations.Where(r => r.State == RotationState.Running)
                    .OrderBy(r => r.Id)
                    .Select(r => r.Id)
                    .Take(100)
                    .ToListAsync(cancellationToken),
            cancellationToken
        );

    /// <summary>Does what can be done now.</summary>
    public async Task AdvanceAsync(Guid id, CancellationToken cancellationToken)
    {
        var (touched, isThrough) = await work.WriteAsync(db => StepAsync(db, id, cancellationToken), cancellationToken, "wave");
        if (touched.Count > 0)
        {
            signal.Ring();
            live.Publish([id, .. touched]);
        }

        if (isThrough)
        {
            await FinishAsync(id, cancellationToken);
        }
    }

    private async Task<(IReadOnlyList<Guid> Touched, bool IsThrough)> StepAsync(
        PortalDbContext db,
        Guid id,
        CancellationToken cancellationToken
    )
    {
        var rotation = await db.Rotations.AsTracking().Include(r => r.Members).FirstAsync(r => r.Id == id, cancellationToken);
        if (rotation.State != RotationState.Running)
        {
            return ([], false);
        }

        var requests = await RotationQueries.RequestsAsync(db, rotation, cancellationToken);
        if (requests.Any(r => r.State == RequestState.Approved))
        {
            return ([], false); // a wave is under way
        }

        if (requests.FirstOrDefault(r => r.State is RequestState.Failed or RequestState.Cancelled or RequestState.Rejected) is { } failed)
        {
            await StopAsync(db, rotation, requests, $"{failed.EnvironmentName}: {failed.Outcome}", cancellationToken);
            return (Touched(rotation), false);
        }

        var waiting = requests.Where(r => r.State == RequestState.Pending).ToList();
        if (waiting.Count == 0)
        {
            return ([], true);
        }

        if (!await RotationAnchor.IsAsApprovedAsync(audit, db, rotation, requests, cancellationToken))
        {
            await StopAsync(db, rotation, requests, RotationAnchor.NotAsApproved, cancellationToken);
            RotationAnchor.AddFindings(db, waiting, time.GetUtcNow().UtcDateTime);
            return (Touched(rotation), false);
        }

        var wave = waiting.Min(r => WaveOf(rotation, r));
        rotation.Version = Guid.NewGuid(); // two workers may be here; one of them commits
        try
        {
            foreach (var request in waiting.Where(r => WaveOf(rotation, r) == wave))
            {
                await decisions.StartMemberAsync(db, request, rotation, By(rotation), cancellationToken);
            }
        }
        catch (CommandRefusedException refused)
        {
            // Nothing of this wave was saved yet, so all of it is dropped by starting over with the end of the rotation.
            db.ChangeTracker.Clear();
            rotation = await db.Rotations.AsTracking().Include(r => r.Members).FirstAsync(r => r.Id == id, cancellationToken);
            await StopAsync(
                db,
                rotation,
                await RotationQueries.RequestsAsync(db, rotation, cancellationToken),
                refused.Message,
                cancellationToken
            );
        }

        return (Touched(rotation), false);
    }

    private async Task StopAsync(
        PortalDbContext db,
        Rotation rotation,
        IReadOnlyList<ChangeRequest> requests,
        string why,
        CancellationToken cancellationToken
    )
    {
        var done = requests.Count(r => r.State == RequestState.Applied);
        foreach (var request in requests.Where(r => r.State == RequestState.Pending))
        {
            await decisions.DropMemberAsync(
                db,
                request,
                By(rotation),
                "An earlier environment failed, so the rotation was stopped.",
                cancellationToken
            );
        }

        var outcome =
            $"Stopped: {why} {done} of {requests.Count} environments use v{rotation.ToNumber}; v{rotation.FromNumber} and v{rotation.ToNumber} are both valid, and nothing was disabled. Ask for it again when the cause is fixed: it continues with the rest.";
        await EndAsync(db, rotation, RotationState.Failed, "rotation.failed", outcome, cancellationToken);
    }

    // Every environment runs with the new version and was watched for its time; what nothing may use any more is disabled.
    private async Task FinishAsync(Guid id, CancellationToken cancellationToken)
    {
        var (rotation, reference, users) = await work.ReadAsync(
            async db =>
            {
                var r = await db.Rotations.FirstAsync(x => x.Id == id, cancellationToken);
                var s = await db.SecretReferences.Include(x => x.Versions).FirstAsync(x => x.Id == r.SecretReferenceId, cancellationToken);
                return (r, s, await UsersOfOldAsync(db, s, r.ToNumber, cancellationToken));
            },
            cancellationToken
        );
        var old = reference.Versions.Where(v => v.Number < rotation.ToNumber && v.State != SecretVersionState.Disabled).ToList();
        if (users.Count > 0)
        {
            await EndAsync(
                id,
                RotationState.Failed,
                "rotation.failed",
                $"{string.Join(", ", users)} would still use an older version, so none was disabled. Ask for the rotation again.",
                cancellationToken
            );
            return;
        }

        var kept = reference.Versions.First(v => v.Number == rotation.ToNumber).VaultVersion;
        try
        {
            foreach (var version in old)
            {
                // While the vault still returns it: revoking the old value needs the value. A failure of the provider is a
                // finding.
                await revocations.RetireAsync(reference, version, kept, cancellationToken);
                await failpoints.HitAsync("rotation.before-disable", cancellationToken);
                await vault.DisableAsync(reference.VaultName, version.VaultVersion, cancellationToken);
                await failpoints.HitAsync("rotation.disabled", cancellationToken);
            }
        }
        catch (VaultException e) when (e.IsTransient)
        {
            LogVault(logger, id, e); // the next ring tries again
            return;
        }
        catch (VaultException e)
        {
            await EndAsync(
                id,
                RotationState.Failed,
                "rotation.failed",
                $"Every environment uses v{rotation.ToNumber}, but the vault did not disable the earlier versions: {e.Message} Fix that, and ask for the rotation again.",
                cancellationToken
            );
            return;
        }

        await EndAsync(
            id,
            RotationState.Succeeded,
            "rotation.succeeded",
            $"Every environment uses v{rotation.ToNumber}; {string.Join(", ", old.Select(v => $"v{v.Number}"))} {Plural.Word(old.Count, "is", "are")} disabled for good.",
            cancellationToken
        );
    }

    private async Task EndAsync(Guid id, RotationState state, string action, string outcome, CancellationToken cancellationToken)
    {
        var touched = await work.WriteAsync(
            async db =>
            {
                var rotation = await db.Rotations.AsTracking().Include(r => r.Members).FirstAsync(r => r.Id == id, cancellationToken);
                if (rotation.State != RotationState.Running)
                {
                    return [];
                }

                if (state == RotationState.Succeeded)
                {
                    await MoveAsync(db, rotation, cancellationToken);
                }

                await EndAsync(db, rotation, state, action, outcome, cancellationToken);
                return Touched(rotation);
            },
            cancellationToken,
            "rotated"
        );
        live.Publish([id, .. touched]);
    }

    private async Task MoveAsync(PortalDbContext db, Rotation rotation, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var reference = await db
            .SecretReferences.AsTracking()
            .Include(r => r.Versions)
            .FirstAsync(r => r.Id == rotation.SecretReferenceId, cancellationToken);
        foreach (var version in reference.Versions.Where(v => v.Number < rotation.ToNumber && v.State != SecretVersionState.Disabled))
        {
            (version.State, version.DisabledAt) = (SecretVersionState.Disabled, now);
        }

        var current = reference.Versions.First(v => v.Number == rotation.ToNumber);
        current.State = SecretVersionState.Current;
        await CredentialExpiry.BecameCurrentAsync(db, reference, current, now, cancellationToken);
    }

    private async Task EndAsync(
        PortalDbContext db,
        Rotation rotation,
        RotationState state,
        string action,
        string outcome,
        CancellationToken cancellationToken
    )
    {
        (rotation.State, rotation.EndedAt, rotation.Outcome, rotation.Version) = (
            state,
            time.GetUtcNow().UtcDateTime,
            StoredText.Fit(outcome, 1900),
            Guid.NewGuid()
        );
        var reference = await db.SecretReferences.FirstAsync(r => r.Id == rotation.SecretReferenceId, cancellationToken);
        await audit.AppendAsync(
            db,
            By(rotation),
            new AuditEntry(action, "rotation", rotation.Id.ToString(), $"{reference.Key} of {reference.Name}")
            {
                TeamId = reference.TeamId,
                RequestDigest = rotation.ContentDigest,
                Before = new { state = RotationState.Running },
                Reason = rotation.Outcome,
                After = new
                {
                    state,
                    from = $"v{rotation.FromNumber}",
                    to = $"v{rotation.ToNumber}",
                },
            },
            cancellationToken
        );
    }

    // What was approved last, or runs, in any environment that is there: whatever of it names an older version would not start again
    // without it.
    private static Task<List<string>> UsersOfOldAsync(
        PortalDbContext db,
        SecretReference reference,
        int to,
        CancellationToken cancellationToken
    )
    {
        var old = reference.Versions.Where(v => v.Number < to && v.State != SecretVersionState.Disabled).Select(v => v.Number).ToList();
        return db
            .Environments.Where(e =>
                e.State != EnvironmentState.Deleted
                && db.RevisionSecrets.Where(s => s.SecretReferenceId == reference.Id && old.Contains(s.Number))
                    .Any(s =>
                        db.Revisions.Any(r =>
                            r.Id == s.RevisionId
                            && r.EnvironmentId == e.Id
                            && (r.Number == e.AppliedRevision || r.Number == e.ApprovedRevision)
                        )
                    )
            )
            .OrderBy(e => e.Name)
            .Select(e => e.Name)
            .Take(10)
            .ToListAsync(cancellationToken);
    }

    private static int WaveOf(Rotation rotation, ChangeRequest request) =>
        rotation.Members.First(m => m.ChangeRequestId == request.Id).Wave;

    private static List<Guid> Touched(Rotation rotation) =>
        [rotation.SecretReferenceId, .. rotation.Members.SelectMany(m => new[] { m.EnvironmentId, m.ChangeRequestId })];

    private static Caller By(Rotation rotation) => new(AuditTrail.System, "", rotation.Id.ToString());

    [LoggerMessage(1051, LogLevel.Warning, "Rotation {RotationId}: the vault did not answer; the old version will be disabled later")]
    private static partial void LogVault(ILogger logger, Guid rotationId, Exception exception);
}
