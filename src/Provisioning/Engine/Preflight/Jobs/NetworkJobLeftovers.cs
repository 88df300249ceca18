using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Jobs;

/// <summary>Removes Jobs that a crashed portal left behind: by label and age, in the portal's own namespace alone.</summary>
internal sealed partial class NetworkJobLeftovers(
    UnitOfWork work,
    ClusterConnections clusters,
    TimeProvider time,
    ILogger<NetworkJobLeftovers> logger
)
{
    /// <summary>Well beyond the longest that a Job may take, clocks that differ included.</summary>
    internal static readonly TimeSpan Age = TimeSpan.FromMinutes(10);

    private static readonly string[] Kinds =
    [
        "/apis/batch/v1/NS/jobs",
        "/apis/networking.k8s.io/v1/NS/networkpolicies",
        "/api/v1/NS/secrets",
    ];

    /// <summary>Looks into every cluster, including those where Jobs are no longer allowed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (
            var cluster in await work.ReadAsync(db => db.Clusters.Where(c => c.IsEnabled).ToListAsync(cancellationToken), cancellationToken)
        )
        {
            try
            {
                var connection = await clusters.OpenAsync(cluster, cancellationToken);
                await ClusterReach.EnsureAsync(connection, cancellationToken);
                await SweepAsync(connection, time.GetUtcNow(), cancellationToken);
            }
            catch (ClusterException problem)
            {
                LogNotSwept(logger, cluster.Name, problem.Message);
            }
        }
    }

    /// <summary>Answers with the names of what was removed.</summary>
    public static async Task<IReadOnlyList<string>> SweepAsync(
        ClusterConnection connection,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        // Clusters that never allowed Jobs need not grant the right to list them.
        if (
            await connection.GetAsync(Namespaces.Path(NetworkJobObjects.Namespace), cancellationToken) is not { } found
            || !NetworkJob.IsOurs(found)
        )
        {
            return [];
        }

        var removed = new List<string>();
        foreach (var kind in Kinds)
        {
            var path = kind.Replace("NS", $"namespaces/{NetworkJobObjects.Namespace}", StringComparison.Ordinal);
            var selector = Uri.EscapeDataString(
                $"{ClusterLabels.ManagedBy}={ClusterLabels.Manager},{NetworkJobObjects.Label},{NetworkJobObjects.Label}!=jobs"
            );
            var list = await connection.GetAsync($"{path}?labelSelector={selector}", cancellationToken);
            foreach (var metadata in (list?["items"] as JsonArray ?? []).Select(i => i?["metadata"] as JsonObject).OfType<JsonObject>())
            {
                var name = metadata["name"]!.GetValue<string>();
                if (
                    DateTimeOffset.TryParse(
                        metadata["creationTimestamp"]?.ToString(),
                        System.Globalization.CultureInfo.InvariantCulture,
                        out var made
                    )
                    && now - made > Age
                    && await connection.DeleteAsync($"{path}/{Uri.EscapeDataString(name)}", cancellationToken, NetworkJob.Background())
                )
                {
                    removed.Add($"{path[(path.LastIndexOf('/') + 1)..]}/{name}");
                }
            }
        }

        return removed;
    }

    [LoggerMessage(1026, LogLevel.Warning, "Leftover preflight Jobs in {Cluster} were not looked for: {Why}")]
    private static partial void LogNotSwept(ILogger logger, string cluster, string why);
}
