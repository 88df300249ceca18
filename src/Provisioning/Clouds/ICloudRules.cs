namespace Portkey.Portal.Provisioning.Clouds;

/// <summary>What clusters and services of a cloud understand and where they are. Pure.</summary>
internal interface ICloudRules
{
    /// <summary>Prefix of the labels and annotations by which pods get an identity; only the portal writes them.</summary>
    string IdentityPrefix { get; }

    /// <summary>Labels of pods that have an identity.</summary>
    IReadOnlyDictionary<string, string> IdentityLabels { get; }

    /// <summary>Annotation of a Service that makes its load balancer internal.</summary>
    string InternalLoadBalancer { get; }

    /// <summary>Annotation of a Service with the minutes after which its load balancer drops an idle connection.</summary>
    string IdleTimeout { get; }

    /// <summary>Host at which identities sign in.</summary>
    string SignInHost { get; }

    /// <summary>Address of a storage account, with <c>{account}</c> for its name.</summary>
    string BlobEndpoint { get; }

    /// <summary>Annotations of a service account that is this identity.</summary>
    IReadOnlyDictionary<string, string> IdentityAnnotations(string clientId);

    /// <summary>Annotations of a Service of type LoadBalancer.</summary>
    /// <param name="probe">Path of its health probe.</param>
    /// <param name="allowed">Ranges that may call; empty for all.</param>
    /// <param name="isPrivateLink">Whether a private link service is wanted in front.</param>
    IReadOnlyDictionary<string, string> LoadBalancerAnnotations(string probe, IReadOnlyCollection<string> allowed, bool isPrivateLink);

    /// <summary>Further ports on which the nodes of a managed Redis answer; null for none.</summary>
    /// <param name="host">Its host.</param>
    /// <param name="port">Port that clients are told.</param>
    (int First, int Last)? RedisNodePorts(string host, int port);
}
