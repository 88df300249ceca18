using System.Text.Json;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>
/// Tells Helm which cluster: by environment variables where a token is enough, by a kubeconfig that only its owner can read, deleted
/// afterwards, where it takes a client certificate. Never by arguments.
/// </summary>
internal sealed class HelmConnection : IAsyncDisposable
{
    private string? file;

    private HelmConnection(Dictionary<string, string> variables) => Variables = variables;

    public Dictionary<string, string> Variables { get; }

    public static async Task<HelmConnection> OpenAsync(
        ClusterConnection connection,
        HelmFolders folders,
        CancellationToken cancellationToken
    )
    {
        await connection.EnsureIdentityAsync(cancellationToken);
        var configuration = connection.Configuration;
        var ca = configuration.SslCaCerts is { Count: > 0 } certificates
            ? await folders.CaFileAsync(certificates.ExportCertificatePems(), cancellationToken)
            : null;
        var token = await connection.TokenAsync(cancellationToken);
        var result = new HelmConnection(new(StringComparer.Ordinal));
        if (!connection.HasOwnCredentials)
        {
            result.Variables["HELM_KUBEAPISERVER"] = configuration.Host;
            Add("HELM_KUBETOKEN", token);
            Add("HELM_KUBECAFILE", ca);
            Add("HELM_KUBEINSECURE_SKIP_TLS_VERIFY", configuration.SkipTlsVerify ? "true" : null);
            return result;
        }

        result.file = await folders.PrivateFileAsync(Kubeconfig(configuration, ca, token), cancellationToken);
        result.Variables["KUBECONFIG"] = result.file;
        return result;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                result.Variables[name] = value;
            }
        }
    }

    // JSON is YAML, and needs no escaping of our own.
    private static string Kubeconfig(k8s.KubernetesClientConfiguration configuration, string? ca, string? token) =>
        JsonSerializer.Serialize(
            new Dictionary<string, object?>
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Config",
                ["current-context"] = "portal",
                ["contexts"] = new[] { new { name = "portal", context = new { cluster = "portal", user = "portal" } } },
                ["clusters"] = new[]
                {
                    new
                    {
                        name = "portal",
                        cluster = Without(
                            new()
                            {
                                ["server"] = configuration.Host,
                                ["certificate-authority"] = ca,
                                ["insecure-skip-tls-verify"] = configuration.SkipTlsVerify ? true : null,
                            }
                        ),
                    },
                },
                ["users"] = new[]
                {
                    new
                    {
                        name = "portal",
                        user = Without(
                            new()
                            {
                                ["client-certificate-data"] = configuration.ClientCertificateData,
                                ["client-key-data"] = configuration.ClientCertificateKeyData,
                                ["client-certificate"] = configuration.ClientCertificateFilePath,
                                ["client-key"] = configuration.ClientKeyFilePath,
                                ["token"] = token,
                            }
                        ),
                    },
                },
            }
        );

    private static Dictionary<string, object> Without(Dictionary<string, object?> fields) =>
        fields.Where(f => f.Value is not (null or "")).ToDictionary(f => f.Key, f => f.Value!, StringComparer.Ordinal);

    public ValueTask DisposeAsync()
    {
        if (file is not null)
        {
            File.Delete(file);
        }

        return ValueTask.CompletedTask;
    }
}
