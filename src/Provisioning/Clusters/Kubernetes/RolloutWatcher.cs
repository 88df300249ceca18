using System.Threading.Channels;
using k8s;
using k8s.Models;
using Portkey.Portal.Provisioning.Clouds;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>How a rollout ended.</summary>
/// <param name="Succeeded">Whether everything is current and ready.</param>
/// <param name="Code">Machine word, such as <c>image-pull</c>, <c>crash-loop</c>, <c>rollout-timeout</c>; empty on success.</param>
/// <param name="Message">For people: what, which pod, what to do; empty on success.</param>
/// <param name="Events">Last events of the pod concerned, newest last.</param>
/// <param name="LogTail">Last lines of its log.</param>
public sealed record RolloutResult(
    bool Succeeded,
    string Code,
    string Message,
    IReadOnlyList<PodEvent> Events,
    IReadOnlyList<string> LogTail
)
{
    /// <summary>All is well.</summary>
    public static RolloutResult Success { get; } = new(Succeeded: true, "", "", [], []);

    /// <summary>Whether it is undecided, and the caller has waited as long as it would; the message says for
    /// what.</summary>
    public bool Undecided { get; init; }
}

/// <summary>One look, as part of a longer wait.</summary>
/// <param name="Left">After this it has failed.</param>
/// <param name="Whole">Time of the whole wait, for people.</param>
internal sealed record RolloutLook(TimeSpan Left, TimeSpan Whole)
{
    /// <summary>After this, whoever waits goes away for now; null to stay until the end.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>What earlier looks remember.</summary>
    public RolloutState State { get; init; } = new();
}

/// <summary>Waits for the pods of a release by list and watch, and gives up early where waiting would not help.</summary>
public sealed class RolloutWatcher(PodDiagnostics diagnostics) : IRollouts
{
    /// <summary>Waits until every Deployment and StatefulSet of the release is current.</summary>
    /// <param name="connection">Cluster.</param>
    /// <param name="ns">Namespace.</param>
    /// <param name="release">Helm release, the value of <see cref="ClusterLabels.Instance"/>.</param>
    /// <param name="log">Gets a line for each change, once.</param>
    /// <param name="timeout">After this it has failed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ClusterException">The cluster stopped answering or may not be read.</exception>
    public Task<RolloutResult> WaitAsync(
        ClusterConnection connection,
        string ns,
        string release,
        Func<string, Task> log,
        TimeSpan timeout,
        CancellationToken cancellationToken
    ) => ((IRollouts)this).LookAsync(connection, ns, release, log, new RolloutLook(timeout, timeout), cancellationToken);

    /// <summary>The same as part of a longer wait.</summary>
    async Task<RolloutResult> IRollouts.LookAsync(
        ClusterConnection connection,
        string ns,
        string release,
        Func<string, Task> log,
        RolloutLook look,
        CancellationToken cancellationToken
    )
    {
        var selector = "labelSelector=" + Uri.EscapeDataString($"{ClusterLabels.Instance}={release}");
        var changes = Channel.CreateUnbounded<Action<RolloutState>>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] watches =
        [
            FollowAsync<V1Deployment>(
                connection,
                $"/apis/apps/v1/namespaces/{ns}/deployments",
                selector,
                changes.Writer,
                (s, all) => s.Deployments = all,
                stop.Token
            ),
            FollowAsync<V1StatefulSet>(
                connection,
                $"/apis/apps/v1/namespaces/{ns}/statefulsets",
                selector,
                changes.Writer,
                (s, all) => s.StatefulSets = all,
                stop.Token
            ),
            FollowAsync<V1ReplicaSet>(
                connection,
                $"/apis/apps/v1/namespaces/{ns}/replicasets",
                selector,
                changes.Writer,
                (s, all) => s.ReplicaSets = all,
                stop.Token
            ),
            FollowAsync<V1Pod>(connection, $"/api/v1/namespaces/{ns}/pods", selector, changes.Writer, (s, all) => s.Pods = all, stop.Token),
        ];
        try
        {
            return await DecideAsync(connection, ns, release, changes.Reader, log, look, cancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(watches);
        }
    }

    async Task<IReadOnlyList<RunningPod>> IRollouts.RunningAsync(
        ClusterConnection connection,
        string ns,
        string release,
        CancellationToken cancellationToken
    )
    {
        var selector = "labelSelector=" + Uri.EscapeDataString($"{ClusterLabels.Instance}={release}");
        var pods = await ObjectList.ReadAsync<V1Pod>(connection, $"/api/v1/namespaces/{ns}/pods", selector, cancellationToken);
        return [.. pods.Items.Where(p => p.Metadata.DeletionTimestamp is null && p.Status?.Phase == "Running").Select(RunningPod.Of)];
    }

    private async Task<RolloutResult> DecideAsync(
        ClusterConnection connection,
        string ns,
        string release,
        ChannelReader<Action<RolloutState>> changes,
        Func<string, Task> log,
        RolloutLook look,
        CancellationToken cancellationToken
    )
    {
        var (start, state) = (DateTime.UtcNow, look.State);
        var (deadline, patience) = (start + look.Left, start + (look.Patience ?? look.Left));
        state.Forget();
        while (true)
        {
            var now = DateTime.UtcNow;
            if (state.Complete)
            {
                if (state.Empty)
                {
                    return new(
                        Succeeded: false,
                        "no-workloads",
                        $"There is no Deployment or StatefulSet of release '{release}' in namespace '{ns}': the chart made none, or somebody removed them.",
                        [],
                        []
                    );
                }

                var waiting = state.Waiting();
                foreach (var line in state.News().ToList())
                {
                    await log(Redactor.Default.Redact(line));
                }

                if (waiting.Length == 0)
                {
                    // A Deployment's news can be here before its pods', so the log says itself that the wait is over.
                    await log($"Every workload of {release} is ready");
                    return RolloutResult.Success;
                }

                if (state.Failure(now) is { } failure)
                {
                    return await FailAsync(connection, ns, failure, cancellationToken);
                }

                if (now >= deadline)
                {
                    return await FailAsync(connection, ns, state.Timeout(look.Whole), cancellationToken);
                }

                if (now >= patience)
                {
                    return new(Succeeded: false, "", Redactor.Default.Redact(waiting), [], []) { Undecided = true };
                }
            }
            else if (now >= deadline)
            {
                throw new ClusterUnreachableException(
                    $"Cluster '{connection.Name}' did not show its workloads within {look.Left.TotalSeconds:0} seconds."
                );
            }

            await NextAsync(
                changes,
                state,
                state.Complete ? Least(state.NextLook() ?? deadline, patience, deadline) : deadline,
                cancellationToken
            );
        }
    }

    private static DateTime Least(params ReadOnlySpan<DateTime> times)
    {
        var least = DateTime.MaxValue;
        foreach (var time in times)
        {
            least = time < least ? time : least;
        }

        return least;
    }

    /// <summary>Takes in what came; waits for something, until then.</summary>
    private static async Task NextAsync(
        ChannelReader<Action<RolloutState>> changes,
        RolloutState state,
        DateTime until,
        CancellationToken cancellationToken
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var left = until - DateTime.UtcNow;
        limit.CancelAfter(left > TimeSpan.FromMilliseconds(10) ? left : TimeSpan.FromMilliseconds(10));
        try
        {
            (await changes.ReadAsync(limit.Token))(state);
            while (changes.TryRead(out var change))
            {
                change(state);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing new, but it is time to look again.
        }
        catch (ChannelClosedException closed) when (closed.InnerException is ClusterException problem)
        {
            throw problem;
        }
    }

    private async Task<RolloutResult> FailAsync(
        ClusterConnection connection,
        string ns,
        RolloutFailure failure,
        CancellationToken cancellationToken
    )
    {
        var diagnosis =
            failure.Pod.Length > 0
                ? await diagnostics.InspectAsync(connection, ns, failure.Pod, cancellationToken)
                : new PodDiagnosis("", [], []);
        return new(
            Succeeded: false,
            failure.Code,
            Redactor.Default.Redact(failure.Message(diagnosis.Events)),
            diagnosis.Events,
            diagnosis.LogTail
        );
    }

    private static async Task FollowAsync<T>(
        ClusterConnection connection,
        string path,
        string selector,
        ChannelWriter<Action<RolloutState>> changes,
        Action<RolloutState, IReadOnlyCollection<T>> take,
        CancellationToken cancellationToken
    )
        where T : IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            await foreach (var state in ListWatch.RunAsync<T>(connection, path, selector, cancellationToken))
            {
                changes.TryWrite(s => take(s, state.Current));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The decision is made.
        }
        catch (Exception problem)
        {
            changes.TryComplete(problem);
        }
    }
}
