using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>Reads lists of any kind, page by page, so that no answer grows with the cluster.</summary>
internal static class RawLists
{
    private const int PageSize = 500;

    /// <summary>Every object; nothing where the cluster does not serve the path.</summary>
    public static async IAsyncEnumerable<JsonObject> ListAsync(
        this ClusterConnection connection,
        string path,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        string accept = "application/json"
    )
    {
        for (string? next = ""; next is not null;)
        {
            var page = await connection.GetAsync(
                $"{path}?limit={PageSize}{(next.Length > 0 ? $"&continue={Uri.EscapeDataString(next)}" : "")}",
                cancellationToken,
                accept
            );
            foreach (var one in (page?["items"] as JsonArray ?? []).OfType<JsonObject>().ToList())
            {
                yield return one;
            }

            next = page?["metadata"]?["continue"]?.GetValue<string>() is { Length: > 0 } more ? more : null;
        }
    }
}
