using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clouds;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>What the portal itself writes into a cluster. Every call is idempotent; everything throws
/// <see cref="ClusterException"/>.</summary>
public sealed class ClusterWriter : IClusterWriter
{
    internal static readonly TimeSpan DeleteLimit = TimeSpan.FromMinutes(5);

    // The kinds of infra/charts/guardrails.
    private static readonly (string Root, string Plural, string Kind)[] GuardrailKinds =
    [
        ("/apis/networking.k8s.io/v1", "networkpolicies", "NetworkPolicy"),
        ("/apis/policy/", "poddisruptionbudgets", "PodDisruptionBudget"),
        ("/api/v1", "resourcequotas", "ResourceQuota"),
        ("/api/v1", "limitranges", "LimitRange"),
    ];

    /// <summary>
    /// Makes sure that the namespace is there and is this environment's. The labels must hold <see cref="ClusterLabels.Environment"/>.
    /// A namespace that somebody else made is refused with <c>namespace-taken</c>; one that is going away with <c>namespace-terminating</c>
    /// (transient).
    /// </summary>
    public async Task EnsureNamespaceAsync(
        ClusterConnection connection,
        string ns,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken
    )
    {
        var environment =
            labels.GetValueOrDefault(ClusterLabels.Environment)
            ?? throw new ArgumentException($"The labels lack {ClusterLabels.Environment}.", nameof(labels));
        ReservedNamespaces.System.Refuse(ns);
        var wanted = ManifestObjects.Namespace(ns, labels);
        if (await connection.GetAsync(Namespaces.Path(ns), cancellationToken) is not { } found)
        {
            try
            {
                await connection.SendAsync(
                    HttpMethod.Post,
                    $"/api/v1/namespaces?fieldManager={ClusterLabels.Manager}",
                    wanted,
                    "application/json",
                    cancellationToken
                );
                return;
            }
            catch (ClusterException problem) when (problem.Code == "cluster-conflict")
            {
                // Somebody was faster; whose it is now is checked as if it had been there before.
                found =
                    await connection.GetAsync(Namespaces.Path(ns), cancellationToken)
                    ?? throw new ClusterException(
                        "namespace-terminating",
                        $"Namespace '{ns}' in cluster '{connection.Name}' keeps appearing and disappearing.",
                        isTransient: true,
                        problem
                    );
            }
        }

        Namespaces.RequireOwner(found, ns, environment, connection.Name);
        if (Namespaces.IsTerminating(found))
        {
            throw new ClusterException(
                "namespace-terminating",
                $"Namespace '{ns}' in cluster '{connection.Name}' is still being removed.",
                isTransient: true
            );
        }

        if (labels.Any(l => Namespaces.Label(found, l.Key) != l.Value))
        {
            await connection.ApplyAsync(Namespaces.Path(ns), wanted, cancellationToken);
        }
    }

    /// <summary>Writes an immutable Secret. Writing the same again does nothing.</summary>
    public async Task WriteSecretAsync(
        ClusterConnection connection,
        string ns,
        string name,
        IReadOnlyDictionary<string, SecretValue> data,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken
    )
    {
        var secret = ManifestObjects.Secret(ns, name, data, labels);
        await connection.ApplyAsync($"/api/v1/namespaces/{ns}/secrets/{name}", secret, cancellationToken);
    }

    /// <summary>Writes the Secret that nodes pull images with, of type <c>kubernetes.io/dockerconfigjson</c>, as
    /// <see cref="WriteSecretAsync"/> does.</summary>
    public async Task WritePullSecretAsync(
        ClusterConnection connection,
        string ns,
        string name,
        string server,
        string user,
        SecretValue password,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken
    )
    {
        var secret = ManifestObjects.Secret(
            ns,
            name,
            ManifestObjects.PullSecretData(server, user, password),
            labels,
            "kubernetes.io/dockerconfigjson"
        );
        await connection.ApplyAsync($"/api/v1/namespaces/{ns}/secrets/{name}", secret, cancellationToken);
    }

    /// <summary>Removes the Secrets that the portal wrote, except those named. Returns the names removed.</summary>
    public async Task<IReadOnlyList<string>> PruneSecretsAsync(
        ClusterConnection connection,
        string ns,
        IReadOnlyCollection<string> keepNames,
        CancellationToken cancellationToken
    )
    {
        var selector = Uri.EscapeDataString($"{ClusterLabels.ManagedBy}={ClusterLabels.Manager},{ClusterLabels.Environment}");
        var list = await connection.GetAsync($"/api/v1/namespaces/{ns}/secrets?labelSelector={selector}", cancellationToken);
        var removed = new List<string>();
        foreach (
            var name in (list?["items"] as JsonArray ?? [])
                .Select(s => s!["metadata"]!["name"]!.GetValue<string>())
                .Where(n => !keepNames.Contains(n))
        )
        {
            if (await connection.DeleteAsync($"/api/v1/namespaces/{ns}/secrets/{name}", cancellationToken))
            {
                removed.Add(name);
            }
        }

        return removed;
    }

    /// <summary>Applies the documents of a YAML text server-side, without force. Anything cluster-scoped or meant for another namespace is
    /// refused before the first write.</summary>
    public async Task ApplyManifestsAsync(ClusterConnection connection, string ns, string yaml, CancellationToken cancellationToken)
    {
        var planned = new List<(string Path, JsonObject Manifest)>();
        foreach (var manifest in ManifestYaml.Parse(yaml))
        {
            planned.Add((await PathAsync(connection, ns, manifest, cancellationToken), manifest));
        }

        foreach (var (path, manifest) in planned)
        {
            await connection.ApplyAsync(path, manifest, cancellationToken);
        }
    }

    /// <summary>Removes guardrails of the release that these manifests no longer hold, such as the disruption budget of a larger size.
    /// Returns what was removed.</summary>
    public async Task<IReadOnlyList<string>> PruneGuardrailsAsync(
        ClusterConnection connection,
        string ns,
        string release,
        string yaml,
        CancellationToken cancellationToken
    )
    {
        var kept = ManifestYaml.Parse(yaml).Select(m => $"{m["kind"]} {m["metadata"]?["name"]}").ToHashSet(StringComparer.Ordinal);
        var selector = Uri.EscapeDataString($"{ClusterLabels.PartOf}={ClusterLabels.Manager},{ClusterLabels.Instance}={release}");
        var removed = new List<string>();
        foreach (var (root, plural, kind) in GuardrailKinds)
        {
            var at = root.EndsWith('/')
                ? root + await connection.Discovery.VersionAsync(connection, "policy", ["v1", "v1beta1"], cancellationToken)
                : root;
            var list = await connection.GetAsync($"{at}/namespaces/{ns}/{plural}?labelSelector={selector}", cancellationToken);
            foreach (
                var name in (list?["items"] as JsonArray ?? [])
                    .Select(o => o!["metadata"]!["name"]!.GetValue<string>())
                    .Where(n => !kept.Contains($"{kind} {n}"))
            )
            {
                if (await connection.DeleteAsync($"{at}/namespaces/{ns}/{plural}/{name}", cancellationToken))
                {
                    removed.Add($"{kind} {name}");
                }
            }
        }

        return removed;
    }

    /// <summary>Deletes the environment's namespace and waits until it is gone. Refuses one that is not this environment's.</summary>
    public async Task DeleteNamespaceAsync(ClusterConnection connection, string ns, Guid environmentId, CancellationToken cancellationToken)
    {
        if (await BeginDeleteNamespaceAsync(connection, ns, environmentId, cancellationToken) is { } uid)
        {
            await WaitUntilGoneAsync(connection, ns, uid, DeleteLimit, cancellationToken);
        }
    }

    /// <summary>Deletes the environment's namespace without waiting. Returns the uid of the namespace; null when nothing is
    /// there.</summary>
    public async Task<string?> BeginDeleteNamespaceAsync(
        ClusterConnection connection,
        string ns,
        Guid environmentId,
        CancellationToken cancellationToken
    )
    {
        ReservedNamespaces.System.Refuse(ns);
        if (await connection.GetAsync(Namespaces.Path(ns), cancellationToken) is not { } found)
        {
            return null;
        }

        Namespaces.RequireOwner(found, ns, environmentId.ToString(), connection.Name);
        var uid = found["metadata"]!["uid"]!.GetValue<string>();
        if (!Namespaces.IsTerminating(found))
        {
            // By its uid: a namespace that somebody recreated under the name meanwhile is not ours to delete.
            var options = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "DeleteOptions",
                ["preconditions"] = new JsonObject { ["uid"] = uid },
                ["propagationPolicy"] = "Background",
            };
            await connection.DeleteAsync(Namespaces.Path(ns), cancellationToken, options);
        }

        return uid;
    }

    /// <summary>Whether a namespace that is being removed is gone within the time. Looks at nothing but the namespace.</summary>
    public async Task<bool> IsGoneAsync(
        ClusterConnection connection,
        string ns,
        string uid,
        TimeSpan timeout,
        CancellationToken cancellationToken
    ) => await Namespaces.RemainsAsync(connection, ns, uid, timeout, cancellationToken) is null;

    /// <summary>Waits until a namespace that is being removed is gone.</summary>
    /// <exception cref="ClusterException">It is still there after the time; says what holds it.</exception>
    public Task WaitUntilGoneAsync(
        ClusterConnection connection,
        string ns,
        string uid,
        TimeSpan timeout,
        CancellationToken cancellationToken
    ) => Namespaces.WaitUntilGoneAsync(connection, ns, uid, timeout, cancellationToken);

    /// <summary>A sentence for each object of a YAML text that does not belong to the namespace according to the cluster; empty for
    /// none.</summary>
    public Task<IReadOnlyList<string>> OutsideAsync(
        ClusterConnection connection,
        string ns,
        string yaml,
        CancellationToken cancellationToken
    ) => NamespacedKinds.WrongAsync(connection, ns, ManifestItems.Parse(yaml), cancellationToken);

    private static async Task<string> PathAsync(
        ClusterConnection connection,
        string ns,
        JsonObject manifest,
        CancellationToken cancellationToken
    )
    {
        var apiVersion = manifest["apiVersion"]?.GetValue<string>();
        var kind = manifest["kind"]?.GetValue<string>();
        var metadata = manifest["metadata"] as JsonObject;
        var name = metadata?["name"]?.GetValue<string>();
        if (
            string.IsNullOrEmpty(apiVersion)
            || string.IsNullOrEmpty(kind)
            || string.IsNullOrEmpty(name)
            || name.Contains('/', StringComparison.Ordinal)
        )
        {
            throw new ClusterRejectedException("manifest-invalid", "A manifest lacks apiVersion, kind or a proper metadata.name.");
        }

        var info = await connection.Discovery.FindAsync(connection, apiVersion, kind, cancellationToken);
        var target = metadata!["namespace"]?.GetValue<string>() ?? ns;
        if (!info.Namespaced || target != ns)
        {
            throw new ClusterRejectedException(
                "manifest-outside",
                $"{kind} '{name}' does not belong to namespace '{ns}', so the portal does not apply it."
            );
        }

        metadata["namespace"] = ns;
        return new StringBuilder(Discovery.Root(apiVersion))
            .Append("/namespaces/")
            .Append(ns)
            .Append('/')
            .Append(info.Plural)
            .Append('/')
            .Append(Uri.EscapeDataString(name))
            .ToString();
    }
}
