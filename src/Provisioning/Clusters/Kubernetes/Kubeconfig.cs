using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>Turns kubeconfigs into what the client takes: the operator's own files with everything in them, those that came through
/// the API only what <see cref="KubeconfigRules"/> lets through.</summary>
internal static class Kubeconfig
{
    public static async Task<KubernetesClientConfiguration> TrustedAsync(string cluster, string path, string text, bool tlsMayBeOff)
    {
        KubeconfigRules.Check(cluster, text, tlsMayBeOff);
        try
        {
            // An exec plugin runs while this is built, and the library blocks the thread while it waits for it.
            return Finish(await Task.Run(() => KubernetesClientConfiguration.BuildConfigFromConfigFile(new FileInfo(path))));
        }
        catch (Exception problem) when (problem is not ClusterException)
        {
            // The library's message may quote the text, and the text holds credentials: only the kind of problem is told.
            throw KubeconfigText.Unreadable(
                cluster,
                $"it is not a kubeconfig, lacks its current context, or holds a certificate or key that cannot be read ({problem.GetType().Name})"
            );
        }
    }

    /// <summary>Built from the fields that were read and nothing else, so that no field has a meaning that was not looked at.</summary>
    public static KubernetesClientConfiguration Untrusted(string cluster, string text, bool tlsMayBeOff)
    {
        var facts = KubeconfigRules.Read(cluster, text, tlsMayBeOff);
        var configuration = new KubernetesClientConfiguration { Host = facts.Server, SkipTlsVerify = facts.AuthorityPem.Length == 0 };
        if (facts.AuthorityPem.Length > 0)
        {
            configuration.SslCaCerts = new X509Certificate2Collection();
            configuration.SslCaCerts.ImportFromPem(facts.AuthorityPem);
        }

        if (facts.Token.Length > 0)
        {
            configuration.AccessToken = facts.Token;
        }
        else
        {
            configuration.ClientCertificateData = Convert.ToBase64String(Encoding.UTF8.GetBytes(facts.CertificatePem));
            configuration.ClientCertificateKeyData = Convert.ToBase64String(Encoding.UTF8.GetBytes(facts.KeyPem));
        }

        return Finish(configuration);
    }

    private static KubernetesClientConfiguration Finish(KubernetesClientConfiguration configuration)
    {
        configuration.HttpClientTimeout = TimeSpan.FromSeconds(30);
        configuration.UserAgent = ClusterLabels.Manager;
        return configuration;
    }
}
