namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>What operations write into a cluster themselves, besides Helm. Every call may be repeated; everything throws
/// <see cref="ClusterException"/>.</summary>
internal interface IClusterWriter
{
    /// <summary>A sentence for each object of a YAML text that does not belong to the namespace according to the cluster; empty for
    /// none.</summary>
    Task<IReadOnlyList<string>> OutsideAsync(ClusterConnection connection, string ns, string yaml, CancellationToken cancellationToken);

    /// <summary>Makes sure that the namespace is there and is this environment's.</summary>
    Task EnsureNamespaceAsync(
        ClusterConnection connection,
        string ns,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken
    );

    /// <summary>Applies the documents of a YAML text.</summary>
    Task ApplyManifestsAsync(ClusterConnection connection, string ns, string yaml, CancellationToken cancellationToken);

    /// <summary>Removes guardrails of the release that these manifests no longer hold. Returns what was removed.</summary>
    Task<IReadOnlyList<string>> PruneGuardrailsAsync(
        ClusterConnection connection,
        string ns,
        string release,
        string yaml,
        CancellationToken cancellationToken
    );

    /// <summary>Deletes the environment's namespace without waiting. Returns the uid of the namespace; null when nothing is
    /// there.</summary>
    Task<string?> BeginDeleteNamespaceAsync(
        ClusterConnection connection,
        string ns,
        Guid environmentId,
        CancellationToken cancellationToken
    );

    /// <summary>Whether a namespace that is being removed is gone within the time.</summary>
    Task<bool> IsGoneAsync(ClusterConnection connection, string ns, string uid, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Waits until it is gone.</summary>
    /// <exception cref="ClusterException">It is still there after the time; says what holds it.</exception>
    Task WaitUntilGoneAsync(ClusterConnection connection, string ns, string uid, TimeSpan timeout, CancellationToken cancellationToken);
}
