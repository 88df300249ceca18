using System.Text;
using k8s;
using k8s.KubeConfigModels;

namespace Portkey.Portal.Provisioning.Kubernetes;

/// <summary>Reads kubeconfigs: the operator's own files as they are, those that came through the API only as far as they are harmless.</summary>
internal static class Kubeconfig
{
    private const int Longest = 64 * 1024;

    public static async Task<KubernetesClientConfiguration> TrustedAsync(string cluster, string path)
    {
        try
        {
            // An exec plugin runs while this is built, and the library waits for it without giving the thread back.
            return Finish(await Task.Run(() => KubernetesClientConfiguration.BuildConfigFromConfigFile(new FileInfo(path))));
        }
        catch (Exception problem) when (problem is not ClusterException)
        {
            throw Unreadable(cluster, problem);
        }
    }

    public static KubernetesClientConfiguration Untrusted(string cluster, string text)
    {
        if (text.Length > Longest)
        {
            throw Refused($"The kubeconfig is longer than {Longest / 1024} KB.");
        }

        try
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
            var config = KubernetesClientConfiguration.LoadKubeConfig(stream);
            foreach (var user in config.Users ?? [])
            {
                Check(user.UserCredentials);
            }

            foreach (var endpoint in config.Clusters ?? [])
            {
                Check(endpoint.ClusterEndpoint);
            }

            return Finish(KubernetesClientConfiguration.BuildConfigFromConfigObject(config));
        }
        catch (Exception problem) when (problem is not ClusterException)
        {
            throw Unreadable(cluster, problem);
        }
    }

    private static void Check(UserCredentials? user)
    {
        if (user?.ExternalExecution is not null || user?.AuthProvider is not null)
        {
            throw Refused("The kubeconfig runs a program to sign in (exec or auth-provider), which the portal does not do. Use a service account's token or a client certificate.");
        }

        if (!string.IsNullOrEmpty(user?.ClientCertificate) || !string.IsNullOrEmpty(user?.ClientKey))
        {
            throw Refused("The kubeconfig names files (client-certificate, client-key). Put their content in it: 'kubectl config view --flatten --minify' does.");
        }
    }

    private static void Check(ClusterEndpoint? endpoint)
    {
        if (!string.IsNullOrEmpty(endpoint?.CertificateAuthority))
        {
            throw Refused("The kubeconfig names a file (certificate-authority). Put its content in it: 'kubectl config view --flatten --minify' does.");
        }

        if (endpoint is null || !Uri.TryCreate(endpoint.Server, UriKind.Absolute, out var server) || server.Scheme != Uri.UriSchemeHttps)
        {
            throw Refused("The kubeconfig's server must be an https address.");
        }
    }

    private static KubernetesClientConfiguration Finish(KubernetesClientConfiguration configuration)
    {
        configuration.HttpClientTimeout = TimeSpan.FromSeconds(30);
        configuration.UserAgent = ClusterLabels.Manager;
        configuration.FirstMessageHandlerSetup = handler =>
        {
            handler.ConnectTimeout = TimeSpan.FromSeconds(5);
            handler.EnableMultipleHttp2Connections = true;

            // A cut cable must not leave a watch waiting for ever.
            handler.KeepAlivePingDelay = TimeSpan.FromSeconds(15);
            handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
        };
        return configuration;
    }

    private static ClusterRejectedException Refused(string message) => new("kubeconfig-refused", message);

    // The library's message may quote the text, and the text holds credentials: only the kind of problem is told.
    private static ClusterRejectedException Unreadable(string cluster, Exception problem) =>
        new("kubeconfig-invalid", $"The kubeconfig of cluster '{cluster}' cannot be used: it is not a kubeconfig, lacks its current context, or holds a certificate or key that cannot be read ({problem.GetType().Name}).");
}
