using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>What a cluster is recognised by: where it is, who vouches for it, and which one it is. Never a secret.</summary>
/// <param name="Server">Address of its API server.</param>
/// <param name="Authority">SHA-256 over each certificate authority (DER), in hex, sorted, with commas between; empty where TLS is not
/// verified or the machine's own authorities are trusted.</param>
/// <param name="Uid">UID of its namespace kube-system, which no two clusters share; empty where not seen yet.</param>
public sealed record ClusterPins(string Server, string Authority, string Uid)
{
    /// <summary>What a cluster's row has.</summary>
    internal static ClusterPins Of(Cluster cluster) => new(cluster.PinnedServer, cluster.PinnedAuthority, cluster.PinnedUid);

    /// <summary>Whether the address and the authority are the same; the UID is asked of the cluster.</summary>
    public bool SameCluster(ClusterPins other) => other is not null && (Server, Authority) == (other.Server, other.Authority);

    /// <summary>For people: whether the cluster's certificate is verified.</summary>
    public string Tls => Authority.Length > 0 ? "verified" : "not verified";

    /// <summary>The canonical form of an address.</summary>
    internal static string Normal(Uri server) => server.GetLeftPart(UriPartial.Path).TrimEnd('/');

    internal static string Fingerprints(X509Certificate2Collection? authorities) =>
        string.Join(
            ',',
            (authorities ?? [])
                .Select(c => Convert.ToHexStringLower(SHA256.HashData(c.RawData)))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
        );
}
