using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Endpoints;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.UseCases.Approvals;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>Approve, reject, cancel. Each is one transaction of decision, state, audit event and queued work.</summary>
public sealed class Decisions(UnitOfWork work, AuditTrail audit, WorkSignal signal, LiveUpdates live, TimeProvider time)
{
    private const int MaxReason = 1000;

    /// <summary>Approves exactly the content with this digest.</summary>
    public async Task ApproveAsync(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken)
    {
        var (environment, operation) = await work.WriteAsync(
            async db =>
            {
                var (request, access) = await LoadAsync(db, caller, id, reason, cancellationToken);
                if (
                    request is { State: RequestState.Approved or RequestState.Applied, OperationId: { } done }
                    && request.Approvals.Any(a => a.DecidedBy == caller.PersonId && a.Digest == digest)
                )
                {
                    return (request.EnvironmentId, done); // a double click: this person has already approved it
                }

                RequireMayDecide(request, access);
                await RequireFreshAsync(db, request, digest, cancellationToken);
                RequireChart(request);
                var preflight = await PreflightRuns.LatestAsync(db, id, cancellationToken);
                if (preflight is { State: PreflightState.Finished, Failures: > 0 } && string.IsNullOrWhiteSpace(reason))
                {
                    throw new InvalidInputException(
                        "reason",
                        $"{preflight.Failures} of the preflight's checks failed. Have it checked again once they are fixed, or say why it is approved anyway; it is not applied while they fail."
                    );
                }

                Decide(db, request, caller, Decision.Approve, digest, reason);
                request.MoveTo(RequestState.Approved);
                await QueueAsync(db, request, caller, cancellationToken, access: access);
                await AuditAsync(db, caller, request, "request.approved", reason, cancellationToken, preflight);
                return (request.EnvironmentId, request.OperationId!.Value);
            },
            cancellationToken,
            "approve"
        );
        signal.Ring();
        live.Publish(id, environment, operation);
    }

    /// <summary>
    /// Approves a rotation that the portal proposed by itself, as the decision of the administrator who had the credential rotate so.
    /// Answers with why not; empty when it is approved. Whatever is not exactly that rotation waits for a person.
    /// </summary>
    internal async Task<string> ApproveByPolicyAsync(Guid id, string digest, Guid credential, CancellationToken cancellationToken)
    {
        var (whyNot, touched) = await work.WriteAsync<(string, IReadOnlyList<Guid>)>(
            async db =>
            {
                var request = await db
                    .ChangeRequests.WithSecrets()
                    .Include(r => r.Content.ChartVersion)
                    .Include(r => r.Approvals)
                    .FirstAsync(r => r.Id == id, cancellationToken);
                if (request.State != RequestState.Pending)
                {
                    return ("", []); // already decided: by an earlier run that died, or by a person
                }

                await RequireFreshAsync(db, request, digest, cancellationToken);
                if (!await StandingAnchor.HoldsAsync(audit, db, request, cancellationToken))
                {
                    return (StandingAnchor.Changed, []);
                }

                var (by, why) = await StandingApproval.FindAsync(db, request, credential, time.GetUtcNow().UtcDateTime, cancellationToken);
                if (by is null)
                {
                    return (why, []);
                }

                var caller = new Caller(AuditTrail.System, "", request.Id.ToString());
                Decide(db, request, caller with { PersonId = by.PersonId }, Decision.Approve, digest, by.Reason);
                request.MoveTo(RequestState.Approved);
                await QueueAsync(db, request, caller, cancellationToken);
                await AuditAsync(
                    db,
                    caller,
                    request,
                    "request.approved",
                    by.Reason,
                    new
                    {
                        state = request.State,
                        operation = request.OperationId,
                        policy = by,
                    },
                    cancellationToken
                );
                return ("", [id, request.EnvironmentId, request.OperationId!.Value]);
            },
            cancellationToken,
            "approve"
        );
        if (touched.Count > 0)
        {
            signal.Ring();
            live.Publish([.. touched]);
        }

        return whyNot;
    }

    /// <summary>Rejects it; a reason is required.</summary>
    public async Task RejectAsync(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(reason))
        {
            throw new InvalidInputException("reason", "Say why, so that the requester can fix it.");
        }

        await work.WriteAsync(
            async db =>
            {
                var (request, access) = await LoadAsync(db, caller, id, reason, cancellationToken);
                RequireMayDecide(request, access);
                await RequireFreshAsync(db, request, digest, cancellationToken);
                Decide(db, request, caller, Decision.Reject, digest, reason);
                request.MoveTo(RequestState.Rejected);
                request.Outcome = reason.Trim();
                await ReleaseAsync(db, request, cancellationToken);
                await AuditAsync(db, caller, request, "request.rejected", reason, cancellationToken);
            },
            cancellationToken
        );
        live.Publish(id);
    }

    /// <summary>Takes it back before it is decided.</summary>
    public async Task CancelAsync(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken)
    {
        await work.WriteAsync(
            async db =>
            {
                var (request, access) = await LoadAsync(db, caller, id, reason, cancellationToken);
                if (!access.CanPropose(request.TeamId))
                {
                    throw new ForbiddenException("Only the team that made the request, and administrators, can cancel it.");
                }

                if (request.State != RequestState.Pending)
                {
                    throw new ConflictException(
                        "not-pending",
                        $"The request is {request.State.ToString().ToLowerInvariant()} already; only a request that waits for a decision can be cancelled."
                    );
                }

                if (digest.Length > 0)
                {
                    await RequireFreshAsync(db, request, digest, cancellationToken);
                }

                request.MoveTo(RequestState.Cancelled);
                request.DecidedAt = time.GetUtcNow().UtcDateTime;
                await ReleaseAsync(db, request, cancellationToken);
                await AuditAsync(db, caller, request, "request.cancelled", reason, cancellationToken);
            },
            cancellationToken
        );
        live.Publish(id);
    }

    private static async Task<(ChangeRequest Request, Access Access)> LoadAsync(
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

        var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
        var request = await RequestService.FindAsync(db, access, id, cancellationToken);
        return request.State == RequestState.Pending && await db.RotationMembers.AnyAsync(m => m.ChangeRequestId == id, cancellationToken)
            ? throw new ConflictException(
                "part-of-rotation",
                "This request is part of a shared credential's rotation. Decide on the rotation: it goes through all of them in waves."
            )
            : (request, access);
    }

    private static void RequireMayDecide(ChangeRequest request, Access access)
    {
        var why = ApprovalPolicy.WhyNotDecide(access, request.RequestedBy, RequestState.Pending);
        if (why.Length > 0)
        {
            throw new ForbiddenException(why);
        }

        if (request.State != RequestState.Pending)
        {
            throw new ConflictException("not-pending", $"The request is {request.State.ToString().ToLowerInvariant()} already.");
        }
    }

    private static async Task RequireFreshAsync(
        PortalDbContext db,
        ChangeRequest request,
        string digest,
        CancellationToken cancellationToken
    )
    {
        if (string.IsNullOrEmpty(digest))
        {
            throw new InvalidInputException("digest", "Name the digest of the content that you decide on; GET the request to see it.");
        }

        // Compared with what is stored and with what that hashes to now: a row changed by hand is as stale as an old page.
        if (
            digest != request.Content.Digest
            || !ContentDigest.Fits(
                digest,
                request,
                await ContentDigest.ReleaseAsync(db, request.EnvironmentId, cancellationToken),
                request.Content.ChartVersion!.Digest
            )
        )
        {
            throw new ConflictException(
                "stale-digest",
                "This is not the content that the request holds now. Look at it again and decide on what you see."
            );
        }
    }

    // Requested before its chart was retired: a new environment must not start on it. One that runs on it may continue.
    private static void RequireChart(ChangeRequest request)
    {
        if (request is { Kind: RequestKind.Create or RequestKind.Upgrade, Content.ChartVersion: { RetiredAt: not null } chart })
        {
            throw new ConflictException("chart-retired", Catalog.ChartRows.WhyRetired(chart));
        }
    }

    private void Decide(PortalDbContext db, ChangeRequest request, Caller caller, Decision decision, string digest, string reason)
    {
        var now = time.GetUtcNow().UtcDateTime;
        request.DecidedAt = now;
        db.Approvals.Add(
            new Approval
            {
                ChangeRequestId = request.Id,
                DecidedBy = caller.PersonId,
                Decision = decision,
                Digest = digest,
                Reason = reason.Trim(),
                At = now,
            }
        );
    }

    /// <summary>Sets one request of an approved rotation going, within the caller's transaction: what the rotation's approval bound is what
    /// is done.</summary>
    internal async Task StartMemberAsync(
        PortalDbContext db,
        ChangeRequest request,
        Rotation rotation,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        await RequireFreshAsync(db, request, request.Content.Digest, cancellationToken);
        var reason = $"Wave of rotation {rotation.Id}, which {rotation.DecidedBy} approved.";
        Decide(
            db,
            request,
            new Caller(rotation.DecidedBy, caller.SourceAddress, caller.CorrelationId),
            Decision.Approve,
            request.Content.Digest,
            reason
        );
        request.MoveTo(RequestState.Approved);
        await QueueAsync(
            db,
            request,
            new Caller(rotation.DecidedBy, caller.SourceAddress, caller.CorrelationId),
            cancellationToken,
            rotation.Id
        );
        await AuditAsync(db, caller, request, "request.approved", reason, cancellationToken);
    }

    /// <summary>Takes back one request of a rotation that does not take place, within the caller's transaction.</summary>
    internal async Task DropMemberAsync(
        PortalDbContext db,
        ChangeRequest request,
        Caller caller,
        string reason,
        CancellationToken cancellationToken
    )
    {
        request.MoveTo(RequestState.Cancelled);
        (request.DecidedAt, request.Outcome) = (time.GetUtcNow().UtcDateTime, reason);
        await ReleaseAsync(db, request, cancellationToken);
        await AuditAsync(db, caller, request, "request.cancelled", reason, cancellationToken);
    }

    private async Task QueueAsync(
        PortalDbContext db,
        ChangeRequest request,
        Caller caller,
        CancellationToken cancellationToken,
        Guid? rotation = null,
        Access? access = null
    )
    {
        var now = time.GetUtcNow().UtcDateTime;
        await RequestEndpoints.ConfirmAsync(db, access, request, now, cancellationToken);
        var spec = PortalJson.Read<EnvironmentSpec>(request.Content.SpecJson);
        var environment = await db.Environments.AsTracking().FirstOrDefaultAsync(e => e.Id == request.EnvironmentId, cancellationToken);
        if (environment is null)
        {
            environment = new GatewayEnvironment
            {
                Id = request.EnvironmentId,
                Name = request.EnvironmentName,
                TeamId = request.TeamId,
                ClusterId = request.ClusterId,
                Namespace = request.Namespace,
                ReleaseName = HealthInspector.Release,
                Edition = spec.Edition,
                Profile = request.Content.Profile,
                CreatedAt = now,
                CreatedBy = request.RequestedBy,
                ExpiresAt = spec.TtlHours is { } hours ? now.AddHours(hours) : null,
            };
            db.Environments.Add(environment);
        }
        else if (environment.ApprovedRevision != request.BaseRevision)
        {
            // Somebody may have decided on this very request between its row and the environment's: look at both anew.
            if (!await db.ChangeRequests.AnyAsync(r => r.Id == request.Id && r.State == RequestState.Pending, cancellationToken))
            {
                throw new DbUpdateConcurrencyException("The request was decided meanwhile.");
            }

            throw new ConflictException(
                "stale-base",
                $"{environment.Name} has moved on to revision {environment.ApprovedRevision} since this was proposed from {request.BaseRevision}. Propose it again."
            );
        }

        var removing = request.Kind == RequestKind.Delete;
        if (removing)
        {
            environment.MoveTo(EnvironmentState.Deleting);
        }
        else
        {
            await SharedSecrets.UseAsync(db, request, rotation, cancellationToken);
            environment.ApprovedRevision++;
            environment.Profile = request.Content.Profile;
            environment.Version = Guid.NewGuid();
            if (environment.ApprovedRevision > 1)
            {
                environment.MoveTo(EnvironmentState.Changing);
            }

            db.Revisions.Add(RevisionOf(request, environment.ApprovedRevision, now));
        }

        var operation = OperationPlan.New(
            environment.Id,
            request.Id,
            request.Kind,
            removing ? 0 : environment.ApprovedRevision,
            caller.PersonId,
            now
        );
        db.Operations.Add(operation);
        request.OperationId = operation.Id;
    }

    // What only this request would have claimed is free again; what its environment has, it keeps.
    private static async Task ReleaseAsync(PortalDbContext db, ChangeRequest request, CancellationToken cancellationToken) =>
        await EndpointClaims.ReleaseAsync(
            db,
            request.EnvironmentId,
            request.Id,
            await db
                .Environments.Where(e => e.Id == request.EnvironmentId)
                .Select(e => e.AppliedRevision)
                .FirstOrDefaultAsync(cancellationToken),
            cancellationToken
        );

    private static Revision RevisionOf(ChangeRequest request, int number, DateTime now) =>
        new()
        {
            EnvironmentId = request.EnvironmentId,
            Number = number,
            ChangeRequestId = request.Id,
            Kind = request.Kind,
            Content = request.Content.Copy(),
            Secrets = SecretPins.RowsOf(request),
            CreatedAt = now,
            CreatedBy = request.RequestedBy,
        };

    private Task AuditAsync(
        PortalDbContext db,
        Caller caller,
        ChangeRequest request,
        string action,
        string reason,
        CancellationToken cancellationToken,
        PreflightRun? preflight = null
    ) =>
        AuditAsync(
            db,
            caller,
            request,
            action,
            reason,
            preflight is null
                ? new { state = request.State, operation = request.OperationId }
                : new
                {
                    state = request.State,
                    operation = request.OperationId,
                    preflight = new
                    {
                        preflight.State,
                        preflight.Failures,
                        preflight.Warnings,
                    },
                },
            cancellationToken
        );

    private Task AuditAsync(
        PortalDbContext db,
        Caller caller,
        ChangeRequest request,
        string action,
        string reason,
        object after,
        CancellationToken cancellationToken
    ) =>
        audit.AppendAsync(
            db,
            caller,
            new AuditEntry(
                action,
                "request",
                request.Id.ToString(),
                $"{request.Kind.ToString().ToLowerInvariant()} {request.EnvironmentName}"
            )
            {
                EnvironmentId = request.EnvironmentId,
                TeamId = request.TeamId,
                Before = new { state = RequestState.Pending },
                After = after,
                Reason = reason.Trim(),
                RequestDigest = request.Content.Digest,
            },
            cancellationToken
        );
}
