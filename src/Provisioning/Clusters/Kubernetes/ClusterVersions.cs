using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>
/// Kubernetes version of a cluster, for rendering. A cluster that no sweep has looked at yet is asked at once: rendered
/// without its version, a request would hold other objects than the next one of the same spec, and a rotation would change more than its
/// secret. A process with only the role web has no way into clusters and asks none; a worker's sweep records the version soon.
/// </summary>
public sealed class ClusterVersions(ClusterConnections? clusters = null)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Such as <c>v1.34.1</c>; empty where the cluster does not say it now, which preflight names.</summary>
    public async Task<string> OfAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        if (cluster.ServerVersion.Length > 0 || clusters is null)
        {
            return cluster.ServerVersion;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var connection = await clusters.OpenAsync(cluster, limit.Token);
            return await ReadAsync(connection, limit.Token) ?? "";
        }
        catch (ClusterException)
        {
            return "";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "";
        }
    }

    /// <summary>As the cluster reports it now; null where what answers is not an API server.</summary>
    internal static async Task<string?> ReadAsync(ClusterConnection connection, CancellationToken cancellationToken) =>
        (await connection.GetAsync("/version", cancellationToken))?["gitVersion"]?.GetValue<string>();
}
