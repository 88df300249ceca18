using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Approvals;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>
/// Before each attempt, and before anything is done: checks that what the worker holds is exactly what was approved. The rows of the
/// database prove nothing by themselves; what counts is the digest in the audit event that the portal signed when it was decided.
/// </summary>
internal sealed class ApprovalCheck(UnitOfWork work, AuditTrail trail, ChartStore charts)
{
    /// <summary>Compares, and finds the chart whose content has the approved digest.</summary>
    /// <exception cref="OperationFailedException">Something differs; final.</exception>
    public async Task RequireAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var (approved, wrong) = await work.ReadAsync(db => JudgeAsync(db, context, cancellationToken), cancellationToken);
        if (wrong.Count > 0)
        {
            throw Refusal(wrong);
        }

        if (context.Revision is { } revision)
        {
            context.Chart = await ChartAsync(revision.Content.ChartVersion!, cancellationToken);

            // By the content itself this time, not by a column's word.
            if (
                !ContentDigest.Fits(
                    approved!,
                    ApprovalAnchor.ContentOf(context.Environment, context.Operation.Kind, revision, context.Chart.Digest)
                )
            )
            {
                throw Refusal(["the chart's content"]);
            }
        }

        context.IsAsApproved = true;
    }

    /// <summary>Whether what ran before, as stored now, is what was approved for it, so that it may be restored.</summary>
    public Task<bool> FitsAsync(OperationContext context, Revision previous, CancellationToken cancellationToken) =>
        work.ReadAsync(db => ApprovalAnchor.FitsAsync(trail, db, context.Environment, previous, cancellationToken), cancellationToken);

    /// <summary>Whether an attempt ended because of this check.</summary>
    public static bool IsRefusal(Exception exception) => exception is OperationFailedException { Code: ApprovedContent.FindingKind };

    private async Task<(string? Approved, List<string> Wrong)> JudgeAsync(
        PortalDbContext db,
        OperationContext context,
        CancellationToken cancellationToken
    )
    {
        var (operation, environment, revision) = (context.Operation, context.Environment, context.Revision);
        var request = await db
            .ChangeRequests.AsNoTracking()
            .WithSecrets()
            .Include(r => r.Content.ChartVersion)
            .Include(r => r.Approvals)
            .FirstOrDefaultAsync(r => r.Id == operation.ChangeRequestId, cancellationToken);
        if (
            request is null
            || await ApprovalAnchor.OfRequestAsync(trail, db, environment.Id, request.Id, cancellationToken) is not { } approved
        )
        {
            return (null, ["the history of this environment holds no approval of it that the portal signed"]);
        }

        var held = revision is null
            ? Removal(environment, operation.Kind, request)
            : ApprovalAnchor.ContentOf(environment, operation.Kind, revision, revision.Content.ChartVersion!.Digest);
        var wrong = new List<string>();
        Add(!ContentDigest.Fits(approved, held), [.. Differences(held, request)], "its content");
        Add(request.Content.Digest != approved, [], "the request's digest");
        Add(
            revision is not null && (revision.Content.Digest != approved || revision.ChangeRequestId != request.Id),
            [],
            "the revision's digest"
        );
        Add(!request.Approvals.Any(a => a.Decision == Decision.Approve && a.Digest == approved), [], "the approval's row");
        Add((operation.Kind == RequestKind.Delete) != (revision is null), [], "the operation's kind");
        Add(
            !operation
                .Steps.OrderBy(s => s.Order)
                .Select(s => s.Name)
                .SequenceEqual(OperationPlan.Of(operation.Kind).Select(s => s.Name), StringComparer.Ordinal),
            [],
            "the operation's steps"
        );
        return (approved, wrong);

        void Add(bool isWrong, IReadOnlyList<string> details, string otherwise)
        {
            if (isWrong)
            {
                wrong.AddRange(details.Count > 0 ? details : [otherwise]);
            }
        }
    }

    // A removal applies no revision; it is about a target, and is checked against the request.
    private static ApprovedContent Removal(GatewayEnvironment environment, RequestKind kind, ChangeRequest request) =>
        new()
        {
            Kind = kind,
            EnvironmentId = environment.Id,
            ClusterId = environment.ClusterId,
            Namespace = environment.Namespace,
            Release = environment.ReleaseName,
            Profile = request.Content.Profile,
            BaseRevision = request.BaseRevision,
            SpecJson = request.Content.SpecJson,
            ChartDigest = request.Content.ChartVersion!.Digest,
            ValuesYaml = request.Content.ValuesYaml,
            ManifestYaml = request.Content.ManifestYaml,
            SecretVersionsJson = SecretPins.Write(request.Secrets),
        };

    // For people, as far as the request still shows it.
    private static IEnumerable<string> Differences(ApprovedContent held, ChangeRequest request)
    {
        (bool Differs, string What)[] all =
        [
            (held.Kind != request.Kind, "kind"),
            (held.ClusterId != request.ClusterId, "cluster"),
            (held.Namespace != request.Namespace, "namespace"),
            (held.Profile != request.Content.Profile, "profile"),
            (held.BaseRevision != request.BaseRevision, "number of the revision"),
            (held.SpecJson != request.Content.SpecJson, "spec"),
            (held.ChartDigest != request.Content.ChartVersion!.Digest, "chart"),
            (held.ValuesYaml != request.Content.ValuesYaml, "values"),
            (held.ManifestYaml != request.Content.ManifestYaml, "manifests"),
            (held.SecretVersionsJson != SecretPins.Write(request.Secrets), "versions of secrets"),
        ];
        return all.Where(a => a.Differs).Select(a => a.What);
    }

    private async Task<ResolvedChart> ChartAsync(ChartVersion version, CancellationToken cancellationToken)
    {
        try
        {
            return await charts.ResolveAsync(version.Source, version.Location, version.Version, version.Digest, cancellationToken);
        }
        catch (ChartException problem) when (problem.Code == "digest-mismatch")
        {
            throw Refusal([$"the chart's content ({problem.Message})"]);
        }
    }

    private static OperationFailedException Refusal(IReadOnlyList<string> wrong) =>
        new(
            ApprovedContent.FindingKind,
            $"What is stored is not what was approved: {string.Join(", ", wrong)}. Nothing was sent to the cluster. Somebody changed it outside the portal; have an administrator check who can write to the database, then propose the change again."
        );
}
