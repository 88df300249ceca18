using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Endpoints;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.UseCases.Approvals;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>Records the outcome of an attempt: operation, environment, request, secrets, findings and audit in one transaction, under the
/// fence.</summary>
internal sealed class OperationOutcome(UnitOfWork work, AuditTrail audit, TimeProvider time)
{
    public Task StartedAsync(OperationContext c, CancellationToken cancellationToken) =>
        WriteAsync(
            "started",
            c,
            async (db, operation, environment, request) =>
            {
                if (operation.StartedAt is null)
                {
                    operation.StartedAt = time.GetUtcNow().UtcDateTime;
                    await AuditAsync(
                        db,
                        c,
                        "operation.started",
                        new { state = OperationState.Running, revision = operation.Revision },
                        "",
                        cancellationToken
                    );
                }
            },
            cancellationToken
        );

    /// <summary>Marks where in its steps the attempt is.</summary>
    public Task MarkAsync(OperationContext c, OperationStep step, StepState state, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;

        // A step that continues after it released its worker has run since then.
        var since = step == c.TakenUp ? step.StartedAt ?? now : now;
        step.State = state;
        return work.WriteAsync(
            async db =>
            {
                await c.Fence.EnsureAsync(db, cancellationToken);
                await db
                    .OperationSteps.Where(s => s.OperationId == step.OperationId && s.Order == step.Order)
                    .ExecuteUpdateAsync(
                        s =>
                            s.SetProperty(x => x.State, state)
                                .SetProperty(x => x.StartedAt, x => state == StepState.Running ? since : x.StartedAt)
                                .SetProperty(x => x.EndedAt, x => state == StepState.Running ? null : now),
                        cancellationToken
                    );
            },
            cancellationToken,
            "mark"
        );
    }

    public Task SucceededAsync(
        OperationContext c,
        EnvironmentObservation? observation,
        Release? release,
        CancellationToken cancellationToken
    ) =>
        WriteAsync(
            "succeeded",
            c,
            async (db, operation, environment, request) =>
            {
                var now = time.GetUtcNow().UtcDateTime;
                Finish(operation, c, OperationState.Succeeded, now);
                request.MoveTo(RequestState.Applied);
                environment.MoveTo(operation.Kind == RequestKind.Delete ? EnvironmentState.Deleted : EnvironmentState.Ready);
                await ResolveAsync(
                    db,
                    environment.Id,
                    now,
                    cancellationToken,
                    "operation",
                    "health",
                    EndpointBackfill.FindingKind,
                    ApprovedContent.FindingKind
                );
                await MoveSecretsAsync(db, c, now, cancellationToken);
                await BeginSharedAsync(db, c, now, cancellationToken);
                if (operation.Kind == RequestKind.Delete)
                {
                    (environment.Endpoint, environment.Health, environment.HealthReason, environment.HealthSince) = (
                        "",
                        HealthStatus.Unknown,
                        "It was removed.",
                        now
                    );
                    await EndpointClaims.ReleaseAsync(db, environment.Id, request.Id, from: null, cancellationToken);
                    await AuditAsync(db, c, "environment.deleted", new { state = environment.State }, "", cancellationToken);
                    return;
                }

                var revision = await db.Revisions.FirstAsync(
                    r => r.EnvironmentId == environment.Id && r.Number == operation.Revision,
                    cancellationToken
                );
                revision.AppliedAt ??= now;
                environment.AppliedRevision = operation.Revision;
                await EndpointClaims.ReleaseAsync(db, environment.Id, request.Id, operation.Revision, cancellationToken);
                if (environment.Health != HealthStatus.Healthy)
                {
                    environment.HealthSince = now;
                }

                (environment.Health, environment.HealthReason, environment.HealthCheckedAt) = (
                    HealthStatus.Healthy,
                    "All pods are ready and the gateway answers.",
                    now
                );
                db.HealthSamples.Add(
                    new HealthSample
                    {
                        EnvironmentId = environment.Id,
                        At = now,
                        Status = HealthStatus.Healthy,
                        Reason = environment.HealthReason,
                    }
                );
                if (observation is not null)
                {
                    var cluster = await db.Clusters.FirstAsync(x => x.Id == environment.ClusterId, cancellationToken);
                    environment.Endpoint = EndpointOf.Environment(
                        observation,
                        PortalJson.Read<EnvironmentSpec>(revision.Content.SpecJson),
                        cluster.ServiceAddressesReachable
                    );
                    environment.TopologyJson = PortalJson.Write(observation);
                }

                if (
                    release is not null
                    && !await db.Releases.AnyAsync(
                        r => r.OperationId == release.OperationId && r.HelmRevision == release.HelmRevision,
                        cancellationToken
                    )
                )
                {
                    db.Releases.Add(release);
                }

                await AuditAsync(
                    db,
                    c,
                    "environment.applied",
                    new
                    {
                        state = environment.State,
                        revision = operation.Revision,
                        helmRevision = release?.HelmRevision,
                    },
                    "",
                    cancellationToken
                );
            },
            cancellationToken
        );

    public Task FailedAsync(OperationContext c, string code, string message, bool cancelled, CancellationToken cancellationToken) =>
        WriteAsync(
            "failed",
            c,
            async (db, operation, environment, request) =>
            {
                var now = time.GetUtcNow().UtcDateTime;
                Finish(operation, c, cancelled ? OperationState.Cancelled : OperationState.Failed, now);
                (operation.ErrorCode, operation.ErrorMessage) = (code, Shorten(message));
                request.MoveTo(cancelled ? RequestState.Cancelled : RequestState.Failed);
                request.Outcome = Shorten(message);
                environment.MoveTo(EnvironmentState.Failed);
                if (environment.AppliedRevision == 0 && !cancelled)
                {
                    // Nobody has looked at it yet, and nothing of it was ever seen to work; the next sweep checks it.
                    (environment.Health, environment.HealthReason, environment.HealthSince) = (
                        HealthStatus.Unhealthy,
                        Shorten(message),
                        environment.Health == HealthStatus.Unhealthy ? environment.HealthSince : now
                    );
                }

                await ResolveAsync(db, environment.Id, now, cancellationToken, "operation");
                var isTampered = code == ApprovedContent.FindingKind;
                db.Findings.Add(
                    new Finding
                    {
                        EnvironmentId = environment.Id,
                        Kind = isTampered ? code : "operation",
                        Severity = Severity.Error,
                        Message = Shorten(message),
                        Since = now,
                    }
                );
                await AuditAsync(
                    db,
                    c,
                    cancelled ? "operation.cancelled" : "operation.failed",
                    new
                    {
                        state = operation.State,
                        code,
                        environment = environment.State,
                    },
                    Shorten(message),
                    cancellationToken
                );
                if (isTampered)
                {
                    await AuditAsync(
                        db,
                        c,
                        "approval.violated",
                        new
                        {
                            request = request.Id,
                            revision = operation.Revision,
                            attempt = operation.Attempts,
                        },
                        Shorten(message),
                        cancellationToken
                    );
                }
            },
            cancellationToken
        );

    public Task PostponedAsync(OperationContext c, string code, string message, TimeSpan delay, CancellationToken cancellationToken) =>
        WriteAsync(
            "postponed",
            c,
            async (db, operation, environment, request) =>
            {
                operation.State = OperationState.Queued;
                (operation.ErrorCode, operation.ErrorMessage) = (code, Shorten(message));
                operation.WaitUntil = code == QueueTurns.Stopped ? operation.WaitUntil : null; // the next attempt has its own time
                Count(operation, c);
                await OperationQueue.DelayAsync(db, operation.Id, delay, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>The same for an attempt that could not even read what it works with.</summary>
    public Task PostponedUnloadedAsync(Claim claim, Failure failure) =>
        work.WriteAsync(
            async db =>
            {
                await claim.Fence.EnsureAsync(db, CancellationToken.None);
                var operation = await db.Operations.AsTracking().FirstAsync(o => o.Id == claim.OperationId);
                operation.State = OperationState.Queued;
                (operation.ErrorCode, operation.ErrorMessage) = (failure.Code, failure.Message);
                await OperationQueue.DelayAsync(db, operation.Id, RetryPolicy.DelayAfter(operation.Attempts), CancellationToken.None);
            },
            CancellationToken.None,
            "postponed"
        );

    /// <summary>Releases the environment until the soak is over. The step stays under way, and nothing counts as failed.</summary>
    public Task SoakingAsync(OperationContext c, CancellationToken cancellationToken) =>
        WriteAsync(
            "soaking",
            c,
            async (db, operation, environment, request) =>
            {
                operation.State = OperationState.Queued;
                (operation.ErrorCode, operation.ErrorMessage) = ("", "");
                Count(operation, c);
                await db
                    .Operations.Where(o => o.Id == operation.Id)
                    .ExecuteUpdateAsync(s => s.SetProperty(o => o.NotBefore, o => o.SoakUntil!.Value), cancellationToken);
            },
            cancellationToken
        );

    /// <summary>Releases the environment while the cluster works. The step stays under way, and nothing counts as
    /// failed.</summary>
    public Task WaitingAsync(OperationContext c, GiveBack waiting, TimeSpan look, CancellationToken cancellationToken) =>
        WriteAsync(
            "waiting",
            c,
            async (db, operation, environment, request) =>
            {
                operation.State = OperationState.Queued;
                (operation.ErrorCode, operation.ErrorMessage) = ("", "");
                (operation.WaitingFor, operation.HelmRevision) = (StoredText.Fit(waiting.WaitingFor, 900), waiting.HelmRevision);
                Count(operation, c);

                // A person who asks to stop it right now wants it to end at once.
                await db
                    .Operations.Where(o => o.Id == operation.Id && !o.CancelRequested)
                    .ExecuteUpdateAsync(
                        s => s.SetProperty(o => o.NotBefore, o => DateTime.UtcNow.AddSeconds(look.TotalSeconds)),
                        cancellationToken
                    );
            },
            cancellationToken
        );

    private Task WriteAsync(
        string failpoint,
        OperationContext c,
        Func<PortalDbContext, Operation, GatewayEnvironment, ChangeRequest, Task> write,
        CancellationToken cancellationToken
    ) =>
        work.WriteAsync(
            async db =>
            {
                await c.Fence.EnsureAsync(db, cancellationToken);
                var operation = await db
                    .Operations.AsTracking()
                    .Include(o => o.Steps)
                    .FirstAsync(o => o.Id == c.Operation.Id, cancellationToken);
                var environment = await db.Environments.AsTracking().FirstAsync(e => e.Id == operation.EnvironmentId, cancellationToken);
                var request = await db.ChangeRequests.AsTracking().FirstAsync(r => r.Id == operation.ChangeRequestId, cancellationToken);
                await write(db, operation, environment, request);
            },
            cancellationToken,
            failpoint
        );

    private static void Finish(Operation operation, OperationContext c, OperationState state, DateTime now)
    {
        operation.State = state;
        operation.EndedAt = now;
        operation.WaitingFor = "";
        (operation.ErrorCode, operation.ErrorMessage) = ("", "");
        Count(operation, c);
        foreach (var step in operation.Steps.Where(s => s.State is StepState.Running or StepState.Pending))
        {
            step.State =
                state == OperationState.Succeeded ? StepState.Succeeded
                : step.State == StepState.Running ? StepState.Failed
                : StepState.Skipped;
            step.EndedAt ??= now;
        }
    }

    private static void Count(Operation operation, OperationContext c)
    {
        operation.HelmMilliseconds += (long)c.HelmClock.Elapsed.TotalMilliseconds;
        operation.WaitMilliseconds += (long)c.Waited.TotalMilliseconds;
    }

    private static async Task ResolveAsync(
        PortalDbContext db,
        Guid environmentId,
        DateTime now,
        CancellationToken cancellationToken,
        params string[] kinds
    )
    {
        foreach (
            var finding in await db
                .Findings.AsTracking()
                .Where(f => f.EnvironmentId == environmentId && kinds.Contains(f.Kind) && f.ResolvedAt == null)
                .ToListAsync(cancellationToken)
        )
        {
            finding.ResolvedAt = now;
        }
    }

    private static async Task MoveSecretsAsync(PortalDbContext db, OperationContext c, DateTime now, CancellationToken cancellationToken)
    {
        var removing = c.Revision is null;
        var retiring = removing || c.Operation.Kind == RequestKind.Rotate;
        foreach (
            var reference in await db
                .SecretReferences.AsTracking()
                .Include(r => r.Versions)
                .Where(r => r.EnvironmentId == c.Environment.Id)
                .ToListAsync(cancellationToken)
        )
        {
            var pinned = removing ? null : c.Pins.GetValueOrDefault(reference.Key);
            foreach (var version in reference.Versions.Where(v => v.State != SecretVersionState.Disabled))
            {
                if (retiring && OldSecrets.IsStale(version, pinned, c.PreviousPins.GetValueOrDefault(reference.Key), removing))
                {
                    (version.State, version.DisabledAt) = (SecretVersionState.Disabled, now);
                }
                else if (pinned is not null && version.VaultVersion == pinned.VaultVersion && version.State != SecretVersionState.Current)
                {
                    await CredentialExpiry.BecameCurrentAsync(db, reference, version, now, cancellationToken);
                    version.State = SecretVersionState.Current;
                }
                else if (version.State == SecretVersionState.Current && version.VaultVersion != pinned?.VaultVersion && !removing)
                {
                    version.State = SecretVersionState.Previous;
                }
            }

            if (removing)
            {
                await CredentialExpiry.RetiredAsync(db, reference, now, cancellationToken);
            }
        }
    }

    // The first environment that runs with a shared credential puts it in use; from then on only a rotation of all its users changes it.
    private static async Task BeginSharedAsync(PortalDbContext db, OperationContext c, DateTime now, CancellationToken cancellationToken)
    {
        await SharedSecrets.ForgetAsync(db, c.Environment.Id, c.Pins, cancellationToken);
        foreach (var pin in c.Pins.Values.Where(p => VaultNames.IsShared(p.VaultName)))
        {
            var reference = await db
                .SecretReferences.AsTracking()
                .Include(r => r.Versions)
                .FirstAsync(r => r.EnvironmentId == null && r.VaultName == pin.VaultName, cancellationToken);
            if (
                reference.Versions.All(v => v.State != SecretVersionState.Current)
                && reference.Versions.First(v => v.Number == pin.Number) is { State: not SecretVersionState.Disabled } version
            )
            {
                version.State = SecretVersionState.Current;
                await CredentialExpiry.BecameCurrentAsync(db, reference, version, now, cancellationToken);
            }
        }
    }

    private Task AuditAsync(
        PortalDbContext db,
        OperationContext c,
        string action,
        object after,
        string reason,
        CancellationToken cancellationToken
    ) =>
        audit.AppendAsync(
            db,
            new Caller(AuditTrail.System, "", c.Operation.Id.ToString()),
            new AuditEntry(
                action,
                "operation",
                c.Operation.Id.ToString(),
                $"{c.Operation.Kind.ToString().ToLowerInvariant()} {c.Environment.Name}"
            )
            {
                EnvironmentId = c.Environment.Id,
                TeamId = c.Environment.TeamId,
                After = after,
                Reason = reason,
                RequestDigest = c.Revision?.Content.Digest ?? "",
            },
            cancellationToken
        );

    private static string Shorten(string text) => StoredText.Fit(text, 1900);
}
