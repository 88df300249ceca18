namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>What a cluster to be registered said.</summary>
/// <param name="Version">Version that the API server reports, such as <c>v1.35.0</c>.</param>
/// <param name="Zones">Zones that its nodes are spread over.</param>
/// <param name="Pins">What it is recognised by from now on.</param>
public sealed record ProbedCluster(string Version, int Zones, ClusterPins Pins);

/// <summary>Tries a kubeconfig that somebody wants to register. Treats the text as hostile.</summary>
public sealed class ClusterProbe(ClusterTrust trust)
{
    /// <summary>Asks the cluster behind it.</summary>
    /// <param name="kubeconfig">Text.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="environments">Environments by namespace that must be there, where it is to be a known cluster.</param>
    /// <param name="uid">UID that its namespace kube-system must have; empty for any.</param>
    /// <exception cref="ClusterException">What is wrong and what the user can do.</exception>
    public async Task<ProbedCluster> AskAsync(
        string kubeconfig,
        CancellationToken cancellationToken,
        IReadOnlyDictionary<string, Guid>? environments = null,
        string uid = ""
    )
    {
        using var connection = new ClusterConnection("new", Kubeconfig.Untrusted("new", kubeconfig, trust.TlsMayBeOff));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            // The version is public: ask for something that needs the credentials, too.
            var version = await ClusterVersions.ReadAsync(connection, limit.Token);
            await connection.GetAsync("/api/v1/namespaces?limit=1", limit.Token);
            var text =
                version
                ?? throw new ClusterRejectedException(
                    "not-a-cluster",
                    "The server in the kubeconfig answers, but not as a Kubernetes API server. Check its address."
                );
            var found = await connection.IdentityAsync(limit.Token);
            if (found.Length == 0)
            {
                throw new ClusterRejectedException(
                    "cluster-without-identity",
                    "The portal's identity there may not read the namespace kube-system, by whose UID a cluster is known, or there is none. Let it 'get' namespaces."
                );
            }

            if (uid.Length > 0 && found != uid)
            {
                throw new ClusterRejectedException(
                    "another-cluster",
                    $"Its namespace kube-system has UID {found}, and {uid} is pinned. It is the kubeconfig of another cluster."
                );
            }

            foreach (var (ns, id) in environments ?? new Dictionary<string, Guid>())
            {
                var there = await connection.GetAsync(Namespaces.Path(ns), limit.Token);
                if (there?["metadata"]?["labels"]?[ClusterLabels.Environment]?.GetValue<string>() != id.ToString())
                {
                    throw new ClusterRejectedException(
                        "another-cluster",
                        $"Namespace {ns}, in which an environment runs, is not there. It is the kubeconfig of another cluster."
                    );
                }
            }

            return new ProbedCluster(text, await NodeZones.CountAsync(connection, limit.Token) ?? 1, connection.Pins with { Uid = found });
        }
        catch (OperationCanceledException problem) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClusterUnreachableException(
                "The server in the kubeconfig did not answer within 10 seconds. Check its address, and that it can be reached from the portal.",
                problem
            );
        }
    }
}
