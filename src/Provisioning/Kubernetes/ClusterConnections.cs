using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Secrets;

namespace Portkey.Portal.Provisioning.Kubernetes;

/// <summary>Opens clusters from where their kubeconfig is kept, and keeps the connection as long as the kubeconfig stays the same.</summary>
public sealed class ClusterConnections(ISecretVault vault) : IDisposable
{
    private readonly ConcurrentDictionary<Guid, Entry> open = new();
    private readonly ConcurrentBag<ClusterConnection> retired = [];

    /// <summary>The connection to a cluster. Makes no call to the cluster.</summary>
    /// <exception cref="ClusterException">The kubeconfig is missing, unreadable or not allowed.</exception>
    public async Task<ClusterConnection> OpenAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        var known = open.GetValueOrDefault(cluster.Id);

        // What a vault holds under a version never changes; a file may, such as when the sandbox starts anew on another port.
        var fromVault = cluster.KubeconfigSource.StartsWith("vault:", StringComparison.Ordinal);
        if (fromVault && known?.Source == cluster.KubeconfigSource)
        {
            return known.Connection;
        }

        var text = fromVault ? await FromVaultAsync(cluster, cancellationToken) : await FromFileAsync(cluster, cancellationToken);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        if (known?.Source == cluster.KubeconfigSource && known.Hash == hash)
        {
            return known.Connection;
        }

        var configuration = fromVault
            ? Kubeconfig.Untrusted(cluster.Name, text)
            : await Kubeconfig.TrustedAsync(cluster.Name, cluster.KubeconfigSource["file:".Length..]);
        var made = new Entry(cluster.KubeconfigSource, hash, new ClusterConnection(cluster.Name, configuration));
        var kept = open.AddOrUpdate(cluster.Id, made, (_, other) =>
        {
            if (other.Source == made.Source && other.Hash == made.Hash)
            {
                return other;
            }

            // Somebody may be in the middle of a call on the old one: it is closed with the rest.
            retired.Add(other.Connection);
            return made;
        });
        return kept.Connection;
    }

    /// <summary>Asks the cluster behind a kubeconfig that somebody wants to register for its version. Treats the text as hostile.</summary>
    /// <param name="kubeconfig">Text.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="environments">Environments by namespace that must be there, where it is to be a known cluster.</param>
    /// <returns>Version that the API server tells, such as <c>v1.35.0</c>, and over how many zones its nodes are spread.</returns>
    /// <exception cref="ClusterException">What is wrong and what the user can do.</exception>
    public static async Task<(string Version, int Zones)> ProbeAsync(string kubeconfig, CancellationToken cancellationToken, IReadOnlyDictionary<string, Guid>? environments = null)
    {
        using var connection = new ClusterConnection("new", Kubeconfig.Untrusted("new", kubeconfig));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            var version = await connection.GetAsync("/version", limit.Token);

            // The version is open to everybody: ask for something that takes the credentials too.
            await connection.GetAsync("/api/v1/namespaces?limit=1", limit.Token);
            foreach (var (ns, id) in environments ?? new Dictionary<string, Guid>())
            {
                var found = await connection.GetAsync(Namespaces.Path(ns), limit.Token);
                if (found?["metadata"]?["labels"]?[ClusterLabels.Environment]?.GetValue<string>() != id.ToString())
                {
                    throw new ClusterRejectedException("another-cluster", $"Namespace {ns}, in which an environment runs, is not there. It is the kubeconfig of another cluster.");
                }
            }

            var text = version?["gitVersion"]?.GetValue<string>() ?? throw new ClusterRejectedException("not-a-cluster", "The server in the kubeconfig answers, but not as a Kubernetes API server. Check its address.");
            return (text, await NodeZones.CountAsync(connection, limit.Token) ?? 1);
        }
        catch (OperationCanceledException problem) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClusterUnreachableException("The server in the kubeconfig did not answer within 10 seconds. Check its address, and that it can be reached from the portal.", problem);
        }
    }

    private async Task<string> FromVaultAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        var source = cluster.KubeconfigSource["vault:".Length..];
        var slash = source.LastIndexOf('/'); // the last one: a name may have one of its own
        try
        {
            return (await vault.GetAsync(source[..Math.Max(slash, 0)], source[(slash + 1)..], cancellationToken)).Reveal();
        }
        catch (VaultException problem)
        {
            throw new ClusterException("kubeconfig-missing", $"The kubeconfig of cluster '{cluster.Name}' cannot be had: {problem.Message}", problem.IsTransient, problem);
        }
    }

    private static async Task<string> FromFileAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        if (!cluster.KubeconfigSource.StartsWith("file:", StringComparison.Ordinal))
        {
            throw new ClusterRejectedException("kubeconfig-invalid", $"Cluster '{cluster.Name}' names no source for its kubeconfig that the portal knows: it must begin with 'file:' or 'vault:'.");
        }

        try
        {
            return await File.ReadAllTextAsync(cluster.KubeconfigSource["file:".Length..], cancellationToken);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Transient: the sandbox writes its file when it starts.
            throw new ClusterException("kubeconfig-missing", $"The kubeconfig of cluster '{cluster.Name}' cannot be read: {problem.Message}", isTransient: true, problem);
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
