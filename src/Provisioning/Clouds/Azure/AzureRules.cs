namespace Portkey.Portal.Provisioning.Clouds.Azure;

/// <summary>AKS and Azure's services.</summary>
internal sealed class AzureRules : ICloudRules
{
    public string IdentityPrefix => "azure.workload.identity/";

    public IReadOnlyDictionary<string, string> IdentityLabels { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal) { ["azure.workload.identity/use"] = "true" };

    public string InternalLoadBalancer => "service.beta.kubernetes.io/azure-load-balancer-internal";

    public string IdleTimeout => "service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout";

    public string SignInHost => "login.microsoftonline.com";

    public string BlobEndpoint => "https://{account}.blob.core.windows.net";

    public IReadOnlyDictionary<string, string> IdentityAnnotations(string clientId) =>
        new Dictionary<string, string>(StringComparer.Ordinal) { ["azure.workload.identity/client-id"] = clientId };

    // https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/
    public IReadOnlyDictionary<string, string> LoadBalancerAnnotations(
        string probe,
        IReadOnlyCollection<string> allowed,
        bool isPrivateLink
    )
    {
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["service.beta.kubernetes.io/azure-load-balancer-health-probe-request-path"] = probe,
        };
        if (allowed.Count > 0)
        {
            annotations["service.beta.kubernetes.io/azure-allowed-ip-ranges"] = string.Join(',', allowed);
        }

        if (isPrivateLink)
        {
            annotations["service.beta.kubernetes.io/azure-pls-create"] = "true";
        }

        return annotations;
    }

    // A cluster's nodes answer on ports of their own: https://learn.microsoft.com/azure/redis/architecture (85xx),
    // https://learn.microsoft.com/azure/azure-cache-for-redis/cache-how-to-premium-clustering (130xx without TLS, 150xx with).
    public (int First, int Last)? RedisNodePorts(string host, int port) =>
        host.EndsWith(".redis.azure.net", StringComparison.Ordinal) ? (8500, 8599)
        : !host.EndsWith(".redis.cache.windows.net", StringComparison.Ordinal) ? null
        : port == 6379 ? (13000, 13999)
        : (15000, 15999);
}
