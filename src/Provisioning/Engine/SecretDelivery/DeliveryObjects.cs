using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Engine.SecretDelivery;

/// <summary>What the ways have in common.</summary>
internal static class DeliveryObjects
{
    private const int MostEvents = 5;

    public static string Ours { get; } =
        "labelSelector=" + Uri.EscapeDataString($"{ClusterLabels.ManagedBy}={ClusterLabels.Manager},{ClusterLabels.Environment}");

    /// <summary>Deletes the portal's own objects of a collection, but those to keep.</summary>
    public static async Task<IReadOnlyList<string>> PruneAsync(
        ClusterConnection connection,
        string collection,
        string kind,
        Func<string, bool> keeps,
        CancellationToken cancellationToken,
        string selector = ""
    )
    {
        var list = await connection.GetAsync($"{collection}?{(selector.Length > 0 ? selector : Ours)}", cancellationToken);
        var removed = new List<string>();
        foreach (
            var name in (list?["items"] as JsonArray ?? []).Select(i => i!["metadata"]!["name"]!.GetValue<string>()).Where(n => !keeps(n))
        )
        {
            if (await connection.DeleteAsync($"{collection}/{name}", cancellationToken))
            {
                removed.Add($"{kind} {name}");
            }
        }

        return removed;
    }

    /// <summary>Last events of an object, redacted; none where they cannot be read.</summary>
    public static async Task<IReadOnlyList<string>> EventsAsync(
        ClusterConnection connection,
        string ns,
        string kind,
        string name,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var selector = Uri.EscapeDataString($"involvedObject.kind={kind},involvedObject.name={name}");
            var list = await connection.GetAsync($"{Namespaces.Path(ns)}/events?fieldSelector={selector}", cancellationToken);
            return
            [
                .. (list?["items"] as JsonArray ?? [])
                    .OrderBy(e => e?["lastTimestamp"]?.ToString(), StringComparer.Ordinal)
                    .TakeLast(MostEvents)
                    .Select(e => Redactor.Default.Redact($"{e?["type"]} {e?["reason"]}: {e?["message"]}")),
            ];
        }
        catch (ClusterException)
        {
            return [];
        }
    }

    public static async Task RequireAsync(
        ClusterConnection connection,
        string apiVersion,
        string kind,
        string product,
        CancellationToken cancellationToken
    )
    {
        if (!await Discovery.ServesAsync(connection, apiVersion, kind, cancellationToken))
        {
            throw new ClusterRejectedException(
                "secret-delivery-crds",
                $"Cluster '{connection.Name}' does not serve {kind} in {apiVersion}. Install {product} there, or have an administrator choose another secret delivery for this cluster."
            );
        }
    }
}
