using System.Text.Json.Nodes;

namespace Portkey.Portal.Provisioning.Kubernetes;

/// <summary>Over how many zones a cluster's nodes are spread, by the label <c>topology.kubernetes.io/zone</c>.</summary>
internal static class NodeZones
{
    /// <summary>At least 1; null where the identity may not see nodes.</summary>
    public static async Task<int?> CountAsync(ClusterConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var nodes = await connection.GetAsync("/api/v1/nodes", cancellationToken);
            var zones = (nodes?["items"] as JsonArray ?? []).Select(n => n?["metadata"]?["labels"]?["topology.kubernetes.io/zone"]?.GetValue<string>()).Where(z => !string.IsNullOrEmpty(z));
            return Math.Max(1, zones.Distinct(StringComparer.Ordinal).Count());
        }
        catch (ClusterForbiddenException)
        {
            return null;
        }
    }
}
