using k8s;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>A way into one cluster. Owned by <see cref="ClusterConnections"/>; callers never dispose it.</summary>
public sealed class ClusterConnection : IDisposable
{
    private readonly IdentityGuard guard;

    internal ClusterConnection(string name, KubernetesClientConfiguration configuration, string uid = "", ClusterException? refusal = null)
    {
        Name = name;
        Configuration = configuration;
        Pins = new ClusterPins(
            ClusterPins.Normal(new Uri(configuration.Host)),
            configuration.SkipTlsVerify ? "" : ClusterPins.Fingerprints(configuration.SslCaCerts),
            uid
        );
        SocketsHttpHandler? innermost = null;
        configuration.FirstMessageHandlerSetup = handler => innermost = handler;
        guard = new IdentityGuard(name, new Uri(configuration.Host), uid, refusal);
        Kubernetes = new k8s.Kubernetes(configuration, guard, new BoundedAnswers());
        ClusterTls.Apply(innermost ?? throw new InvalidOperationException("The client has no handler of its own."), configuration);
    }

    /// <summary>Where this leads according to the kubeconfig, and the UID that the cluster must have; empty for any.</summary>
    public ClusterPins Pins { get; }

    /// <summary>The cluster's name in the portal.</summary>
    public string Name { get; }

    /// <summary>Client; its calls throw what KubernetesClient throws, see <see cref="ClusterErrors"/>.</summary>
    public IKubernetes Client => Kubernetes;

    /// <summary>Address of the API server.</summary>
    public string ApiServer => Configuration.Host;

    /// <summary>How Helm is told about the same cluster.</summary>
    internal KubernetesClientConfiguration Configuration { get; }

    internal k8s.Kubernetes Kubernetes { get; }

    /// <summary>Whether it answers.</summary>
    internal ClusterReach Reach { get; } = new();

    /// <summary>Plurals of kinds, as the cluster reports them.</summary>
    internal Discovery Discovery { get; } = new();

    /// <summary>Whether it signs in by certificate, which an environment variable cannot carry.</summary>
    internal bool HasOwnCredentials =>
        !string.IsNullOrEmpty(Configuration.ClientCertificateData) || !string.IsNullOrEmpty(Configuration.ClientCertificateFilePath);

    /// <summary>The current bearer token; null where it signs in another way.</summary>
    internal async Task<string?> TokenAsync(CancellationToken cancellationToken) =>
        Configuration.TokenProvider is { } provider ? (await provider.GetAuthenticationHeaderAsync(cancellationToken)).Parameter
        : string.IsNullOrEmpty(Configuration.AccessToken) ? null
        : Configuration.AccessToken;

    /// <summary>A connection that is closed for good; every call fails. It lets code that needs a connection fail where it would have used
    /// it.</summary>
    internal static ClusterConnection Closed(string name, ClusterException refusal) =>
        new(name, new KubernetesClientConfiguration { Host = "https://closed.invalid" }, "", refusal);

    /// <summary>Makes sure that this is the pinned cluster, for callers that reach it other than by <see cref="Client"/>.</summary>
    /// <exception cref="ClusterException">It is not, or it could not be asked.</exception>
    internal async Task EnsureIdentityAsync(CancellationToken cancellationToken)
    {
        if (!guard.IsProven)
        {
            await this.GetAsync(RawCalls.SystemNamespace, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Kubernetes.Dispose();
}
