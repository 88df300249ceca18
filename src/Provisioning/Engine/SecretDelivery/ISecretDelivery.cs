using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.Engine.SecretDelivery;

/// <summary>Secrets of an environment in its cluster, as operations bring and remove them. Every call may be made again.</summary>
internal interface ISecretDelivery
{
    /// <summary>Returns once every Secret of the set is there.</summary>
    /// <exception cref="ClusterException">It could not be done; says what to do.</exception>
    Task WriteAsync(
        ClusterConnection connection,
        SecretDeliverySettings settings,
        SecretSet set,
        Action<string, Severity> log,
        Func<CancellationToken, Task> fence,
        CancellationToken cancellationToken
    );

    /// <summary>Compares what manifests take from the portal's Secrets with what these have.</summary>
    /// <exception cref="ClusterRejectedException">Some key is missing; all are named.</exception>
    Task CheckAsync(
        ClusterConnection connection,
        SecretDeliverySettings settings,
        SecretSet set,
        string manifest,
        CancellationToken cancellationToken
    );

    /// <summary>Removes Secrets of other sets, and what created them. Returns what was removed.</summary>
    Task<IReadOnlyList<string>> PruneAsync(
        ClusterConnection connection,
        SecretDeliverySettings settings,
        string ns,
        IReadOnlyCollection<string> keepNames,
        CancellationToken cancellationToken
    );
}
