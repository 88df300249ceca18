using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Rotations;

/// <summary>Reads of rotations.</summary>
internal static class RotationQueries
{
    /// <summary>Those of credentials that the caller may see.</summary>
    public static IQueryable<Rotation> Visible(PortalDbContext db, Access access)
    {
        if (access.ReadsAll)
        {
            return db.Rotations;
        }

        var credentials = CredentialQueries.Visible(db, access).Select(r => r.Id);
        return db.Rotations.Where(r => credentials.Contains(r.SecretReferenceId));
    }

    public static IQueryable<Rotation> Filter(IQueryable<Rotation> query, Access access, RotationFilter filter)
    {
        query = filter.CredentialId is { } credential ? query.Where(r => r.SecretReferenceId == credential) : query;
        query = filter.State is { } state ? query.Where(r => r.State == state) : query;
        return !filter.WaitingForMe ? query
            : access.IsAdministrator ? query.Where(r => r.State == RotationState.Pending && r.RequestedBy != access.PersonId)
            : query.Where(r => false);
    }

    public static async Task<IReadOnlyList<RotationRow>> RowsAsync(
        PortalDbContext db,
        IQueryable<Rotation> query,
        CancellationToken cancellationToken
    )
    {
        var rows = await query
            .Select(r => new
            {
                Rotation = r,
                By = db.People.Where(p => p.Id == r.RequestedBy).Select(p => p.DisplayName).FirstOrDefault(),
                Reference = db.SecretReferences.Where(s => s.Id == r.SecretReferenceId).Select(s => new { s.Name, s.Key }).First(),
                Environments = r.Members.Count,
                Done = r.Members.Count(m => db.ChangeRequests.Any(c => c.Id == m.ChangeRequestId && c.State == RequestState.Applied)),
            })
            .ToListAsync(cancellationToken);
        return
        [
            .. rows.Select(r => new RotationRow(
                r.Rotation.Id,
                r.Rotation.SecretReferenceId,
                r.Reference.Name,
                r.Reference.Key,
                Version(r.Rotation.FromNumber),
                Version(r.Rotation.ToNumber),
                r.Rotation.State,
                r.Environments,
                r.Done,
                r.Rotation.RequestedBy,
                r.Rotation.RequestedAt,
                r.Rotation.EndedAt
            )
            {
                RequestedByName = r.By ?? (r.Rotation.RequestedBy == AuditTrail.System ? "" : r.Rotation.RequestedBy),
            }),
        ];
    }

    public static async Task<RotationView> ViewAsync(
        PortalDbContext db,
        Access access,
        Rotation rotation,
        CancellationToken cancellationToken
    )
    {
        var row = (await RowsAsync(db, db.Rotations.Where(r => r.Id == rotation.Id), cancellationToken))[0];
        var requests = await db
            .RotationMembers.Where(m => m.RotationId == rotation.Id)
            .Join(
                db.ChangeRequests,
                m => m.ChangeRequestId,
                c => c.Id,
                (m, c) =>
                    new
                    {
                        m.Wave,
                        m.EnvironmentId,
                        c.EnvironmentName,
                        c.Id,
                        c.OperationId,
                        c.State,
                        c.Outcome,
                        c.TeamId,
                        Doing = db
                            .OperationSteps.Where(s => s.OperationId == c.OperationId && s.State == StepState.Running)
                            .Select(s => s.Name)
                            .FirstOrDefault(),
                        Preflight = db
                            .PreflightRuns.Where(p => p.ChangeRequestId == c.Id)
                            .OrderByDescending(p => p.Id)
                            .Select(p => new PreflightSummary(p.State, p.Failures, p.Warnings))
                            .FirstOrDefault(),
                    }
            )
            .OrderBy(m => m.Wave)
            .ThenBy(m => m.EnvironmentName)
            .ToListAsync(cancellationToken);
        var team = await db
            .SecretReferences.Where(r => r.Id == rotation.SecretReferenceId)
            .Select(r => r.TeamId)
            .FirstAsync(cancellationToken);
        var why =
            rotation.State != RotationState.Pending
                ? $"It is {rotation.State.ToString().ToLowerInvariant()} already."
                : ApprovalPolicy.WhyNotDecide(access, rotation.RequestedBy, RequestState.Pending);
        return new RotationView(
            row,
            rotation.ContentDigest,
            rotation.WaveSize,
            // A member of one team learns how many environments other teams have, and nothing else about them.
            [
                .. requests
                    .GroupBy(r => r.Wave)
                    .Select(g =>
                        (IReadOnlyList<RotationMemberView>)
                            [
                                .. g.Select(r =>
                                    access.CanRead(r.TeamId)
                                        ? new RotationMemberView(
                                            r.EnvironmentId,
                                            r.EnvironmentName,
                                            r.Id,
                                            r.OperationId,
                                            r.State,
                                            r.Doing is null ? "" : OperationPlan.TitleOf(r.Doing),
                                            r.Outcome
                                        )
                                        {
                                            Preflight = r.Preflight,
                                        }
                                        : new RotationMemberView(Guid.Empty, "of another team", Guid.Empty, null, r.State, "", "")
                                ),
                            ]
                    ),
            ],
            rotation.Reason,
            rotation.DecidedBy,
            rotation.DecidedAt,
            rotation.Outcome,
            await PreflightFailuresAsync(db, [.. requests.Select(r => r.Id)], cancellationToken),
            new DecisionRights(
                why.Length == 0,
                rotation.State == RotationState.Pending && CredentialRules.WhyNotManage(access, team).Length == 0,
                why
            )
        );
    }

    /// <summary>Requests of all its environments, tracked, with what their digests are made of.</summary>
    public static async Task<IReadOnlyList<ChangeRequest>> RequestsAsync(
        PortalDbContext db,
        Rotation rotation,
        CancellationToken cancellationToken
    )
    {
        var ids = rotation.Members.Select(m => m.ChangeRequestId).ToList();
        return await db
            .ChangeRequests.AsTracking()
            .WithSecrets()
            .Include(r => r.Content.ChartVersion)
            .Where(r => ids.Contains(r.Id))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Checks that failed, in the newest preflight of each request.</summary>
    public static Task<int> PreflightFailuresAsync(PortalDbContext db, IReadOnlyList<Guid> requests, CancellationToken cancellationToken) =>
        db
            .PreflightRuns.Where(p =>
                requests.Contains(p.ChangeRequestId)
                && p.State == PreflightState.Finished
                && !db.PreflightRuns.Any(n => n.ChangeRequestId == p.ChangeRequestId && n.Id.CompareTo(p.Id) > 0)
            )
            .SumAsync(p => p.Failures, cancellationToken);

    public static string Version(int? number) => number is { } n ? $"v{n}" : "";
}
