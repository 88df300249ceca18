using System.Text.Json.Nodes;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>Nodes of a cluster with the same capacity for pods.</summary>
/// <param name="Cpu">Cores for pods (allocatable).</param>
/// <param name="Memory">Bytes for pods.</param>
/// <param name="Count">How many such nodes there are.</param>
public sealed record NodeRoom(decimal Cpu, decimal Memory, int Count);

/// <summary>What is known of a cluster's nodes.</summary>
/// <param name="Zones">Zones that they are spread over, by the label <c>topology.kubernetes.io/zone</c>; at least 1.</param>
/// <param name="Rooms">What they have for pods; empty where one of them does not say.</param>
internal sealed record NodeFacts(int Zones, IReadOnlyList<NodeRoom> Rooms);

/// <summary>Looks at a cluster's nodes.</summary>
internal static class NodeZones
{
    /// <summary>Zones, at least 1; null where the identity may not see nodes.</summary>
    public static async Task<int?> CountAsync(ClusterConnection connection, CancellationToken cancellationToken) =>
        (await ReadAsync(connection, cancellationToken))?.Zones;

    /// <summary>Null where the identity may not see nodes.</summary>
    public static async Task<NodeFacts?> ReadAsync(ClusterConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var nodes = ((await connection.GetAsync("/api/v1/nodes", cancellationToken))?["items"] as JsonArray ?? [])
                .OfType<JsonObject>()
                .ToList();
            var zones = nodes
                .Select(n => n["metadata"]?["labels"]?["topology.kubernetes.io/zone"]?.GetValue<string>())
                .Where(z => !string.IsNullOrEmpty(z));
            return new NodeFacts(Math.Max(1, zones.Distinct(StringComparer.Ordinal).Count()), RoomsOf(nodes));
        }
        catch (ClusterForbiddenException)
        {
            return null;
        }
    }

    private static IReadOnlyList<NodeRoom> RoomsOf(List<JsonObject> nodes)
    {
        var rooms = nodes
            .Select(n =>
                (Cpu: Quantities.Read(n["status"]?["allocatable"]?["cpu"]), Memory: Quantities.Read(n["status"]?["allocatable"]?["memory"]))
            )
            .ToList();
        return rooms.Exists(r => r.Cpu is not > 0 || r.Memory is not > 0)
            ? []
            :
            [
                .. rooms
                    .GroupBy(r => r)
                    .Select(g => new NodeRoom(g.Key.Cpu!.Value, g.Key.Memory!.Value, g.Count()))
                    .OrderByDescending(r => r.Cpu)
                    .ThenByDescending(r => r.Memory),
            ];
    }
}
