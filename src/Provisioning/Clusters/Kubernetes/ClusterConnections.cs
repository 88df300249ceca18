using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>Opens clusters from where their kubeconfig is kept, and keeps the connection as long as the kubeconfig stays the
/// same.</summary>
public sealed class ClusterConnections(ISecretVault vault, ClusterTrust trust) : IClusters, IDisposable
{
    private readonly ConcurrentDictionary<Guid, Entry> open = new();
    private readonly ConcurrentBag<ClusterConnection> retired = [];

    /// <summary>The connection to a cluster. Makes no call to the cluster: the first call made with it checks that it is the pinned
    /// one.</summary>
    /// <exception cref="ClusterException">The kubeconfig is missing, unreadable or not allowed, or not the one that was pinned.</exception>
    public async Task<ClusterConnection> OpenAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        trust.CheckSource(cluster);
        var known = open.GetValueOrDefault(cluster.Id);
        known = known?.Source == cluster.KubeconfigSource && known.Connection.Pins.Uid == cluster.PinnedUid ? known : null;

        // A version in a vault never changes; a file may, such as when the sandbox starts again on another port.
        var fromVault = cluster.KubeconfigSource.StartsWith(ClusterTrust.Vault, StringComparison.Ordinal);
        if (fromVault && known is not null)
        {
            ClusterTrust.CheckPins(cluster, known.Connection.Pins);
            return known.Connection;
        }

        var text = fromVault ? await FromVaultAsync(cluster, cancellationToken) : await FromFileAsync(cluster, cancellationToken);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        if (known is not null && known.Hash == hash)
        {
            return known.Connection;
        }

        var configuration = fromVault
            ? Kubeconfig.Untrusted(cluster.Name, text, trust.TlsMayBeOff)
            : await Kubeconfig.TrustedAsync(cluster.Name, cluster.KubeconfigSource[ClusterTrust.File.Length..], text, trust.TlsMayBeOff);
        var made = new Entry(cluster.KubeconfigSource, hash, new ClusterConnection(cluster.Name, configuration, cluster.PinnedUid));
        try
        {
            ClusterTrust.CheckPins(cluster, made.Connection.Pins);
        }
        catch
        {
            made.Connection.Dispose();
            throw;
        }

        var kept = open.AddOrUpdate(
            cluster.Id,
            made,
            (_, other) =>
            {
                if (other.Source == made.Source && other.Hash == made.Hash && other.Connection.Pins == made.Connection.Pins)
                {
                    return other;
                }

                // Somebody may be in the middle of a call on the old one: it is closed with the rest.
                retired.Add(other.Connection);
                return made;
            }
        );
        return kept.Connection;
    }

    /// <summary>Asks whether it answers, cheaply, before work begins there; see <see cref="ClusterReach"/>.</summary>
    public Task EnsureReachedAsync(ClusterConnection connection, CancellationToken cancellationToken) =>
        ClusterReach.EnsureAsync(connection, cancellationToken);

    private async Task<string> FromVaultAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        var (name, version) = ClusterTrust.InVault(cluster.KubeconfigSource);
        try
        {
            return (await vault.GetAsync(name, version, cancellationToken)).Reveal();
        }
        catch (VaultException problem)
        {
            throw new ClusterException(
                "kubeconfig-missing",
                $"The kubeconfig of cluster '{cluster.Name}' is not available: {problem.Message}",
                problem.IsTransient,
                problem
            );
        }
    }

    private static async Task<string> FromFileAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(cluster.KubeconfigSource[ClusterTrust.File.Length..], cancellationToken);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Transient: the sandbox writes its file when it starts.
            throw new ClusterException(
                "kubeconfig-missing",
                $"The kubeconfig of cluster '{cluster.Name}' cannot be read: {problem.Message}",
                isTransient: true,
                problem
            );
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var connection in retired.Concat(open.Values.Select(e => e.Connection)))
        {
            connection.Dispose();
        }
    }

    private sealed record Entry(string Source, string Hash, ClusterConnection Connection);
}
