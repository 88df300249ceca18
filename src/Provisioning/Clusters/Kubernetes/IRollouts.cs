namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>The pods of a release, as operations wait for them and look at them.</summary>
internal interface IRollouts
{
    /// <summary>Waits until every Deployment and StatefulSet of the release is current, as part of a longer wait.</summary>
    /// <exception cref="ClusterException">The cluster stopped answering or may not be read.</exception>
    Task<RolloutResult> LookAsync(
        ClusterConnection connection,
        string ns,
        string release,
        Func<string, Task> log,
        RolloutLook look,
        CancellationToken cancellationToken
    );

    /// <summary>Pods of the release that run and are not going.</summary>
    /// <exception cref="ClusterException">The cluster did not answer or refused.</exception>
    Task<IReadOnlyList<RunningPod>> RunningAsync(
        ClusterConnection connection,
        string ns,
        string release,
        CancellationToken cancellationToken
    );
}
