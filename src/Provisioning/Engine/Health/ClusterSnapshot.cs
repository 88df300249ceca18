using k8s.Models;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Engine.Health;

/// <summary>The results of one look, by namespace.</summary>
internal sealed class ClusterSnapshot(
    IReadOnlyList<V1Deployment> deployments,
    IReadOnlyList<V1StatefulSet> sets,
    IReadOnlyList<V1Pod> pods,
    IReadOnlyList<V1Service> services,
    IReadOnlyList<V1Ingress> ingresses,
    IReadOnlyList<V2HorizontalPodAutoscaler> scalers,
    IReadOnlyDictionary<string, string> zones
)
{
    private readonly ILookup<string, V1Deployment> deployments = deployments.ToLookup(
        o => o.Metadata.NamespaceProperty,
        StringComparer.Ordinal
    );
    private readonly ILookup<string, V1StatefulSet> sets = sets.ToLookup(o => o.Metadata.NamespaceProperty, StringComparer.Ordinal);
    private readonly ILookup<string, V1Pod> pods = pods.ToLookup(o => o.Metadata.NamespaceProperty, StringComparer.Ordinal);
    private readonly ILookup<string, V1Service> services = services.ToLookup(o => o.Metadata.NamespaceProperty, StringComparer.Ordinal);
    private readonly ILookup<string, V1Ingress> ingresses = ingresses.ToLookup(o => o.Metadata.NamespaceProperty, StringComparer.Ordinal);
    private readonly ILookup<string, V2HorizontalPodAutoscaler> scalers = scalers.ToLookup(
        o => o.Metadata.NamespaceProperty,
        StringComparer.Ordinal
    );

    public EnvironmentObservation Of(string ns, V1Namespace found, DateTime at) =>
        new(
            at,
            ns,
            NamespaceFound: true,
            found.Metadata.DeletionTimestamp is not null,
            [.. deployments[ns].Select(Workload), .. sets[ns].Select(Workload)],
            [.. pods[ns].Select(Pod).OrderBy(p => p.Name, StringComparer.Ordinal)],
            [.. services[ns].Select(Service)],
            [.. ingresses[ns].Select(Ingress)],
            [.. scalers[ns].Select(Scaler)]
        );

    private static WorkloadObservation Workload(V1Deployment it) =>
        Workload("Deployment", it.Metadata, it.Spec.Replicas, it.Status?.ReadyReplicas, Kstatus.Of(it));

    private static WorkloadObservation Workload(V1StatefulSet it) =>
        Workload("StatefulSet", it.Metadata, it.Spec.Replicas, it.Status?.ReadyReplicas, Kstatus.Of(it));

    private static WorkloadObservation Workload(string kind, V1ObjectMeta metadata, int? desired, int? ready, WorkloadState state) =>
        new(kind, metadata.Name, Component(metadata), desired ?? 1, ready ?? 0, state.Current, state.Stalled, state.Complete, state.Reason);

    private PodObservation Pod(V1Pod it)
    {
        var (status, cause) = (PodStatus.Of(it), PodCause.Of(it));
        var node = it.Spec?.NodeName ?? "";
        return new(
            it.Metadata.Name,
            Component(it.Metadata),
            status.Ready,
            status.Word,
            status.Restarts,
            node,
            zones.GetValueOrDefault(node, ""),
            status.Message
        )
        {
            Code = cause.Code,
            Says = cause.Says,
        };
    }

    private static ServiceObservation Service(V1Service it) =>
        new(
            it.Metadata.Name,
            Component(it.Metadata),
            it.Spec.Type ?? "ClusterIP",
            it.Spec.ClusterIP ?? "",
            [.. (it.Spec.Ports ?? []).Select(p => new ServicePortObservation(p.Name ?? "", p.Port, p.NodePort ?? 0))],
            [.. (it.Status?.LoadBalancer?.Ingress ?? []).Select(i => i.Hostname ?? i.Ip ?? "").Where(a => a.Length > 0)]
        );

    private static IngressObservation Ingress(V1Ingress it) =>
        new(
            it.Metadata.Name,
            [.. (it.Spec?.Rules ?? []).Select(r => r.Host ?? "").Where(h => h.Length > 0)],
            [.. (it.Status?.LoadBalancer?.Ingress ?? []).Select(i => i.Hostname ?? i.Ip ?? "").Where(a => a.Length > 0)]
        );

    private static AutoscalerObservation Scaler(V2HorizontalPodAutoscaler it)
    {
        var active = it.Status?.Conditions?.FirstOrDefault(c => c.Type == "ScalingActive");
        var can = active is null ? (bool?)null : active.Status == "True";
        return new(
            it.Metadata.Name,
            it.Spec.MinReplicas ?? 1,
            it.Spec.MaxReplicas,
            it.Status?.CurrentReplicas ?? 0,
            it.Status?.DesiredReplicas ?? 0,
            can,
            can == false ? active!.Message ?? active.Reason ?? "" : ""
        );
    }

    // Portkey's own chart labels its parts by name only; ours says the component.
    private static string Component(V1ObjectMeta metadata)
    {
        var name = metadata.Name;
        return name.EndsWith("-mcp", StringComparison.Ordinal) ? "mcp"
            : metadata.Labels?.TryGetValue("app.kubernetes.io/component", out var word) == true
            && word is "gateway" or "redis" or "dataservice" or "mcp"
                ? word
            : Array.Find(["redis", "dataservice", "minio", "milvus", "etcd"], p => name.Contains(p, StringComparison.Ordinal)) ?? "gateway";
    }
}
