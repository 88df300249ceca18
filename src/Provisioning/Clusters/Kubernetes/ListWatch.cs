using System.Runtime.CompilerServices;
using System.Text.Json;
using k8s;
using k8s.Models;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>The current objects. A new one comes with each change.</summary>
/// <param name="Current">Every object, in no order.</param>
internal sealed record WatchState<T>(IReadOnlyCollection<T> Current);

/// <summary>
/// Follows a kind: list, then watch from there with a limit on the server's side, then list again, for as long as it is read. A watch that
/// is cut, ends, or is told 410 Gone simply leads to the next list, so nothing is missed. Throws when the cluster stays unreachable.
/// </summary>
internal static class ListWatch
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async IAsyncEnumerable<WatchState<T>> RunAsync<T>(
        ClusterConnection connection,
        string path,
        string selector,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var items = new Dictionary<string, T>(StringComparer.Ordinal);
        DateTime? awaySince = null;
        while (true)
        {
            var (version, problem) = await ListAsync(connection, path, selector, items, cancellationToken);
            if (problem is not null)
            {
                awaySince ??= DateTime.UtcNow;
                if (!problem.IsTransient || DateTime.UtcNow - awaySince > Patience)
                {
                    throw problem;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(250), cancellationToken);
                continue;
            }

            awaySince = null;
            yield return new WatchState<T>([.. items.Values]);
            await foreach (var change in WatchAsync(connection, path, selector, version, cancellationToken))
            {
                using (change)
                {
                    if (Take(items, change.RootElement))
                    {
                        yield return new WatchState<T>([.. items.Values]);
                    }
                }
            }
        }
    }

    private static async Task<(string Version, ClusterException? Problem)> ListAsync<T>(
        ClusterConnection connection,
        string path,
        string selector,
        Dictionary<string, T> items,
        CancellationToken cancellationToken
    )
        where T : IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            var found = await ObjectList.ReadAsync<T>(connection, path, selector, cancellationToken);
            items.Clear();
            foreach (var item in found.Items)
            {
                items[Key(item)] = item;
            }

            return (found.Version, null);
        }
        catch (ClusterException problem)
        {
            return ("", problem);
        }
    }

    // Lines such as {"type":"MODIFIED","object":{…}}. Ends without a word when the connection breaks: the list that follows tells why.
    private static async IAsyncEnumerable<JsonDocument> WatchAsync(
        ClusterConnection connection,
        string path,
        string selector,
        string version,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        HttpResponseMessage? response = null;
        LineReader? reader = null;
        try
        {
            response = await Quietly(() =>
                connection.OpenAsync(
                    HttpMethod.Get,
                    $"{path}?{selector}&watch=true&allowWatchBookmarks=true&timeoutSeconds=240&resourceVersion={Uri.EscapeDataString(version)}",
                    body: null,
                    "application/json",
                    HttpCompletionOption.ResponseHeadersRead,
                    cancellationToken
                )!
            );
            if (response is not { IsSuccessStatusCode: true })
            {
                yield break;
            }

            reader = new LineReader(await response.Content.ReadAsStreamAsync(cancellationToken), ReadLimits.Cluster.Size);
            while (await Quietly(() => reader.ReadAsync(cancellationToken)) is { } line)
            {
                if (line.Length == 0)
                {
                    continue;
                }

                if (Parse(line) is not { } change || change.RootElement.GetProperty("type").GetString() == "ERROR")
                {
                    yield break;
                }

                yield return change;
            }
        }
        finally
        {
            reader?.Dispose();
            response?.Dispose();
        }
    }

    private static bool Take<T>(Dictionary<string, T> items, JsonElement change)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var type = change.GetProperty("type").GetString();
        if (type is not ("ADDED" or "MODIFIED" or "DELETED"))
        {
            return false;
        }

        var item = KubernetesJson.Deserialize<T>(change.GetProperty("object"));
        if (type == "DELETED")
        {
            return items.Remove(Key(item));
        }

        items[Key(item)] = item;
        return true;
    }

    private static string Key(IKubernetesObject<V1ObjectMeta> item) => $"{item.Metadata.NamespaceProperty}/{item.Metadata.Name}";

    private static JsonDocument? Parse(string line)
    {
        try
        {
            return BoundedJson.Document(line, ReadLimits.Cluster);
        }
        catch (Exception problem) when (problem is JsonException or UnreadableException)
        {
            return null;
        }
    }

    private static async Task<T?> Quietly<T>(Func<Task<T?>> call)
        where T : class
    {
        try
        {
            return await call();
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or HttpIOException)
        {
            return null;
        }
    }
}
