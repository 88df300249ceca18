using Portkey.Portal.Provisioning.Kubernetes;

namespace Portkey.Portal.Provisioning.Operations;

/// <summary>
/// The attempt ends here for now: what comes next is up to the cluster, so the worker's place and the environment's lease are given back,
/// as a soak does. Steps before this one stay done.
/// </summary>
/// <param name="waitingFor">For people, such as a pod that is pending and why.</param>
/// <param name="watch">Ends when it is worth looking again; runs without a worker's place, and gets a log.</param>
internal sealed class GiveBackException(string waitingFor, Func<Func<string, Task>, CancellationToken, Task> watch) : Exception(waitingFor)
{
    public string WaitingFor { get; } = waitingFor;

    public Func<Func<string, Task>, CancellationToken, Task> Watch { get; } = watch;

    /// <summary>What the next look should remember of this one; null for nothing.</summary>
    public RolloutState? Memory { get; init; }

    /// <summary>Helm's revision that is waited for; 0 for none.</summary>
    public int HelmRevision { get; init; }
}
