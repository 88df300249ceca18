using Portkey.Portal.Provisioning.Secrets;

namespace Portkey.Portal.Provisioning.Kubernetes;

/// <summary>What the portal itself writes into a cluster. Every call is idempotent; everything throws <see cref="ClusterException"/>.</summary>
public sealed class ClusterWriter
{
    /// <summary>
    /// Makes sure that the namespace is there and is this environment's. The labels must hold <see cref="ClusterLabels.Environment"/>.
    /// A namespace that somebody else made is refused with <c>namespace-taken</c>; one that is going away with <c>namespace-terminating</c> (transient).
    /// </summary>
    public Task EnsureNamespaceAsync(ClusterConnection connection, string ns, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Writes an immutable Secret. Writing the same again does nothing.</summary>
    public Task WriteSecretAsync(ClusterConnection connection, string ns, string name, IReadOnlyDictionary<string, SecretValue> data, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Removes the Secrets that the portal wrote, except the named. Answers with the names removed.</summary>
    public Task<IReadOnlyList<string>> PruneSecretsAsync(ClusterConnection connection, string ns, IReadOnlyCollection<string> keepNames, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Applies the documents of a YAML text server-side, without force. Anything cluster-scoped or meant for another namespace is refused before the first write.</summary>
    public Task ApplyManifestsAsync(ClusterConnection connection, string ns, string yaml, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Deletes the environment's namespace and waits until it is gone. Refuses one that is not this environment's.</summary>
    public Task DeleteNamespaceAsync(ClusterConnection connection, string ns, Guid environmentId, CancellationToken cancellationToken) => throw new NotSupportedException();
}
