using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>
/// Whether a cluster's row may be trusted. What an administrator pinned is sealed with the key of the history, which is not in the
/// database: someone who can only write rows cannot lead the portal, and the secrets it carries, to another place.
/// </summary>
public sealed class ClusterTrust(AuditKey key, IOptions<ProvisioningOptions> options)
{
    /// <summary>Code for a row that is not as it was pinned.</summary>
    public const string Changed = "cluster-changed";

    internal const string Vault = "vault:";
    internal const string File = "file:";

    internal bool TlsMayBeOff => options.Value.AllowInsecureTls;

    /// <summary>Plain name in the vault of a kubeconfig.</summary>
    internal static string VaultName(Guid id) => $"cluster-{id:N}-kubeconfig";

    /// <summary>Name and version in the vault of a source kept there: <c>vault:NAME/VERSION</c>, where the name may have a slash of its
    /// own.</summary>
    internal static (string Name, string Version) InVault(string source)
    {
        var (entry, slash) = (source[Vault.Length..], source.LastIndexOf('/') - Vault.Length);
        return (entry[..Math.Max(slash, 0)], entry[(Math.Max(slash, -1) + 1)..]);
    }

    /// <summary>What a row's seal should be.</summary>
    internal string SealOf(Cluster cluster) =>
        key.Sign(
            Encoding.UTF8.GetBytes(
                JsonSerializer.Serialize(
                    new[]
                    {
                        "cluster",
                        cluster.Id.ToString(),
                        cluster.Name,
                        cluster.KubeconfigSource,
                        cluster.PinnedServer,
                        cluster.PinnedAuthority,
                        cluster.PinnedUid,
                    }
                )
            )
        );

    /// <summary>Records what the cluster is recognised by, with a seal.</summary>
    internal void Pin(Cluster cluster, ClusterPins pins)
    {
        (cluster.PinnedServer, cluster.PinnedAuthority, cluster.PinnedUid) = (pins.Server, pins.Authority, pins.Uid);
        cluster.PinSeal = cluster.KubeconfigSource.StartsWith(Vault, StringComparison.Ordinal) ? SealOf(cluster) : "";
    }

    /// <summary>Before the kubeconfig is read: that the row names the one that was approved.</summary>
    internal void CheckSource(Cluster cluster)
    {
        if (cluster.KubeconfigSource.StartsWith(File, StringComparison.Ordinal))
        {
            // A file comes from configuration and nowhere else.
            if (
                options.Value.SandboxKubeconfig.Length == 0
                || cluster.KubeconfigSource != File + Path.GetFullPath(options.Value.SandboxKubeconfig)
            )
            {
                throw Refused(cluster, "names a file that the portal's configuration does not name");
            }

            return;
        }

        // From before clusters were pinned: no seal yet, and a name that only this row's registration can have given.
        var isUnpinned = (cluster.PinSeal, cluster.PinnedServer, cluster.PinnedAuthority, cluster.PinnedUid) == ("", "", "", "");
        if (isUnpinned ? !OldName(cluster) : !Same(cluster.PinSeal, SealOf(cluster)))
        {
            throw Refused(cluster, "is not as it was registered");
        }
    }

    /// <summary>With the kubeconfig in hand: that it leads where the pinned one did.</summary>
    internal static void CheckPins(Cluster cluster, ClusterPins inHand)
    {
        if (cluster.PinSeal.Length > 0 && !inHand.SameCluster(ClusterPins.Of(cluster)))
        {
            throw Refused(cluster, "is pinned to another server or certificate authority than its kubeconfig has");
        }
    }

    private static bool OldName(Cluster cluster) =>
        cluster.KubeconfigSource.StartsWith(Vault, StringComparison.Ordinal)
        && InVault(cluster.KubeconfigSource).Name == VaultName(cluster.Id);

    private static bool Same(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    private static ClusterRejectedException Refused(Cluster cluster, string what) =>
        new(
            Changed,
            $"The row of cluster '{cluster.Name}' {what}, so nothing is sent there. Somebody changed it outside the portal: have an administrator look into the history, and replace the kubeconfig."
        );
}
