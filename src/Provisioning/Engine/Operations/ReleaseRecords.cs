using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>What Helm has recorded, read from the labels of its release Secrets: cheaper than starting Helm, and their contents are left
/// alone.</summary>
internal sealed class ReleaseRecords(UnitOfWork work, IHelm helm)
{
    /// <summary>The deployed release as a row of ours; null when Helm has none.</summary>
    public async Task<Release?> CurrentAsync(OperationContext context, DateTime now, CancellationToken cancellationToken)
    {
        var found = await helm.RevisionsAsync(context.Cluster, context.ReleaseName, context.Namespace, cancellationToken);
        return found.Where(r => r.Status == "deployed").MaxBy(r => r.Number) is not { } deployed
            ? null
            : new Release
            {
                EnvironmentId = context.Environment.Id,
                OperationId = context.Operation.Id,
                Revision = context.Revision!.Number,
                HelmRevision = deployed.Number,
                Status = deployed.Status,
                Chart = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{context.Revision.Content.ChartVersion!.Name}-{context.Revision.Content.ChartVersion.Version}"
                ),
                At = now,
            };
    }

    /// <summary>Helm's revision of what was last seen to work; null before the first.</summary>
    public Task<int?> LastGoodAsync(OperationContext context, CancellationToken cancellationToken) =>
        work.ReadAsync(
            db =>
                db.Releases.Where(r => r.EnvironmentId == context.Environment.Id && r.Revision == context.Environment.AppliedRevision)
                    .OrderByDescending(r => r.At)
                    .Select(r => (int?)r.HelmRevision)
                    .FirstOrDefaultAsync(cancellationToken),
            cancellationToken
        );
}
