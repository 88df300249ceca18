using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Kubernetes;

namespace Portkey.Portal.Provisioning.Health;

/// <summary>What asking the gateway gave.</summary>
/// <param name="Ran">Whether the question reached the cluster; where not, nothing is known about the gateway.</param>
/// <param name="Ok">Whether the gateway answered well.</param>
/// <param name="StatusCode">HTTP status; null for none.</param>
/// <param name="LatencyMs">Milliseconds.</param>
/// <param name="Detail">One sentence.</param>
public sealed record ProbeResult(bool Ran, bool Ok, int? StatusCode, int LatencyMs, string Detail);

/// <summary>Asks the gateway itself, through the API server's service proxy.</summary>
public sealed class GatewayProbe
{
    /// <summary>Path that answers when the gateway is well: only the enterprise image has a health path.</summary>
    public static string PathOf(Edition edition) => edition == Edition.Enterprise ? "/v1/health" : "/";

    /// <summary>Asks once, with a limit of five seconds. Never throws for what the gateway or the cluster does.</summary>
    public Task<ProbeResult> ProbeAsync(ClusterConnection connection, string ns, string service, int port, string path, CancellationToken cancellationToken) => throw new NotSupportedException();
}
