using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>How kubeconfigs are kept until they are approved and after: each under its own name, which no cluster's row can
/// guess.</summary>
internal static class KubeconfigVault
{
    public static async Task<(string Name, string Version)> StoreAsync(
        ISecretWriter vault,
        SecretValue kubeconfig,
        CancellationToken cancellationToken
    )
    {
        var name = vault.NameFor("", $"kubeconfig-{Guid.CreateVersion7():N}");
        return (
            name,
            await vault.StoreAsync(
                name,
                kubeconfig,
                new SecretAttributes("", "kubeconfig", ContentType: "application/yaml"),
                cancellationToken,
                "kubeconfig"
            )
        );
    }

    /// <summary>What people compare.</summary>
    public static Dictionary<string, string> Facts(ClusterPins pins, string version) =>
        new(StringComparer.Ordinal)
        {
            ["Server"] = pins.Server,
            ["TLS"] = pins.Tls,
            ["Certificate authority (SHA-256)"] = pins.Authority.Replace(",", ", ", StringComparison.Ordinal),
            ["Cluster identity (UID of kube-system)"] = pins.Uid,
            ["Kubernetes"] = version,
        };
}
