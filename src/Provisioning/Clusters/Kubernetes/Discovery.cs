using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>How the cluster names a kind in its paths.</summary>
internal sealed record KindInfo(string Plural, bool Namespaced);

/// <summary>Asks the cluster once for the kinds of each group and version.</summary>
internal sealed class Discovery
{
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, KindInfo>> groups = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, IReadOnlySet<string>> versions = new(StringComparer.Ordinal);

    public async Task<KindInfo> FindAsync(
        ClusterConnection connection,
        string apiVersion,
        string kind,
        CancellationToken cancellationToken
    ) =>
        await TryFindAsync(connection, apiVersion, kind, cancellationToken)
        ?? throw new ClusterRejectedException("unknown-kind", $"Cluster '{connection.Name}' does not know {kind} in {apiVersion}.");

    /// <summary>The same; null for a kind that the cluster does not know.</summary>
    public async Task<KindInfo?> TryFindAsync(
        ClusterConnection connection,
        string apiVersion,
        string kind,
        CancellationToken cancellationToken
    )
    {
        if (groups.TryGetValue(apiVersion, out var known) && known.TryGetValue(kind, out var found))
        {
            return found;
        }

        // A kind that was not there may have been installed since: only what is there is remembered.
        var kinds = await ReadAsync(connection, apiVersion, cancellationToken);
        groups[apiVersion] = kinds;
        return kinds.GetValueOrDefault(kind);
    }

    /// <summary>Whether the cluster serves a kind, as it is now: somebody may have installed or removed it since.</summary>
    public static async Task<bool> ServesAsync(
        ClusterConnection connection,
        string apiVersion,
        string kind,
        CancellationToken cancellationToken
    ) => (await ReadAsync(connection, apiVersion, cancellationToken)).ContainsKey(kind);

    /// <summary>Path of all objects of a kind in the version of its group that the cluster prefers, as the cluster is now; null where it
    /// does not serve it.</summary>
    public static async Task<string?> PathAsync(
        ClusterConnection connection,
        string group,
        string kind,
        CancellationToken cancellationToken
    ) =>
        (await GroupsAsync(connection, cancellationToken))
            .FirstOrDefault(g => g["name"]?.GetValue<string>() == group)
            ?["preferredVersion"]?["groupVersion"]?.GetValue<string>()
            is { } version
        && Kinds(await connection.DiscoverAsync(Root(version), cancellationToken)).GetValueOrDefault(kind) is { } known
            ? $"{Root(version)}/{known.Plural}"
            : null;

    /// <summary>Every kind that lives in a namespace and can be listed, in the version of its group that the cluster prefers.</summary>
    public static async Task<IReadOnlyList<(string ApiVersion, string Kind, string Plural)>> NamespacedAsync(
        ClusterConnection connection,
        CancellationToken cancellationToken
    )
    {
        var found = new List<(string, string, string)>();
        foreach (
            var version in (await GroupsAsync(connection, cancellationToken))
                .Select(g => g["preferredVersion"]?["groupVersion"]?.GetValue<string>())
                .OfType<string>()
                .Prepend("v1")
        )
        {
            var resources = (await connection.DiscoverAsync(Root(version), cancellationToken))?["resources"] as JsonArray ?? [];
            found.AddRange(
                resources
                    .OfType<JsonObject>()
                    .Where(r =>
                        r["namespaced"]?.GetValue<bool>() == true
                        && (r["verbs"] as JsonArray ?? []).Any(v => v?.GetValue<string>() == "list")
                    )
                    .Select(r => (version, r["kind"]!.GetValue<string>(), r["name"]!.GetValue<string>()))
            );
        }

        return found;
    }

    // For a group that it does not serve, an API server answers as any web server would: without a Status. So its list of
    // groups decides, which lags a little where a kind was just installed or removed.
    private static async Task<Dictionary<string, KindInfo>> ReadAsync(
        ClusterConnection connection,
        string apiVersion,
        CancellationToken cancellationToken
    )
    {
        if (!apiVersion.Contains('/', StringComparison.Ordinal))
        {
            return Kinds(apiVersion == "v1" ? await connection.GetAsync(Root(apiVersion), cancellationToken) : null);
        }

        var isServed = (await GroupsAsync(connection, cancellationToken))
            .SelectMany(g => g["versions"] as JsonArray ?? [])
            .Any(v => v?["groupVersion"]?.GetValue<string>() == apiVersion);
        return Kinds(isServed ? await connection.DiscoverAsync(Root(apiVersion), cancellationToken) : null);
    }

    private static async Task<IEnumerable<JsonObject>> GroupsAsync(ClusterConnection connection, CancellationToken cancellationToken) =>
        ((await connection.GetAsync("/apis", cancellationToken))?["groups"] as JsonArray ?? []).OfType<JsonObject>();

    // deployments/scale and the like are subresources.
    private static Dictionary<string, KindInfo> Kinds(JsonObject? list) =>
        (list?["resources"] as JsonArray ?? [])
            .OfType<JsonObject>()
            .Where(r => r["name"]?.GetValue<string>().Contains('/', StringComparison.Ordinal) == false)
            .GroupBy(r => r["kind"]!.GetValue<string>(), StringComparer.Ordinal)
            .ToDictionary(
                g => g.Key,
                g => new KindInfo(g.First()["name"]!.GetValue<string>(), g.First()["namespaced"]?.GetValue<bool>() ?? false),
                StringComparer.Ordinal
            );

    /// <summary>The first of these versions of an API group that the cluster serves; the first of all where it serves none of
    /// them.</summary>
    public async Task<string> VersionAsync(
        ClusterConnection connection,
        string group,
        IReadOnlyList<string> preferred,
        CancellationToken cancellationToken
    )
    {
        if (!versions.TryGetValue(group, out var served))
        {
            var answer = await connection.GetAsync($"/apis/{group}", cancellationToken);
            served = (answer?["versions"] as JsonArray ?? [])
                .Select(v => v?["version"]?.GetValue<string>() ?? "")
                .ToHashSet(StringComparer.Ordinal);
            versions[group] = served;
        }

        return preferred.FirstOrDefault(served.Contains) ?? preferred[0];
    }

    public static string Root(string apiVersion) =>
        apiVersion.Contains('/', StringComparison.Ordinal) ? $"/apis/{apiVersion}" : $"/api/{apiVersion}";
}
