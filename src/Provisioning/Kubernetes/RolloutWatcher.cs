namespace Portkey.Portal.Provisioning.Kubernetes;

/// <summary>How a rollout ended.</summary>
/// <param name="Succeeded">Whether everything is current and ready.</param>
/// <param name="Code">Machine word, such as <c>image-pull</c>, <c>crash-loop</c>, <c>rollout-timeout</c>; empty on success.</param>
/// <param name="Message">For people: what, which pod, what to do; empty on success.</param>
/// <param name="Events">Last events of the pod concerned, newest last.</param>
/// <param name="LogTail">Last lines of its log.</param>
public sealed record RolloutResult(bool Succeeded, string Code, string Message, IReadOnlyList<string> Events, IReadOnlyList<string> LogTail)
{
    /// <summary>All is well.</summary>
    public static RolloutResult Success { get; } = new(Succeeded: true, "", "", [], []);
}

/// <summary>Waits for the pods of a release by list and watch, and gives up early where waiting would not help.</summary>
public sealed class RolloutWatcher
{
    /// <summary>Waits until every Deployment and StatefulSet of the release is current.</summary>
    /// <param name="connection">Cluster.</param>
    /// <param name="ns">Namespace.</param>
    /// <param name="release">Helm release, the value of <see cref="ClusterLabels.Instance"/>.</param>
    /// <param name="log">Gets a line for each change, once.</param>
    /// <param name="timeout">After this it has failed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ClusterException">The cluster stopped answering or may not be read.</exception>
    public Task<RolloutResult> WaitAsync(ClusterConnection connection, string ns, string release, Func<string, Task> log, TimeSpan timeout, CancellationToken cancellationToken) => throw new NotSupportedException();
}
