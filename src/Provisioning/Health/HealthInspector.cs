using Portkey.Portal.Provisioning.Kubernetes;

namespace Portkey.Portal.Provisioning.Health;

/// <summary>Looks at environments without touching them. Throws <see cref="ClusterException"/> when it cannot look.</summary>
public sealed class HealthInspector(TimeProvider time)
{
    /// <summary>Name of the Helm release in every environment's namespace.</summary>
    public const string Release = "portkey-gateway";

    private readonly TimeProvider time = time;

    /// <summary>Every environment of the cluster, by id, with one list a kind for all of them. One whose namespace is gone is not in the answer.</summary>
    public Task<IReadOnlyDictionary<Guid, EnvironmentObservation>> ObserveClusterAsync(ClusterConnection connection, CancellationToken cancellationToken) => throw new NotSupportedException(time.ToString());

    /// <summary>One environment.</summary>
    public Task<EnvironmentObservation> ObserveAsync(ClusterConnection connection, string ns, string release, CancellationToken cancellationToken) => throw new NotSupportedException();
}
