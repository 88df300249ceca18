using System.Text.Json.Nodes;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>
/// Which objects do not belong to a namespace according to the cluster. A fixed list of kinds cannot tell: any cluster may serve more of
/// them, so its own discovery is asked.
/// </summary>
internal static class NamespacedKinds
{
    /// <summary>A sentence for each object of an unknown kind, cluster-scoped, or meant for another namespace; empty for none.</summary>
    /// <exception cref="ClusterException">The cluster did not answer.</exception>
    public static async Task<IReadOnlyList<string>> WrongAsync(
        ClusterConnection connection,
        string ns,
        IReadOnlyList<JsonObject> objects,
        CancellationToken cancellationToken
    )
    {
        var wrong = new List<string>();
        foreach (var one in objects)
        {
            var (apiVersion, kind, metadata) = (
                one["apiVersion"]?.ToString() ?? "",
                one["kind"]?.ToString() ?? "",
                one["metadata"] as JsonObject
            );
            var (name, own) = (metadata?["name"]?.ToString() ?? "", metadata?["namespace"]?.ToString() ?? "");
            var known = IsPath(apiVersion)
                ? await connection.Discovery.TryFindAsync(connection, apiVersion, kind, cancellationToken)
                : null;
            if (known is null)
            {
                wrong.Add($"{connection.Name} does not know {kind} in {apiVersion} ({name}).");
            }
            else if (!known.Namespaced)
            {
                wrong.Add($"{kind} {name} is cluster-scoped.");
            }
            else if (own.Length > 0 && own != ns)
            {
                wrong.Add($"{kind} {name} is for namespace {own}.");
            }
        }

        return [.. wrong.Distinct(StringComparer.Ordinal)];
    }

    // It becomes a part of a path: v1, or apps/v1.
    private static bool IsPath(string apiVersion) =>
        apiVersion.Length is > 0 and <= 317
        && apiVersion.Count(c => c == '/') <= 1
        && !apiVersion.Contains("..", StringComparison.Ordinal)
        && apiVersion.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '/');
}
