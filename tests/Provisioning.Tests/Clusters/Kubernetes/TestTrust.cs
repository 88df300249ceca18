using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Kubernetes;

/// <summary>Trust in rows, with a key of its own.</summary>
internal static class TestTrust
{
    private static readonly TemporaryFolder Folder = new();

    /// <summary>With a kubeconfig that the operator's configuration names, where one is given.</summary>
    public static ClusterTrust Of(string file = "", bool insecure = false)
    {
        var options = Options.Create(
            new ProvisioningOptions
            {
                DataDirectory = Folder.Path,
                SandboxKubeconfig = file,
                AllowInsecureTls = insecure,
            }
        );
        return new ClusterTrust(AuditKey.Of(new byte[32]), options);
    }
}
