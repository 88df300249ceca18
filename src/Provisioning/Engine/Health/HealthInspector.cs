using k8s;
using k8s.Models;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Engine.Health;

/// <summary>Looks at environments without touching them. Throws <see cref="ClusterException"/> when it cannot look.</summary>
public sealed class HealthInspector(TimeProvider time) : IHealthInspector
{
    /// <summary>Name of the Helm release in every environment's namespace.</summary>
    public const string Release = "portkey-gateway";

    /// <summary>Every environment of the cluster, by id, with one list per kind for all of them. One whose namespace is gone is not in the
    /// answer.</summary>
    public async Task<IReadOnlyDictionary<Guid, EnvironmentObservation>> ObserveClusterAsync(
        ClusterConnection connection,
        CancellationToken cancellationToken
    )
    {
        var namespaces = ListAsync<V1Namespace>(
            connection,
            "/api/v1/namespaces",
            $"labelSelector={Uri.EscapeDataString(ClusterLabels.Environment)}",
            cancellationToken
        );
        var seen = await SeeAsync(connection, ns: null, Release, cancellationToken);
        var result = new Dictionary<Guid, EnvironmentObservation>();
        foreach (var ns in await namespaces)
        {
            if (Guid.TryParse(ns.Metadata.Labels[ClusterLabels.Environment], out var id))
            {
                result[id] = seen.Of(ns.Metadata.Name, ns, time.GetUtcNow().UtcDateTime);
            }
        }

        return result;
    }

    /// <summary>One environment.</summary>
    public async Task<EnvironmentObservation> ObserveAsync(
        ClusterConnection connection,
        string ns,
        string release,
        CancellationToken cancellationToken
    )
    {
        var found = ListAsync<V1Namespace>(connection, "/api/v1/namespaces", $"fieldSelector=metadata.name%3D{ns}", cancellationToken);
        var seen = await SeeAsync(connection, ns, release, cancellationToken);
        var at = time.GetUtcNow().UtcDateTime;
        return await found is [var it] ? seen.Of(ns, it, at) : EnvironmentObservation.Missing(ns, at);
    }

    /// <summary>The same with the events of the worst pod: what a probe found or a volume waits for is only
    /// there.</summary>
    public static async Task<EnvironmentObservation> ExplainAsync(
        ClusterConnection connection,
        EnvironmentObservation observation,
        CancellationToken cancellationToken
    )
    {
        var pod =
            observation.Worst
            ?? observation
                .Pods.OrderBy(p => p.Component == "gateway" ? 0 : 1)
                .FirstOrDefault(p => p is { Ready: false, Status: not "Terminating" });
        if (pod is null)
        {
            return observation;
        }

        var events = await PodDiagnostics.EventsAsync(connection, observation.Namespace, pod.Name, cancellationToken);
        var cause = new PodCause(pod.Code, pod.Says).With(events);
        return observation with
        {
            Pods = [.. observation.Pods.Select(p => p == pod ? p with { Code = cause.Code, Says = cause.Says } : p)],
            Events = events,
        };
    }

    private static async Task<ClusterSnapshot> SeeAsync(
        ClusterConnection connection,
        string? ns,
        string release,
        CancellationToken cancellationToken
    )
    {
        var selector = "labelSelector=" + Uri.EscapeDataString($"{ClusterLabels.Instance}={release}");
        string In(string root, string plural) => ns is null ? $"{root}/{plural}" : $"{root}/namespaces/{ns}/{plural}";
        var deployments = ListAsync<V1Deployment>(connection, In("/apis/apps/v1", "deployments"), selector, cancellationToken);
        var sets = ListAsync<V1StatefulSet>(connection, In("/apis/apps/v1", "statefulsets"), selector, cancellationToken);
        var pods = ListAsync<V1Pod>(connection, In("/api/v1", "pods"), selector, cancellationToken);
        var services = ListAsync<V1Service>(connection, In("/api/v1", "services"), selector, cancellationToken);
        var ingresses = ListAsync<V1Ingress>(connection, In("/apis/networking.k8s.io/v1", "ingresses"), selector, cancellationToken);
        var scalers = ScalersAsync();
        var zones = ZonesAsync(connection, cancellationToken);

        // Under an older name up to Kubernetes 1.22; the fields read are the same.
        async Task<IReadOnlyList<V2HorizontalPodAutoscaler>> ScalersAsync() =>
            await ListAsync<V2HorizontalPodAutoscaler>(
                connection,
                In(
                    "/apis/autoscaling/"
                        + await connection.Discovery.VersionAsync(connection, "autoscaling", ["v2", "v2beta2"], cancellationToken),
                    "horizontalpodautoscalers"
                ),
                selector,
                cancellationToken
            );

        await Task.WhenAll(deployments, sets, pods, services, ingresses, scalers, zones);
        return new ClusterSnapshot(await deployments, await sets, await pods, await services, await ingresses, await scalers, await zones);
    }

    /// <summary>Zone of each node. An identity that may not see nodes still sees its environments, without zones.</summary>
    private static async Task<IReadOnlyDictionary<string, string>> ZonesAsync(
        ClusterConnection connection,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var nodes = await ListAsync<V1Node>(connection, "/api/v1/nodes", "", cancellationToken);
            return nodes.ToDictionary(
                n => n.Metadata.Name,
                n => n.Metadata.Labels?.TryGetValue("topology.kubernetes.io/zone", out var zone) == true ? zone : "",
                StringComparer.Ordinal
            );
        }
        catch (ClusterForbiddenException)
        {
            return new Dictionary<string, string>(StringComparer.Ordinal);
        }
    }

    private static async Task<IReadOnlyList<T>> ListAsync<T>(
        ClusterConnection connection,
        string path,
        string selector,
        CancellationToken cancellationToken
    )
        where T : IKubernetesObject<V1ObjectMeta> => (await ObjectList.ReadAsync<T>(connection, path, selector, cancellationToken)).Items;
}
