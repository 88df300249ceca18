using System.Text.Json.Serialization;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Engine.Health;

/// <summary>What was seen of one environment in its cluster, once. Holds no secrets and serialises to JSON.</summary>
/// <param name="At">UTC.</param>
/// <param name="Namespace">Namespace.</param>
/// <param name="NamespaceFound">Whether the namespace exists; where not, the rest is empty.</param>
/// <param name="Terminating">Whether the namespace is going away.</param>
/// <param name="Workloads">Deployments and StatefulSets of the release.</param>
/// <param name="Pods">Their pods.</param>
/// <param name="Services">Services of the release.</param>
/// <param name="Ingresses">Ingresses of the release.</param>
/// <param name="Autoscalers">HorizontalPodAutoscalers of the release.</param>
public sealed record EnvironmentObservation(
    DateTime At,
    string Namespace,
    bool NamespaceFound,
    bool Terminating,
    IReadOnlyList<WorkloadObservation> Workloads,
    IReadOnlyList<PodObservation> Pods,
    IReadOnlyList<ServiceObservation> Services,
    IReadOnlyList<IngressObservation> Ingresses,
    IReadOnlyList<AutoscalerObservation> Autoscalers
)
{
    /// <summary>Events of the worst pod, oldest first; empty where all is well.</summary>
    public IReadOnlyList<PodEvent> Events { get; init; } = [];

    /// <summary>The worst pod, the gateway's before others; null where none says anything.</summary>
    [JsonIgnore]
    public PodObservation? Worst =>
        Pods.Where(p => p is { Ready: false, Code.Length: > 0 })
            .OrderBy(p => p.Component == "gateway" ? 0 : 1)
            .ThenBy(p => p.Code == PodCause.NotReady ? 1 : 0)
            .FirstOrDefault();

    /// <summary>Pods of the built-in Redis.</summary>
    public IEnumerable<PodObservation> RedisPods => Pods.Where(p => p.Component == "redis");

    /// <summary>Pods of the gateway itself.</summary>
    public IEnumerable<PodObservation> GatewayPods => Pods.Where(p => p.Component == "gateway");

    /// <summary>The Service that the gateway answers at; null while there is none.</summary>
    public ServiceObservation? GatewayService => Services.FirstOrDefault(s => s.Component == "gateway");

    /// <summary>For an environment whose namespace is not there.</summary>
    public static EnvironmentObservation Missing(string ns, DateTime at) =>
        new(at, ns, NamespaceFound: false, Terminating: false, [], [], [], [], []);
}

/// <summary>One Deployment or StatefulSet.</summary>
/// <param name="Kind">Kind.</param>
/// <param name="Name">Name.</param>
/// <param name="Component"><c>gateway</c>, <c>redis</c>, or another part's word.</param>
/// <param name="Desired">Pods asked for.</param>
/// <param name="Ready">Pods ready.</param>
/// <param name="Current">Whether kstatus calls it current.</param>
/// <param name="Stalled">Whether it has given up, such as past its progress deadline.</param>
/// <param name="RolledOut">Whether its newest spec was rolled out completely before, whatever happened to pods since.</param>
/// <param name="Reason">Why it is not current; empty when it is.</param>
public sealed record WorkloadObservation(
    string Kind,
    string Name,
    string Component,
    int Desired,
    int Ready,
    bool Current,
    bool Stalled,
    bool RolledOut,
    string Reason
);

/// <summary>One pod.</summary>
/// <param name="Name">Name.</param>
/// <param name="Component"><c>gateway</c>, <c>redis</c>, or another part's word.</param>
/// <param name="Ready">Whether it takes traffic.</param>
/// <param name="Status">The word <c>kubectl get pods</c> shows, such as <c>Running</c> or <c>CrashLoopBackOff</c>.</param>
/// <param name="Restarts">Restarts of its containers.</param>
/// <param name="Node">Node; empty while unscheduled.</param>
/// <param name="Zone">Zone of the node; empty when unknown.</param>
/// <param name="Message">What Kubernetes says about the status; empty for nothing.</param>
public sealed record PodObservation(
    string Name,
    string Component,
    bool Ready,
    string Status,
    int Restarts,
    string Node,
    string Zone,
    string Message
)
{
    /// <summary>Machine word for why it does not serve, such as <c>image-pull</c>; empty for nothing.</summary>
    public string Code { get; init; } = "";

    /// <summary>The same in words, to be said after its name; empty for nothing.</summary>
    public string Says { get; init; } = "";
}

/// <summary>One Service.</summary>
/// <param name="Name">Name.</param>
/// <param name="Component"><c>gateway</c>, <c>redis</c>, or another part's word.</param>
/// <param name="Type">ClusterIP, NodePort or LoadBalancer.</param>
/// <param name="ClusterIp">Address inside the cluster.</param>
/// <param name="Ports">Ports.</param>
/// <param name="Addresses">Addresses of its load balancer; empty for none yet.</param>
public sealed record ServiceObservation(
    string Name,
    string Component,
    string Type,
    string ClusterIp,
    IReadOnlyList<ServicePortObservation> Ports,
    IReadOnlyList<string> Addresses
);

/// <summary>One port of a Service.</summary>
/// <param name="Name">Name; empty for none.</param>
/// <param name="Port">Port.</param>
/// <param name="NodePort">Port on each node; 0 for none.</param>
public sealed record ServicePortObservation(string Name, int Port, int NodePort);

/// <summary>One Ingress.</summary>
/// <param name="Name">Name.</param>
/// <param name="Hosts">Hosts it answers for.</param>
/// <param name="Addresses">Addresses it has; empty for none yet.</param>
public sealed record IngressObservation(string Name, IReadOnlyList<string> Hosts, IReadOnlyList<string> Addresses);

/// <summary>One HorizontalPodAutoscaler.</summary>
/// <param name="Name">Name.</param>
/// <param name="Min">Fewest pods.</param>
/// <param name="Max">Most pods.</param>
/// <param name="Current">Pods now.</param>
/// <param name="Desired">Pods it wants.</param>
/// <param name="ScalingActive">Whether it can scale; null before it has said.</param>
/// <param name="Reason">Why not; empty when it can.</param>
public sealed record AutoscalerObservation(string Name, int Min, int Max, int Current, int Desired, bool? ScalingActive, string Reason);
