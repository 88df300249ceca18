using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>Rows of clusters, as commands name them.</summary>
internal static class ClusterRows
{
    /// <summary>The cluster of that name or id, to be changed.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public static async Task<Cluster> FindAsync(PortalDbContext db, string cluster, CancellationToken cancellationToken)
    {
        var id = Guid.TryParse(cluster, out var parsed) ? parsed : Guid.Empty;
        return await db.Clusters.AsTracking().FirstOrDefaultAsync(c => c.Id == id || c.Name == cluster, cancellationToken)
            ?? throw new NotFoundException("cluster");
    }
}
