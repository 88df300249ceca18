using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Secrets;

namespace Portkey.Portal.Provisioning.Kubernetes;

/// <summary>Opens clusters from where their kubeconfig is kept, and keeps the connection as long as the kubeconfig stays the same.</summary>
public sealed class ClusterConnections(ISecretVault vault) : IDisposable
{
    private readonly ISecretVault vault = vault;

    /// <summary>The connection to a cluster. Makes no call to the cluster.</summary>
    /// <exception cref="ClusterException">The kubeconfig is missing, unreadable or not allowed.</exception>
    public Task<ClusterConnection> OpenAsync(Cluster cluster, CancellationToken cancellationToken) => throw new NotSupportedException(vault.GetType().Name);

    /// <summary>Asks the cluster behind a kubeconfig that somebody wants to register for its version. Treats the text as hostile.</summary>
    /// <returns>Version that the API server tells, such as <c>v1.35.0</c>.</returns>
    /// <exception cref="ClusterException">What is wrong and what the user can do.</exception>
    public static Task<string> ProbeAsync(string kubeconfig, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
