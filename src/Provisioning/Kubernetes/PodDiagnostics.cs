namespace Portkey.Portal.Provisioning.Kubernetes;

/// <summary>What a person would look at first when a pod fails.</summary>
/// <param name="Pod">Pod.</param>
/// <param name="Events">Its last ten events, newest last.</param>
/// <param name="LogTail">Last twenty lines of its log, of the container before if that one crashed.</param>
public sealed record PodDiagnosis(string Pod, IReadOnlyList<string> Events, IReadOnlyList<string> LogTail);

/// <summary>Fetches events and log tails. Never throws for what it cannot get: it says so in a line instead.</summary>
public sealed class PodDiagnostics
{
    /// <summary>Looks at one pod.</summary>
    public Task<PodDiagnosis> InspectAsync(ClusterConnection connection, string ns, string pod, CancellationToken cancellationToken) => throw new NotSupportedException();
}
