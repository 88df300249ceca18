using System.Globalization;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds.Known;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>One address that the spec itself makes the gateway call.</summary>
/// <param name="Setting">Setting that names it, or that makes it needed.</param>
/// <param name="Reason">Word for rules: <c>redis</c>, <c>identity</c>, <c>control-plane</c> …</param>
/// <param name="Address">Host and port.</param>
/// <param name="LastPort">End of a range of ports; null for the one.</param>
/// <param name="Place">Who runs it.</param>
public sealed record EgressNeed(
    string Setting,
    string Reason,
    NetworkAddress Address,
    int? LastPort = null,
    EgressPlace Place = EgressPlace.Anywhere
)
{
    /// <summary><c>REDIS_URL (cache.example.com:6380)</c>.</summary>
    public override string ToString() => $"{Setting} ({Address}{(LastPort is { } last ? $"-{last}" : "")})";
}

/// <summary>Where an address is.</summary>
public enum EgressPlace
{
    /// <summary>Anywhere: the spec names it, or it may have a private endpoint.</summary>
    Anywhere,

    /// <summary>A public service that has no private address.</summary>
    PublicService,

    /// <summary>The node's own link: where a cloud hands out tokens of an identity. The portal knows it; no spec can name one.</summary>
    NodeLink,
}

/// <summary>What a spec needs to call, and what of it the spec does not show.</summary>
/// <param name="Known">Addresses, each once.</param>
/// <param name="Unknown">Needs whose addresses are not known.</param>
public sealed record EgressOutlook(IReadOnlyList<EgressNeed> Known, IReadOnlyList<EgressGap> Unknown);

/// <summary>A setting whose addresses the spec does not show.</summary>
/// <param name="Setting">Setting.</param>
/// <param name="Why">Why not, in a few words after its name.</param>
/// <param name="Advice">The same in sentences, with what to do.</param>
public sealed record EgressGap(string Setting, string Why, string Advice)
{
    /// <summary>A secret that was stored before the portal wrote its address down, or that is not readable as one.</summary>
    public static EgressGap Unreadable(string key) =>
        new(
            key,
            "its address cannot be read",
            $"The portal does not know which address {key} names: it was stored before addresses were kept, or is ambiguous. No port is opened for it except those that are open anyway. Store it again."
        );

    /// <summary>An address that answers with other addresses.</summary>
    public static EgressGap Discovered(string key) =>
        new(
            key,
            "the nodes it will answer with are not known in advance",
            "The nodes it will answer with are not known in advance. No port is opened for them except those that are open anyway: list their ranges with their ports under egress."
        );

    /// <summary><c>REDIS_URL (its address cannot be read)</c>.</summary>
    public override string ToString() => $"{Setting} ({Why})";
}

/// <summary>Derives every address and port that a spec itself needs. Pure.</summary>
public static class EgressNeeds
{
    private const int RedisPort = 6379;
    private const string NodeMetadata = "169.254.169.254"; // Azure, AWS and Google alike
    private const string EksPodIdentity = "169.254.170.23"; // https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
    private const string GkeMetadata = "169.254.169.252"; // https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy, port 988
    private const string EksRole = "eks.amazonaws.com/role-arn"; // with it the token is a file of the pod's

    // Names of rules; every other setting that holds a URL is 'setting'.
    private static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        ["REDIS_URL"] = "redis",
        ["REDIS_WORKERS_URL"] = "redis-workers",
        ["MONGO_DB_CONNECTION_URL"] = "mongo",
        ["ANALYTICS_STORE_ENDPOINT"] = "clickhouse",
        ["OTEL_ENDPOINT"] = "otel",
        ["LOG_STORE_BASEPATH"] = "log-store",
        ["VECTOR_STORE_ADDRESS"] = "vector-store",
        ["SEMANTIC_CACHE_EMBEDDINGS_URL"] = "embeddings",
        ["ALBUS_BASEPATH"] = "control-plane",
        ["CONTROL_PLANE_BASEPATH"] = "control-plane",
        ["SOURCE_SYNC_API_BASEPATH"] = "control-plane",
        ["CONFIG_READER_PATH"] = "control-plane",
        ["HTTP_PROXY"] = "proxy",
        ["HTTPS_PROXY"] = "proxy",
        ["TRUSTED_CUSTOM_HOSTS"] = "custom-host",
    };

    private static readonly string[] ControlPlane =
    [
        "ALBUS_BASEPATH",
        "CONTROL_PLANE_BASEPATH",
        "SOURCE_SYNC_API_BASEPATH",
        "CONFIG_READER_PATH",
    ];

    // URLs that say where the gateway itself is reached, and the registry, which nodes call and not pods.
    private static readonly string[] NotCalled =
    [
        "MCP_GATEWAY_BASE_URL",
        Catalog.SettingKeys.RegistryServer,
        Catalog.SettingKeys.RegistryUsername,
        "NO_PROXY",
    ];

    /// <summary>Derives.</summary>
    /// <param name="spec">Spec.</param>
    /// <param name="secrets">Address of each secret that is there, <see cref="NetworkAddress.Join"/>; empty where it is not known.</param>
    /// <param name="services">Public services.</param>
    public static EgressOutlook Of(EnvironmentSpec spec, IReadOnlyDictionary<string, string> secrets, ServiceAddresses services)
    {
        var value = SpecValidator.Value(spec);
        var needs = new List<EgressNeed>();
        var unknown = new List<EgressGap>();
        Secrets(spec, value, secrets, needs, unknown);
        foreach (
            var (key, text) in spec.Settings.Where(s => s.Value.Length > 0 && !NotCalled.Contains(s.Key) && IsRead(spec, value, s.Key))
        )
        {
            needs.AddRange(NetworkAddress.OfUrl(text).Select(a => new EgressNeed(key, Reasons.GetValueOrDefault(key, "setting"), a)));
        }

        foreach (var one in List("TRUSTED_CUSTOM_HOSTS").Where(h => !h.Contains("://", StringComparison.Ordinal)))
        {
            Add("TRUSTED_CUSTOM_HOSTS", "custom-host", NetworkAddress.OfHost(one, 443));
        }

        foreach (var node in List("REDIS_CLUSTER_ENDPOINTS"))
        {
            Add("REDIS_CLUSTER_ENDPOINTS", "redis", NetworkAddress.OfHost(node, RedisPort));
        }

        if (value("REDIS_WORKERS_HOST") is { Length: > 0 } workers)
        {
            Add(
                "REDIS_WORKERS_HOST",
                "redis-workers",
                NetworkAddress.OfHost(
                    workers,
                    int.TryParse(value("REDIS_WORKERS_PORT"), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                        ? port
                        : RedisPort
                )
            );
        }

        if (value("REDIS_CLUSTER_DISCOVERY_URL").Length > 0)
        {
            unknown.Add(EgressGap.Discovered("REDIS_CLUSTER_DISCOVERY_URL"));
        }

        if (spec.Edition == Edition.Enterprise)
        {
            LogStore(value, services, Add);
            if (ControlPlane.All(k => value(k).Length == 0))
            {
                AddUrl("CONTROL_PLANE_BASEPATH", "control-plane", services.ControlPlane, EgressPlace.PublicService);
            }

            SemanticCache(value, services, Add, AddUrl);
            Identities(spec, value, Add);
        }

        return new([.. needs.Distinct()], unknown);

        string[] List(string key) => value(key).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

        void Add(string setting, string reason, NetworkAddress? address, EgressPlace place = EgressPlace.Anywhere)
        {
            if (address is not null)
            {
                needs.Add(new(setting, reason, address, Place: place));
            }
        }

        void AddUrl(string setting, string reason, string url, EgressPlace place) =>
            needs.AddRange(NetworkAddress.OfUrl(url).Select(a => new EgressNeed(setting, reason, a, Place: place)));
    }

    /// <summary>Address in a secret's value, to keep beside it without the rest; null where it names none.</summary>
    public static string? AddressOf(string secret) => NetworkAddress.Join(NetworkAddress.OfUrl(secret));

    // What is not known to the catalogue is passed on, and so counts.
    private static bool IsRead(EnvironmentSpec spec, Func<string, string> value, string key) =>
        !Catalog.SettingsCatalog.ByKey.TryGetValue(key, out var setting) || setting.HasEffect(spec.Edition, value);

    private static void Secrets(
        EnvironmentSpec spec,
        Func<string, string> value,
        IReadOnlyDictionary<string, string> secrets,
        List<EgressNeed> needs,
        List<EgressGap> unknown
    )
    {
        foreach (var (key, address) in secrets.Where(s => IsRead(spec, value, s.Key)).OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            var found = NetworkAddress.Split(address);
            needs.AddRange(found.Select(a => new EgressNeed(key, Reasons.GetValueOrDefault(key, "setting"), a)));
            if (
                found.Count == 0
                && Catalog.SettingsCatalog.ByKey.TryGetValue(key, out var setting)
                && setting.Pattern.EndsWith("-url", StringComparison.Ordinal)
            )
            {
                unknown.Add(EgressGap.Unreadable(key));
            }
        }

        if (value("REDIS_MODE") != "cluster")
        {
            return;
        }

        foreach (var redis in needs.Where(n => n.Reason == "redis").ToList())
        {
            if (KnownClouds.OfClusters.Rules.RedisNodePorts(redis.Address.Host, redis.Address.Port) is { } range)
            {
                needs.Add(redis with { Address = redis.Address with { Port = range.First }, LastPort = range.Last });
            }
        }
    }

    private static void LogStore(
        Func<string, string> value,
        ServiceAddresses services,
        Action<string, string, NetworkAddress?, EgressPlace> add
    )
    {
        var region = value("LOG_STORE_REGION");
        var address = value("LOG_STORE") switch
        {
            "azure" => NetworkAddress.OfUrl(services.Blob.Replace("{account}", value("AZURE_STORAGE_ACCOUNT"), StringComparison.Ordinal))
                is [var blob, ..]
                ? blob
                : null,
            "s3" or "s3_assume" => NetworkAddress.OfHost(region.Length == 0 ? "s3.amazonaws.com" : $"s3.{region}.amazonaws.com", 443),
            "gcs" or "gcs_assume" => NetworkAddress.OfHost("storage.googleapis.com", 443),
            "wasabi" => NetworkAddress.OfHost(region.Length == 0 ? "s3.wasabisys.com" : $"s3.{region}.wasabisys.com", 443),
            "s3_custom" or "netapp" when !value("LOG_STORE_BASEPATH").Contains("://", StringComparison.Ordinal) => NetworkAddress.OfHost(
                value("LOG_STORE_BASEPATH").Split('/')[0],
                443
            ),
            _ => null,
        };
        add("LOG_STORE", "log-store", address, EgressPlace.Anywhere);
    }

    private static void SemanticCache(
        Func<string, string> value,
        ServiceAddresses services,
        Action<string, string, NetworkAddress?, EgressPlace> add,
        Action<string, string, string, EgressPlace> addUrl
    )
    {
        var (store, address) = (value("VECTOR_STORE"), value("VECTOR_STORE_ADDRESS"));
        if (store.Length == 0)
        {
            return;
        }

        if (!address.Contains("://", StringComparison.Ordinal) && (store == "milvus" || address.Contains('.', StringComparison.Ordinal)))
        {
            add(
                "VECTOR_STORE_ADDRESS",
                "vector-store",
                NetworkAddress.OfHost(address.Split('/')[0], store == "milvus" ? 19530 : 443),
                EgressPlace.Anywhere
            );
        }
        else if (store == "pinecone" && !address.Contains("://", StringComparison.Ordinal))
        {
            addUrl("VECTOR_STORE_ADDRESS", "vector-store", services.Pinecone, EgressPlace.PublicService);
        }

        if (value("SEMANTIC_CACHE_EMBEDDINGS_URL").Length == 0 && value("SEMANTIC_CACHE_EMBEDDING_PROVIDER") == "openai")
        {
            addUrl("SEMANTIC_CACHE_EMBEDDING_PROVIDER", "embeddings", services.OpenAi, EgressPlace.Anywhere);
        }
    }

    // Where the gateway gets the tokens of an identity. Only a mode that uses one opens the node's own address.
    private static void Identities(
        EnvironmentSpec spec,
        Func<string, string> value,
        Action<string, string, NetworkAddress?, EgressPlace> add
    )
    {
        var modes = new List<(string Setting, string Mode)>();
        if (value("LOG_STORE") == "azure")
        {
            modes.Add(("AZURE_AUTH_MODE", value("AZURE_AUTH_MODE")));
        }

        if (value("CACHE_STORE") == "azure-redis")
        {
            modes.Add(("AZURE_REDIS_AUTH_MODE", value("AZURE_REDIS_AUTH_MODE")));
        }

        foreach (var (setting, mode) in modes)
        {
            if (mode == "managed")
            {
                add(setting, "identity", new(NodeMetadata, 80), EgressPlace.NodeLink);
            }
            else if (mode is "workload" or "entra")
            {
                add(setting, "identity", new(KnownClouds.OfClusters.Rules.SignInHost, 443), EgressPlace.PublicService);
            }
        }

        if (value("LOG_STORE") == "s3_assume" || value("CACHE_STORE").StartsWith("aws", StringComparison.Ordinal))
        {
            var setting = value("LOG_STORE") == "s3_assume" ? "LOG_STORE" : "CACHE_STORE";
            add(
                setting,
                "identity",
                new(
                    value("LOG_STORE_REGION") is { Length: > 0 } region
                    && NetworkAddress.OfHost($"sts.{region}.amazonaws.com", 443) is { } regional
                        ? regional.Host
                        : "sts.amazonaws.com",
                    443
                ),
                EgressPlace.Anywhere
            );
            if (spec.ServiceAccount?.Annotations.ContainsKey(EksRole) != true)
            {
                add(setting, "identity", new(NodeMetadata, 80), EgressPlace.NodeLink);
                add(setting, "identity", new(EksPodIdentity, 80), EgressPlace.NodeLink);
            }
        }

        if (value("LOG_STORE") == "gcs_assume" || value("CACHE_STORE").StartsWith("gcp", StringComparison.Ordinal))
        {
            var setting = value("LOG_STORE") == "gcs_assume" ? "LOG_STORE" : "CACHE_STORE";
            add(setting, "identity", new(NodeMetadata, 80), EgressPlace.NodeLink);
            add(setting, "identity", new(GkeMetadata, 988), EgressPlace.NodeLink);
            add(setting, "identity", new("iamcredentials.googleapis.com", 443), EgressPlace.PublicService);
        }
    }
}
