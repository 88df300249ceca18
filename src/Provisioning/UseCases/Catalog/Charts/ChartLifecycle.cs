using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Catalog.Charts;

/// <summary>Decides which registered chart versions new requests may name, and which one they start from.</summary>
/// <remarks>What runs is left alone: an environment on a retired version is changed, rotated and removed as before, and may go to another
/// version.</remarks>
public sealed class ChartLifecycle(UnitOfWork work, AuditTrail audit, LiveUpdates live, TimeProvider time)
{
    private const int LongestReason = 1000;

    /// <summary>Stops new requests from naming it; administrators only.</summary>
    /// <exception cref="InvalidInputException">No reason was given, or one that is too long.</exception>
    /// <exception cref="ConflictException">It is retired already, or the default of its edition.</exception>
    public Task<ChartView> RetireAsync(Caller caller, Guid id, string reason, CancellationToken cancellationToken)
    {
        var why = reason?.Trim() ?? "";
        return ChangeAsync(
            caller,
            id,
            "chart.retired",
            why,
            chart =>
            {
                if (why.Length is 0 or > LongestReason)
                {
                    throw new InvalidInputException(
                        "reason",
                        $"Say in 1 to {LongestReason} characters why it is retired: anyone who asks for it is told."
                    );
                }

                if (chart.RetiredAt is not null)
                {
                    throw new ConflictException("chart-retired", $"Chart {chart.Name} {chart.Version} is retired already.");
                }

                if (chart.IsDefault)
                {
                    throw new ConflictException(
                        "chart-is-default",
                        $"New requests start from chart {chart.Name} {chart.Version}. Make another version the default first."
                    );
                }

                (chart.RetiredAt, chart.RetiredBy, chart.RetiredReason) = (time.GetUtcNow().UtcDateTime, caller.PersonId, why);
            },
            cancellationToken
        );
    }

    /// <summary>Lets new requests name it again; administrators only.</summary>
    /// <exception cref="ConflictException">It is not retired.</exception>
    public Task<ChartView> RestoreAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        ChangeAsync(
            caller,
            id,
            "chart.restored",
            "",
            chart =>
            {
                if (chart.RetiredAt is null)
                {
                    throw new ConflictException("chart-not-retired", $"Chart {chart.Name} {chart.Version} is not retired.");
                }

                (chart.RetiredAt, chart.RetiredBy, chart.RetiredReason) = (null, "", "");
            },
            cancellationToken
        );

    /// <summary>Makes new requests of its edition start from it; administrators only.</summary>
    /// <exception cref="ConflictException">It is the default already, or retired.</exception>
    public Task<ChartView> MakeDefaultAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        ChangeAsync(
            caller,
            id,
            "chart.default",
            "",
            chart =>
            {
                if (chart.RetiredAt is not null)
                {
                    throw new ConflictException(
                        "chart-retired",
                        $"Chart {chart.Name} {chart.Version} is retired. Restore it first, or choose another."
                    );
                }

                if (chart.IsDefault)
                {
                    throw new ConflictException(
                        "chart-is-default",
                        $"New requests start from chart {chart.Name} {chart.Version} already."
                    );
                }

                chart.IsDefault = true;
            },
            cancellationToken
        );

    private async Task<ChartView> ChangeAsync(
        Caller caller,
        Guid id,
        string action,
        string reason,
        Action<ChartVersion> change,
        CancellationToken cancellationToken
    )
    {
        var view = await work.WriteAsync(
            async db =>
            {
                if (!(await PeopleService.RequireAsync(db, caller, cancellationToken)).IsAdministrator)
                {
                    throw new ForbiddenException("Only administrators decide which charts requests may choose from.");
                }

                var chart =
                    await db.ChartVersions.AsTracking().FirstOrDefaultAsync(c => c.Id == id, cancellationToken)
                    ?? throw new NotFoundException("chart version");
                var before = Facts(chart);
                change(chart);
                if (chart.IsDefault)
                {
                    await db
                        .ChartVersions.Where(c => c.Edition == chart.Edition && c.IsDefault && c.Id != id)
                        .ExecuteUpdateAsync(s => s.SetProperty(c => c.IsDefault, false), cancellationToken);
                }

                await audit.AppendAsync(
                    db,
                    caller,
                    new AuditEntry(action, "chart", id.ToString(), $"{chart.Name} {chart.Version}")
                    {
                        Before = before,
                        After = Facts(chart),
                        Reason = reason,
                    },
                    cancellationToken
                );
                return ChartRows.View(chart);
            },
            cancellationToken,
            "chart"
        );
        live.Publish(id);
        return view;
    }

    private static object Facts(ChartVersion chart) =>
        new
        {
            edition = chart.Edition,
            isDefault = chart.IsDefault,
            isRetired = chart.RetiredAt is not null,
        };
}
