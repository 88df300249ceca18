using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Changes;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Catalog.Charts;

/// <summary>Lets a chart version into the catalogue, after it was seen to render what the portal may apply.</summary>
/// <remarks>One that may break pod security waits for a second administrator.</remarks>
public sealed class ChartRegistration(
    UnitOfWork work,
    ChangeProposals proposals,
    ChartStore charts,
    ChartTrial trial,
    RenderTurns turns,
    AuditTrail audit,
    TimeProvider time
) : IChangeEffect
{
    private const int LongestWaiver = 1000;

    /// <inheritdoc/>
    public GovernanceKind Kind => GovernanceKind.Chart;

    /// <summary>Registers a chart version; administrators only. With a waiver it is proposed.</summary>
    /// <exception cref="InvalidInputException">It is not available, does not render, or renders what the portal does not apply.</exception>
    /// <exception cref="ConflictException">This version is there already.</exception>
    public async Task<(ChartView Chart, ChangeOutcome? Change)> RegisterAsync(
        Caller caller,
        RegisterChartCommand command,
        CancellationToken cancellationToken
    )
    {
        var access = await work.ReadAsync(db => PeopleService.RequireAsync(db, caller, cancellationToken), cancellationToken);
        if (!access.IsAdministrator)
        {
            throw new ForbiddenException("Only administrators register charts.");
        }

        Check(command);
        var (chart, row) = await ResolveAsync(caller, command, cancellationToken);
        var problems = await TryOutAsync(caller, row, chart, cancellationToken);
        if (problems.Count > 0)
        {
            throw new InvalidInputException(problems);
        }

        if (row.PodSecurityWaiver.Length == 0)
        {
            return (
                ChartRows.View(
                    await work.WriteAsync(db => AddAsync(db, caller, row, command.MakeDefault, "", cancellationToken), cancellationToken)
                ),
                null
            );
        }

        await work.ReadAsync(db => RequireNewAsync(db, row, cancellationToken), cancellationToken);
        var name = $"{chart.Name} {chart.Version}";
        var facts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            // It is what a second administrator is asked for, so it stands first.
            ["May break pod security because"] = row.PodSecurityWaiver,
            ["Chart"] = name,
            ["Edition"] = row.Edition == Edition.Oss ? "open source" : "enterprise",
            ["Location"] = row.Location,
            ["Digest"] = row.Digest,
            ["Default for new requests"] = command.MakeDefault ? "yes" : "no",
        };
        var change = await proposals.SubmitAsync(
            caller,
            new ChangeDraft(
                $"{row.Edition}/{name}",
                name,
                $"register chart {name}, which may break pod security",
                new Dictionary<string, string>(),
                facts,
                new Payload(row, command.MakeDefault)
            ),
            this,
            cancellationToken
        );
        return (ChartRows.View(row), change);
    }

    /// <inheritdoc/>
    public Task ApplyAsync(PortalDbContext db, Caller caller, GovernanceChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        var payload = PortalJson.Read<Payload>(change.PayloadJson);
        return AddAsync(db, caller, payload.Chart, payload.MakeDefault, change.ContentDigest, cancellationToken);
    }

    private static async Task<bool> RequireNewAsync(PortalDbContext db, ChartVersion row, CancellationToken cancellationToken) =>
        await db.ChartVersions.AnyAsync(c => c.Edition == row.Edition && c.Name == row.Name && c.Version == row.Version, cancellationToken)
            ? throw new ConflictException(
                "chart-registered",
                $"Chart {row.Name} {row.Version} is registered for this edition already. Give a changed chart a new version."
            )
            : true;

    private async Task<ChartVersion> AddAsync(
        PortalDbContext db,
        Caller caller,
        ChartVersion row,
        bool makeDefault,
        string digest,
        CancellationToken cancellationToken
    )
    {
        await RequireNewAsync(db, row, cancellationToken);
        if (makeDefault)
        {
            await db
                .ChartVersions.Where(c => c.Edition == row.Edition && c.IsDefault)
                .ExecuteUpdateAsync(s => s.SetProperty(c => c.IsDefault, false), cancellationToken);
        }

        row.IsDefault = makeDefault || !await db.ChartVersions.AnyAsync(c => c.Edition == row.Edition && c.IsDefault, cancellationToken);
        db.ChartVersions.Add(row);
        await audit.AppendAsync(
            db,
            caller,
            new AuditEntry("chart.registered", "chart", row.Id.ToString(), $"{row.Name} {row.Version}")
            {
                After = new
                {
                    edition = row.Edition,
                    digest = row.Digest,
                    isDefault = row.IsDefault,
                    podSecurityWaived = row.PodSecurityWaiver.Length > 0,
                },
                Reason = row.PodSecurityWaiver,
                RequestDigest = digest,
            },
            cancellationToken
        );
        return row;
    }

    private async Task<IReadOnlyList<FieldProblem>> TryOutAsync(
        Caller caller,
        Data.ChartVersion row,
        ResolvedChart chart,
        CancellationToken cancellationToken
    )
    {
        using var turn = await turns.TakeAsync(caller, cancellationToken);
        return await trial.ProblemsAsync(row, chart, cancellationToken);
    }

    private sealed record Payload(ChartVersion Chart, bool MakeDefault);

    private static void Check(RegisterChartCommand command)
    {
        if (string.IsNullOrWhiteSpace(command.Location) || command.Location.Length > 2000)
        {
            throw new InvalidInputException(
                "location",
                "Name a directory, a repository as https://host/path#chart, or an oci:// reference; at most 2000 characters."
            );
        }

        if (command.PodSecurityWaiver is { } waiver && waiver.Trim().Length is 0 or > LongestWaiver)
        {
            throw new InvalidInputException(
                "podSecurityWaiver",
                $"Say in 1 to {LongestWaiver} characters why this chart may break pod security 'restricted', or leave it out."
            );
        }
    }

    private async Task<(ResolvedChart Chart, ChartVersion Row)> ResolveAsync(
        Caller caller,
        RegisterChartCommand command,
        CancellationToken cancellationToken
    )
    {
        ResolvedChart chart;
        ChartVersion row;
        try
        {
            chart = await charts.ResolveAsync(command.Source, command.Location, command.Version, null, cancellationToken);
            row = ChartRows.Of(
                command.Edition,
                command.Source,
                command.Location,
                chart,
                charts.FactsOf(chart),
                caller.PersonId,
                time.GetUtcNow().UtcDateTime,
                command.PodSecurityWaiver?.Trim() ?? ""
            );
        }
        catch (Exception e) when (e is ChartException or HelmException)
        {
            throw new InvalidInputException("location", $"The chart could not be read: {e.Message}");
        }

        return command.Version is { Length: > 0 } wanted && wanted != chart.Version
            ? throw new InvalidInputException("version", $"The chart there is version {chart.Version}, not {wanted}.")
            : (chart, row);
    }
}
