using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>The ways into clusters, as operations use them.</summary>
internal interface IClusters
{
    /// <summary>The connection to a cluster. Makes no call to it.</summary>
    /// <exception cref="ClusterException">The kubeconfig is missing, unreadable or not allowed, or not the one that was pinned.</exception>
    Task<ClusterConnection> OpenAsync(Cluster cluster, CancellationToken cancellationToken);

    /// <summary>Asks whether it answers, cheaply, before work begins there.</summary>
    /// <exception cref="ClusterUnreachableException">It did not, now or a moment ago.</exception>
    Task EnsureReachedAsync(ClusterConnection connection, CancellationToken cancellationToken);
}
