using k8s;

namespace Portkey.Portal.Provisioning.Kubernetes;

/// <summary>A way into one cluster. Owned by <see cref="ClusterConnections"/>; callers never dispose it.</summary>
public sealed class ClusterConnection : IDisposable
{
    internal ClusterConnection(string name, KubernetesClientConfiguration configuration, string serverName, IKubernetes client)
    {
        Name = name;
        Configuration = configuration;
        TlsServerName = serverName;
        Client = client;
    }

    /// <summary>The cluster's name in the portal.</summary>
    public string Name { get; }

    /// <summary>Client; its calls throw what KubernetesClient throws, see <c>ClusterErrors</c>.</summary>
    public IKubernetes Client { get; }

    /// <summary>Address of the API server.</summary>
    public string ApiServer => Configuration.Host;

    /// <summary>What Helm is told the same cluster by.</summary>
    internal KubernetesClientConfiguration Configuration { get; }

    /// <summary>Name that the server's certificate must carry where it is not the address's own; empty for the usual.</summary>
    internal string TlsServerName { get; }

    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();
}
