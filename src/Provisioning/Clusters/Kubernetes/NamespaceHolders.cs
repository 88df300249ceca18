using System.Text.Json.Nodes;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>What keeps a namespace from going away. The API server counts finalizers by kind; whoever has to remove them needs the
/// objects' names.</summary>
internal static class NamespaceHolders
{
    private const int Shown = 5;

    // Names and finalizers, never a Secret's values.
    private const string Metadata = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>A sentence with the objects that have finalizers, such as <c>ConfigMap stuck (example.com/held)</c>; empty when none is
    /// found.</summary>
    public static async Task<string> DescribeAsync(ClusterConnection connection, string ns, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        var held = new List<string>();
        try
        {
            foreach (var (apiVersion, kind, plural) in await Discovery.NamespacedAsync(connection, limit.Token))
            {
                await foreach (var one in ListAsync(connection, $"{Discovery.Root(apiVersion)}/namespaces/{ns}/{plural}", limit.Token))
                {
                    if ((one["metadata"]?["finalizers"] as JsonArray)?.Select(f => $"{f}").ToList() is { Count: > 0 } finalizers)
                    {
                        held.Add($"{kind} {one["metadata"]!["name"]} ({string.Join(", ", finalizers)})");
                    }
                }
            }
        }
        catch (Exception problem)
            when (problem is ClusterException || (problem is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // What was found so far already helps; the namespace's own message is shown anyway.
        }

        return held.Count == 0
            ? ""
            : $"Held by {string.Join("; ", held.Take(Shown))}{(held.Count > Shown ? $" and {held.Count - Shown} more" : "")}: in brackets is what has to release it. Let that finish; where it no longer exists, remove the finalizer from the object.";
    }

    private static async IAsyncEnumerable<JsonObject> ListAsync(
        ClusterConnection connection,
        string path,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var objects = connection.ListAsync(path, cancellationToken, Metadata).GetAsyncEnumerator(cancellationToken);
        await using (objects)
        {
            while (true)
            {
                try
                {
                    if (!await objects.MoveNextAsync())
                    {
                        yield break;
                    }
                }
                catch (ClusterForbiddenException)
                {
                    yield break; // a kind that the portal may not see, and cannot have created
                }

                yield return objects.Current;
            }
        }
    }
}
