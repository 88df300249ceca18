using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using k8s;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>
/// TLS to a cluster, in place of the client library's: that one accepts a certificate of any name as long as its authority fits, so a
/// token would go to anyone with any certificate of the cluster. Here the name is checked too, as it is by Helm.
/// </summary>
internal static class ClusterTls
{
    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Security",
        "CA5359",
        Justification = "Only where the kubeconfig says so, which is refused outside Development."
    )]
    private static readonly RemoteCertificateValidationCallback Unverified = (_, _, _, _) => true;

    /// <summary>Sets up the client's innermost handler; before its first request.</summary>
    public static void Apply(SocketsHttpHandler handler, KubernetesClientConfiguration configuration)
    {
        handler.ConnectTimeout = TimeSpan.FromSeconds(5);
        handler.EnableMultipleHttp2Connections = true;

        // A cut cable must not leave a watch waiting for ever.
        handler.KeepAlivePingDelay = TimeSpan.FromSeconds(15);
        handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);

        // An API server does not redirect.
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        var before = handler.SslOptions;
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificates = before.ClientCertificates,
            LocalCertificateSelectionCallback = before.LocalCertificateSelectionCallback,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = Policy(configuration.SslCaCerts),
        };
        if (configuration.SkipTlsVerify)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = Unverified;
        }
    }

    private static X509ChainPolicy Policy(X509Certificate2Collection? authorities)
    {
        var policy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        if (authorities is { Count: > 0 })
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities);
        }

        return policy;
    }
}
