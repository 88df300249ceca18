using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Engine.Health;

/// <summary>What an operation sees of its environment.</summary>
internal interface IHealthInspector
{
    /// <summary>Looks at one environment without touching it.</summary>
    /// <exception cref="ClusterException">It cannot look.</exception>
    Task<EnvironmentObservation> ObserveAsync(ClusterConnection connection, string ns, string release, CancellationToken cancellationToken);
}

/// <summary>The gateway's own answer, as an operation asks for it.</summary>
internal interface IGatewayProbe
{
    /// <summary>Asks once. Never throws for what the gateway or the cluster does.</summary>
    Task<ProbeResult> ProbeAsync(
        ClusterConnection connection,
        string ns,
        string service,
        int port,
        string path,
        CancellationToken cancellationToken
    );
}
