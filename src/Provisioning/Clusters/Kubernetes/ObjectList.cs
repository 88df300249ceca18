using System.Text.Json;
using k8s;
using k8s.Models;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>Reads whole lists, page by page.</summary>
internal static class ObjectList
{
    private const int PageSize = 500;

    /// <summary>Every object, and the version of the list to watch from.</summary>
    public static async Task<(IReadOnlyList<T> Items, string Version)> ReadAsync<T>(
        ClusterConnection connection,
        string path,
        string selector,
        CancellationToken cancellationToken
    )
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var items = new List<T>();
        var next = "";
        while (true)
        {
            using var page = await PageAsync(
                connection,
                $"{path}?{selector}&limit={PageSize}&continue={Uri.EscapeDataString(next)}",
                cancellationToken
            );
            var root = page.RootElement;
            if (root.TryGetProperty("items", out var found) && found.ValueKind == JsonValueKind.Array)
            {
                items.AddRange(found.EnumerateArray().Select(e => KubernetesJson.Deserialize<T>(e)));
            }

            var metadata = root.GetProperty("metadata");
            next = metadata.TryGetProperty("continue", out var more) ? more.GetString() ?? "" : "";
            if (next.Length == 0)
            {
                return (items, metadata.TryGetProperty("resourceVersion", out var version) ? version.GetString() ?? "" : "");
            }
        }
    }

    private static async Task<JsonDocument> PageAsync(ClusterConnection connection, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await connection.OpenAsync(
                HttpMethod.Get,
                path,
                body: null,
                "application/json",
                HttpCompletionOption.ResponseContentRead,
                cancellationToken
            );
            return response.IsSuccessStatusCode
                ? BoundedJson.Document(await response.Content.ReadAsByteArrayAsync(cancellationToken), ReadLimits.Cluster)
                : throw ClusterErrors.From(
                    connection.Name,
                    response.StatusCode,
                    await response.Content.ReadAsStringAsync(cancellationToken),
                    response.Headers.RetryAfter?.Delta
                );
        }
        catch (Exception problem) when (ClusterErrors.Map(connection.Name, problem, cancellationToken) is { } mapped)
        {
            throw mapped;
        }
    }
}
