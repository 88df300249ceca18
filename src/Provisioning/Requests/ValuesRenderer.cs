using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Health;
using Portkey.Portal.Provisioning.Kubernetes;
using YamlDotNet.Serialization;

namespace Portkey.Portal.Provisioning.Requests;

/// <summary>Turns a spec into Helm values, for charts that keep the value names of Portkey's chart 1.7.7. Pure and deterministic; no secret is ever in it.</summary>
public static class ValuesRenderer
{
    private static readonly ISerializer Yaml = new SerializerBuilder().WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .WithEventEmitter(next => new NumberLikeStrings(next)).DisableAliases().Build();

    /// <summary>Values for the gateway chart, YAML.</summary>
    public static string Gateway(RenderInput input)
    {
        var (spec, profile) = (input.Spec, input.Profile);
        var path = GatewayProbe.PathOf(spec.Edition);
        var min = spec.Autoscaling?.Min ?? spec.Replicas ?? profile.Replicas;
        var max = spec.Autoscaling?.Max ?? (spec.Replicas is null ? profile.MaxReplicas : min);
        return Yaml.Serialize(Map(
            ("replicaCount", min),
            ("strategy", Map(("type", "RollingUpdate"), ("rollingUpdate", Map(("maxSurge", 1), ("maxUnavailable", 0))))),
            ("images", Map(("gatewayImage", Map(
                ("repository", spec.Edition == Edition.Oss ? "docker.io/portkeyai/gateway" : "docker.io/portkeyai/gateway_enterprise"),
                ("tag", spec.ImageTag ?? input.Chart.ImageTag))))),
            ("imageCredentials", Array.Empty<object>()),
            ("environment", Map(
                ("create", false),
                ("existingSecret", input.Secrets.Count == 0 ? "" : SecretPins.ClusterSecretName(input.Release, input.Secrets)),
                ("secretKeys", input.Secrets.Keys.Order(StringComparer.Ordinal).ToArray()),
                ("data", Data(input)))),
            ("serviceAccount", Map(("create", true), ("automount", false))),
            ("podLabels", Map((ClusterLabels.Environment, input.EnvironmentId.ToString()))),
            ("podAnnotations", Map(("portal.portkey.ai/secrets", SecretPins.Fingerprint(input.Secrets)))),
            ("service", Service(spec.Network)),
            ("ingress", Ingress(spec.Network)),
            ("resources", Map(
                ("requests", Map(("cpu", profile.CpuRequest), ("memory", profile.MemoryRequest))),
                ("limits", Map(("cpu", profile.CpuLimit), ("memory", profile.MemoryLimit))))),
            ("livenessProbe", Map(("httpGet", Map(("path", path))), ("initialDelaySeconds", 5), ("periodSeconds", 20))),
            ("readinessProbe", Map(("httpGet", Map(("path", path))), ("initialDelaySeconds", 1), ("periodSeconds", 5))),
            ("autoscaling", Map(
                ("enabled", max > min),
                ("minReplicas", min),
                ("maxReplicas", Math.Max(min, max)),
                ("targetCPUUtilizationPercentage", spec.Autoscaling?.TargetCpu ?? 60))),
            ("topologySpreadConstraints", profile.Zones > 1 ? new object[] { Spread(profile) } : []),
            ("redis", Map(("serviceType", "ClusterIP"))),
            ("autoRestart", false),
            ("dataservice", Map(("enabled", false), ("deployment", Map(("autoRestart", false)))))));
    }

    /// <summary>Values for the guardrails chart, YAML.</summary>
    public static string Guardrails(RenderInput input)
    {
        var (spec, profile) = (input.Spec, input.Profile);
        var max = Math.Max(spec.Autoscaling?.Max ?? spec.Replicas ?? profile.MaxReplicas, profile.MaxReplicas);
        var rules = spec.Network.Egress.Select(EgressRule.TryParse).OfType<EgressRule>().ToList();
        var min = spec.Autoscaling?.Min ?? spec.Replicas ?? profile.Replicas;
        var egress = rules.Count == 0
            ? [Map(("name", "https"), ("cidr", "0.0.0.0/0"), ("except", new[] { "169.254.0.0/16" }), ("ports", new[] { Port(443) }))]
            : rules.Select((r, n) => Map(("name", $"rule-{n + 1}"), ("cidr", r.Cidr), ("ports", r.Port is { } port ? new[] { Port(port) } : []))).ToArray();
        return Yaml.Serialize(Map(
            ("egress", egress),
            ("ingress", Map(("ports", new[] { 8787, 8788 }), ("fromCidrs", Callers(spec.Network)))),
            ("pdb", min > 1 ? Map(("enabled", true), ("maxUnavailable", 1)) : Map(("enabled", false))),
            ("resourceQuota", Map(("enabled", true), ("hard", Map(("pods", ((max * 2) + 10).ToString())))))));
    }

    private static Dictionary<string, object?> Port(int port) => Map(("port", port), ("protocol", "TCP"));

    // Health checks, load balancers and ingress controllers all come from private addresses, so these are always in.
    private static string[] Callers(NetworkSpec network) =>
    [
        .. PrivateRanges,
        .. network.Exposure != Exposure.LoadBalancer ? [] : network.AllowedRanges.Count > 0 ? network.AllowedRanges : ["0.0.0.0/0"],
    ];

    private static readonly string[] PrivateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

    // Every key is named with null or a value, so that no default of the chart speaks for the spec.
    private static SortedDictionary<string, object?> Data(RenderInput input)
    {
        var value = SpecValidator.Value(input.Spec);
        var data = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var setting in SettingsCatalog.All.Where(s => !s.View.IsSecret))
        {
            if (value(setting.Key) is { Length: > 0 } text)
            {
                data[setting.Key] = text;
            }
        }

        foreach (var (key, fallback) in ChartDefaults)
        {
            data.TryAdd(key, fallback);
        }

        data["SERVICE_NAME"] = value("SERVICE_NAME") is { Length: > 0 } name ? name : input.Namespace;
        data["SERVER_MODE"] = value("SERVER_MODE"); // the chart needs the key even when it is empty
        if (value("CACHE_STORE") == "redis" && !input.Secrets.ContainsKey("REDIS_URL"))
        {
            data["REDIS_URL"] = "redis://redis:6379"; // the chart's own Redis, which has no password
        }

        return data;
    }

    // Keys for which the chart brings a default of its own.
    private static readonly Dictionary<string, object?> ChartDefaults = new(StringComparer.Ordinal)
    {
        ["ANALYTICS_STORE"] = null,
        ["CACHE_STORE"] = null,
        ["REDIS_URL"] = null,
        ["REDIS_TLS_ENABLED"] = null,
        ["MCP_PORT"] = null,
    };

    private static Dictionary<string, object?> Service(NetworkSpec network)
    {
        var annotations = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        if (network is { Exposure: Exposure.LoadBalancer, AllowedRanges.Count: > 0 })
        {
            annotations["service.beta.kubernetes.io/azure-allowed-ip-ranges"] = string.Join(',', network.AllowedRanges);
        }

        return Map(
            ("type", network.Exposure == Exposure.LoadBalancer ? "LoadBalancer" : "ClusterIP"),
            ("port", 8787),
            ("containerPort", 8787),
            ("annotations", annotations));
    }

    private static Dictionary<string, object?> Ingress(NetworkSpec network) => network.Exposure != Exposure.Ingress
        ? Map(("enabled", false))
        : Map(
            ("enabled", true),
            ("hostname", network.Host),
            ("ingressClassName", network.IngressClass ?? "nginx"),
            ("tls", network.TlsSecret is null ? [] : new object[] { Map(("hosts", new[] { network.Host }), ("secretName", network.TlsSecret)) }));

    private static Dictionary<string, object?> Spread(Profile profile) => Map(
        ("maxSkew", 1),
        ("minDomains", profile.Zones),
        ("topologyKey", "topology.kubernetes.io/zone"),
        ("whenUnsatisfiable", "DoNotSchedule"),
        ("labelSelector", Map(("matchLabels", Map(("app.kubernetes.io/name", "gateway"))))));

    private static Dictionary<string, object?> Map(params (string Key, object? Value)[] entries) => entries.ToDictionary(e => e.Key, e => e.Value);
}
