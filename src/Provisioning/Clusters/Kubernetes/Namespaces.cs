using System.Text.Json.Nodes;
using k8s.Models;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>What namespaces say about their owner and their removal.</summary>
internal static class Namespaces
{
    /// <summary>Code for one that does not go away.</summary>
    public const string Stuck = "namespace-stuck";

    public static string Path(string ns) => $"/api/v1/namespaces/{ns}";

    public static string? Label(JsonObject found, string key) => found["metadata"]?["labels"]?[key]?.GetValue<string>();

    public static bool IsTerminating(JsonObject found) => found["metadata"]?["deletionTimestamp"] is not null;

    public static void RequireOwner(JsonObject found, string ns, string environment, string cluster)
    {
        if (!string.Equals(Label(found, ClusterLabels.Environment), environment, StringComparison.OrdinalIgnoreCase))
        {
            throw new ClusterRejectedException(
                "namespace-taken",
                $"Namespace '{ns}' in cluster '{cluster}' belongs to somebody else, so the portal does not touch it. Choose another name, or have its owner remove it."
            );
        }
    }

    /// <exception cref="ClusterException"><see cref="Stuck"/>, with what holds it.</exception>
    public static async Task WaitUntilGoneAsync(
        ClusterConnection connection,
        string ns,
        string uid,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        if (await RemainsAsync(connection, ns, uid, timeout, cancellationToken) is { } last)
        {
            var why = string.Join(
                " ",
                (last.Status?.Conditions ?? [])
                    .Where(c => c.Status == "True")
                    .Select(c => c.Message)
                    .Append(await NamespaceHolders.DescribeAsync(connection, ns, cancellationToken))
            );
            throw new ClusterException(
                Stuck,
                $"Namespace '{ns}' is still there {EnumNames(timeout)} after its removal began. {why}".TrimEnd(),
                isTransient: true
            );
        }
    }

    /// <summary>The namespace as it was last seen, where it is still there after the time; null once it is gone. Looks at nothing but the
    /// namespace.</summary>
    public static async Task<V1Namespace?> RemainsAsync(
        ClusterConnection connection,
        string ns,
        string uid,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        V1Namespace? last = null;
        try
        {
            await foreach (
                var change in ListWatch.RunAsync<V1Namespace>(
                    connection,
                    "/api/v1/namespaces",
                    $"fieldSelector=metadata.name%3D{ns}",
                    limit.Token
                )
            )
            {
                last = change.Current.FirstOrDefault(n => n.Metadata.Uid == uid);
                if (last is null)
                {
                    return null;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is over.
        }

        return last ?? new V1Namespace();
    }

    private static string EnumNames(TimeSpan time) =>
        time.TotalSeconds < 60 ? $"{time.TotalSeconds:0} s" : $"{time.TotalMinutes:0} minutes";
}
