using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Catalog.Charts;

/// <summary>What a registered chart takes.</summary>
/// <param name="Layout">Line of charts that it belongs to, such as <c>gateway</c> or <c>airs-gw</c>.</param>
/// <param name="Places">Its places that hold more than one value, in order of their paths; at most 200.</param>
public sealed record ChartPlacesView(string Layout, IReadOnlyList<ChartPlace> Places);

/// <summary>Says what a registered chart takes at each place of its values, and why.</summary>
public sealed class ChartPlaces(UnitOfWork work, ChartStore charts)
{
    /// <summary>Reads it from the chart's own files.</summary>
    /// <exception cref="NotFoundException">There is no such chart.</exception>
    /// <exception cref="InvalidInputException">Its files are no longer available.</exception>
    public async Task<ChartPlacesView> ReadAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var row =
            await work.ReadAsync(
                async db =>
                {
                    await PeopleService.RequireAsync(db, caller, cancellationToken);
                    return await db.ChartVersions.FirstOrDefaultAsync(c => c.Id == id, cancellationToken);
                },
                cancellationToken
            ) ?? throw new NotFoundException("chart");
        try
        {
            var facts = charts.FactsOf(await charts.ResolveAsync(row.Source, row.Location, row.Version, row.Digest, cancellationToken));
            return new ChartPlacesView(facts.Layout.Name, facts.Places);
        }
        catch (ChartException e)
        {
            throw new InvalidInputException("chart", e.Message);
        }
    }
}
