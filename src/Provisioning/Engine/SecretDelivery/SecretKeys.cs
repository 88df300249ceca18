using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Engine.SecretDelivery;

/// <summary>A Secret without its values.</summary>
/// <param name="Keys">Keys that it has.</param>
/// <param name="IsOwned">Whether it goes with another object.</param>
internal sealed record SecretKeys(IReadOnlySet<string> Keys, bool IsOwned)
{
    private const string Metadata = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    /// <summary>
    /// Reads one; null where there is none. The API server is asked for metadata alone: its list of field managers names the keys, so that
    /// no value crosses the wire. Only where that list was removed is the whole Secret read, and its values dropped.
    /// </summary>
    public static async Task<SecretKeys?> ReadAsync(
        ClusterConnection connection,
        string ns,
        string name,
        CancellationToken cancellationToken
    )
    {
        var path = $"{Namespaces.Path(ns)}/secrets/{Uri.EscapeDataString(name)}";
        if (await connection.GetAsync(path, cancellationToken, Metadata) is not { } found)
        {
            return null;
        }

        var isOwned = found["metadata"]?["ownerReferences"] is JsonArray { Count: > 0 };
        if (found["data"] is null && Tracked(found) is { Count: > 0 } keys)
        {
            return new(keys, isOwned);
        }

        var whole = await connection.GetAsync(path, cancellationToken);
        return whole is null
            ? null
            : new((whole["data"] as JsonObject ?? []).Select(d => d.Key).ToHashSet(StringComparer.Ordinal), isOwned);
    }

    private static HashSet<string> Tracked(JsonObject found) =>
        [
            .. (found["metadata"]?["managedFields"] as JsonArray ?? [])
                .SelectMany(m => m?["fieldsV1"]?["f:data"] as JsonObject ?? [])
                .Where(f => f.Key.StartsWith("f:", StringComparison.Ordinal))
                .Select(f => f.Key[2..]),
        ];
}
