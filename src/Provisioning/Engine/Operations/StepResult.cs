using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>How a successful step ended.</summary>
internal class StepResult
{
    private protected StepResult() { }

    /// <summary>The next one may begin.</summary>
    public static StepResult Done { get; } = new();

    /// <summary>The operation is over, and that is recorded.</summary>
    public static StepResult Finished { get; } = new();

    /// <summary>The attempt ends here for now, until the end of the soak in the operation's row. The step stays
    /// under way.</summary>
    public static StepResult Soaking { get; } = new();
}

/// <summary>
/// The attempt ends here for now: what comes next is up to the cluster, so the worker and the environment's lease are released,
/// as a soak does. Steps before this one stay done, and it stays under way.
/// </summary>
/// <param name="waitingFor">For people, such as a pod that is pending and why.</param>
/// <param name="watch">Ends when it is worth looking again; runs without a worker, and gets a log.</param>
internal sealed class GiveBack(string waitingFor, Func<Func<string, Task>, CancellationToken, Task> watch) : StepResult
{
    public string WaitingFor { get; } = waitingFor;

    public Func<Func<string, Task>, CancellationToken, Task> Watch { get; } = watch;

    /// <summary>Step that lines of the watch belong to.</summary>
    public required string Step { get; init; }

    /// <summary>What the next look should remember of this one; null for nothing.</summary>
    public RolloutState? Memory { get; init; }

    /// <summary>Helm's revision that is waited for; 0 for none.</summary>
    public int HelmRevision { get; init; }
}
