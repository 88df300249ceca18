using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;

namespace Portkey.Portal.Provisioning.Engine.Preflight;

/// <summary>The newest preflight of a request.</summary>
/// <param name="State">Whether it waits, runs or has ended.</param>
/// <param name="RequestedAt">UTC.</param>
/// <param name="EndedAt">UTC; null before its end.</param>
/// <param name="Failures">Checks that failed.</param>
/// <param name="Warnings">Checks that warn.</param>
/// <param name="Checks">Every check that applied; empty before its end.</param>
public sealed record PreflightView(
    PreflightState State,
    DateTime RequestedAt,
    DateTime? EndedAt,
    int Failures,
    int Warnings,
    IReadOnlyList<CheckResult> Checks
);

/// <summary>The newest preflight in a list of requests.</summary>
public sealed record PreflightSummary(PreflightState State, int Failures, int Warnings);

/// <summary>Rings when a preflight may wait.</summary>
public sealed class PreflightSignal : WorkSignal;

/// <summary>Preflights in the database.</summary>
internal static class PreflightRuns
{
    public static void Queue(PortalDbContext db, Guid requestId, string by, DateTime now) =>
        db.PreflightRuns.Add(
            new PreflightRun
            {
                ChangeRequestId = requestId,
                RequestedBy = by,
                RequestedAt = now,
            }
        );

    public static Task<PreflightRun?> LatestAsync(PortalDbContext db, Guid requestId, CancellationToken cancellationToken) =>
        db
            .PreflightRuns.AsNoTracking()
            .Where(p => p.ChangeRequestId == requestId)
            .OrderByDescending(p => p.Id)
            .FirstOrDefaultAsync(cancellationToken);

    public static PreflightView View(PreflightRun run) =>
        new(run.State, run.RequestedAt, run.EndedAt, run.Failures, run.Warnings, PortalJson.Read<List<CheckResult>>(run.ResultsJson));

    /// <summary>Its results that need attention, as findings.</summary>
    public static IEnumerable<FindingView> Findings(PreflightView view) =>
        view
            .Checks.Where(c => c.Status is CheckStatus.Failed or CheckStatus.Warning)
            .Select(c => new FindingView(
                c.Status == CheckStatus.Failed ? Severity.Error : Severity.Warning,
                "preflight",
                c.Id,
                $"{c.Message} {c.Cure}".TrimEnd()
            ));
}
