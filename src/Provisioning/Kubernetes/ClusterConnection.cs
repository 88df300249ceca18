using k8s;

namespace Portkey.Portal.Provisioning.Kubernetes;

/// <summary>A way into one cluster. Owned by <see cref="ClusterConnections"/>; callers never dispose it.</summary>
public sealed class ClusterConnection : IDisposable
{
    internal ClusterConnection(string name, KubernetesClientConfiguration configuration)
    {
        Name = name;
        Configuration = configuration;
        Kubernetes = new k8s.Kubernetes(configuration);
    }

    /// <summary>The cluster's name in the portal.</summary>
    public string Name { get; }

    /// <summary>Client; its calls throw what KubernetesClient throws, see <see cref="ClusterErrors"/>.</summary>
    public IKubernetes Client => Kubernetes;

    /// <summary>Address of the API server.</summary>
    public string ApiServer => Configuration.Host;

    /// <summary>What Helm is told the same cluster by.</summary>
    internal KubernetesClientConfiguration Configuration { get; }

    internal k8s.Kubernetes Kubernetes { get; }

    /// <summary>Plurals of kinds, as the cluster told them.</summary>
    internal Discovery Discovery { get; } = new();

    /// <summary>Whether it signs in by certificate or password, which an environment variable cannot carry.</summary>
    internal bool HasOwnCredentials => !string.IsNullOrEmpty(Configuration.Username)
        || !string.IsNullOrEmpty(Configuration.ClientCertificateData) || !string.IsNullOrEmpty(Configuration.ClientCertificateFilePath);

    /// <summary>The bearer token of the moment; null where it signs in otherwise.</summary>
    internal async Task<string?> TokenAsync(CancellationToken cancellationToken) => Configuration.TokenProvider is { } provider
        ? (await provider.GetAuthenticationHeaderAsync(cancellationToken)).Parameter
        : string.IsNullOrEmpty(Configuration.AccessToken) ? null : Configuration.AccessToken;

    /// <inheritdoc/>
    public void Dispose() => Kubernetes.Dispose();
}
