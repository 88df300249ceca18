using System.Security.Cryptography;
using System.Text;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Health;
using YamlDotNet.Serialization;

namespace Portkey.Portal.Provisioning.Requests;

/// <summary>Turns a spec into Helm values, for charts that keep the value names of Portkey's chart 1.7.7. Pure and deterministic; no secret is ever in it.</summary>
public static class ValuesRenderer
{
    private static readonly ISerializer Yaml = new SerializerBuilder().WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .WithEventEmitter(next => new NumberLikeStrings(next)).DisableAliases().Build();

    /// <summary>Values for the gateway chart, YAML; only those that this version of it takes.</summary>
    public static string Gateway(RenderInput input)
    {
        var (spec, profile) = (input.Spec, input.Profile);
        var min = spec.Autoscaling?.Min ?? spec.Replicas ?? profile.Replicas;
        var max = spec.Autoscaling?.Max ?? (spec.Replicas is null ? profile.MaxReplicas : min);
        var data = Data(input);
        var values = Map(
            ("replicaCount", min),
            ("strategy", Map(("type", "RollingUpdate"), ("rollingUpdate", Map(("maxSurge", 1), ("maxUnavailable", 0))))),
            ("images", Map(("gatewayImage", Map(
                ("repository", spec.Edition == Edition.Oss ? "docker.io/portkeyai/gateway" : "docker.io/portkeyai/gateway_enterprise"),
                ("tag", spec.ImageTag ?? input.Chart.ImageTag))))),
            ("imagePullSecrets", PullSecrets(input)),
            ("imageCredentials", Array.Empty<object>()),
            ("serviceAccount", Map(("create", true), ("automount", false), ("annotations", IdentityAnnotations(input.Spec)))),
            ("podLabels", WorkloadValues.Labels(input)),
            ("podAnnotations", WorkloadValues.Annotations(input)),
            ("podSecurityContext", WorkloadValues.PodSecurity),
            ("securityContext", WorkloadValues.ContainerSecurity),
            ("volumes", new object[] { Map(("name", "tmp"), ("emptyDir", Map(("sizeLimit", "1Gi")))) }),
            ("volumeMounts", new object[] { Map(("name", "tmp"), ("mountPath", "/tmp")) }),
            ("service", Service(spec)),
            ("ingress", Ingress(spec.Network)),
            ("resources", WorkloadValues.Resources(spec.Resources, profile)),
            ("livenessProbe", WorkloadValues.Probe(spec, 5, spec.Probes?.LivenessPeriodSeconds ?? 20)),
            ("readinessProbe", WorkloadValues.Probe(spec, 1, spec.Probes?.ReadinessPeriodSeconds ?? 5)),
            ("autoscaling", Map(
                ("enabled", spec.Autoscaling is not null || max > min),
                ("minReplicas", min),
                ("maxReplicas", Math.Max(min, max)),
                ("targetCPUUtilizationPercentage", spec.Autoscaling?.TargetCpu ?? 60))),
            ("topologySpreadConstraints", WorkloadValues.Spread(spec, profile)),
            ("affinity", WorkloadValues.Affinity(input)),
            ("nodeSelector", Sorted(spec.Scheduling?.NodeSelector)),
            ("tolerations", WorkloadValues.Tolerations(spec.Scheduling)),
            ("redis", Map(("serviceType", "ClusterIP"))),
            ("autoRestart", false),
            ("dataservice", WorkloadValues.DataService(input)));
        foreach (var (key, value) in GatewayEnvironment(input, data))
        {
            values[key] = value;
        }

        return Yaml.Serialize(input.Facts.Legal(values));
    }

    // Newer charts take the name of a Secret that exists. An older one makes a Secret of its own out of whatever is in its values, which no
    // secret may enter, and mentions every setting that it knows, which hides any other source of it: there it makes no environment, and
    // the container takes everything from a ConfigMap and a Secret that the portal writes.
    private static Dictionary<string, object?> GatewayEnvironment(RenderInput input, SortedDictionary<string, object?> data)
    {
        var pins = SecretPins.OfEnvironment(input.Secrets);
        var secret = pins.Count == 0 ? "" : SecretPins.ClusterSecretName(input.Release, pins);
        var others = (input.Spec.EnvFrom?.ConfigMaps ?? []).Select(n => Map(("configMapRef", Map(("name", n)))))
            .Concat((input.Spec.EnvFrom?.Secrets ?? []).Select(n => Map(("secretRef", Map(("name", n))))));
        if (input.Facts.TakesExistingSecret)
        {
            return Map(
                ("environment", Map(("create", false), ("existingSecret", secret), ("secretKeys", pins.Keys.Order(StringComparer.Ordinal).ToArray()), ("data", data))),
                ("envFrom", others.ToArray()));
        }

        var settings = input.Facts.NeedsSettingsBesideIt ? new[] { Map(("configMapRef", Map(("name", SettingsName(input))))) } : [];
        var from = settings.Concat(secret.Length == 0 ? [] : [Map(("secretRef", Map(("name", secret))))]).Concat(others).ToArray();
        return Map(
            ("environment", Map(("create", false), ("data", data))),
            input.Facts.Accepts("envFrom") ? ("envFrom", from) : ("extraContainerConfig", from.Length == 0 ? Map() : Map(("envFrom", from))));
    }

    private static SortedDictionary<string, string> SettingsData(RenderInput input) =>
        new(Data(input).Where(d => d.Value is not null).ToDictionary(d => d.Key, d => (string)d.Value!), StringComparer.Ordinal);

    private static string SettingsName(RenderInput input) =>
        $"{input.Release}-settings-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(PortalJson.Write(SettingsData(input)))))[..12]}";

    private static object[] PullSecrets(RenderInput input) =>
        PullSecret.Of(input.Release, input.Spec, input.Secrets) is not { Name: var name } ? [] : input.Facts.NamesPullSecretsPlainly ? [name] : [Map(("name", name))];

    private static SortedDictionary<string, object?> IdentityAnnotations(EnvironmentSpec spec) =>
        SpecValidator.Value(spec)(SettingKeys.WorkloadClientId) is { Length: > 0 } client ? new(StringComparer.Ordinal) { ["azure.workload.identity/client-id"] = client } : [];

    /// <summary>Values for the guardrails chart, YAML.</summary>
    public static string Guardrails(RenderInput input)
    {
        var (spec, profile) = (input.Spec, input.Profile);
        var max = Math.Max(spec.Autoscaling?.Max ?? spec.Replicas ?? profile.MaxReplicas, profile.MaxReplicas);
        var rules = spec.Network.Egress.Concat(spec.Network.Providers.SelectMany(p => input.Providers.GetValueOrDefault(p, []))).Distinct(StringComparer.Ordinal)
            .Select(EgressRule.TryParse).OfType<EgressRule>().ToList();
        var min = spec.Autoscaling?.Min ?? spec.Replicas ?? profile.Replicas;
        var egress = rules.Count == 0
            ? [Map(("name", "https"), ("cidr", "0.0.0.0/0"), ("except", new[] { "169.254.0.0/16" }), ("ports", new[] { Port(443) }))]
            : rules.Select((r, n) => Map(("name", $"rule-{n + 1}"), ("cidr", r.Cidr), ("ports", r.Port is { } port ? new[] { Port(port) } : []))).ToArray();
        return Yaml.Serialize(Map(
            ("settings", input.Facts.NeedsSettingsBesideIt ? Map(("name", SettingsName(input)), ("data", SettingsData(input))) : Map()),
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
        .. network.Exposure != Exposure.LoadBalancer ? [] : network.AllowedRanges.Count > 0 ? Allowed(network) : ["0.0.0.0/0"],
    ];

    private static readonly string[] PrivateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

    // Every key that the chart names is there with a value or null, so that no default of the chart speaks for the spec.
    private static SortedDictionary<string, object?> Data(RenderInput input)
    {
        var value = SpecValidator.Value(input.Spec);
        var data = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var setting in SettingsCatalog.All.Where(s => s is { View.IsSecret: false, SentAs: SentAs.Env } && input.Facts.AcceptsSetting(s.Key, s.View.Since)))
        {
            if (value(setting.Key) is { Length: > 0 } text)
            {
                data[setting.Key] = text;
            }
        }

        foreach (var key in ChartDefaults.Concat(input.Facts.Settings))
        {
            data.TryAdd(key, null);
        }

        data["SERVICE_NAME"] = value("SERVICE_NAME") is { Length: > 0 } name ? name : input.Namespace;
        if (input.Facts.AcceptsSetting("SERVER_MODE", SettingsCatalog.ByKey["SERVER_MODE"].View.Since))
        {
            data["SERVER_MODE"] = value("SERVER_MODE"); // a chart that knows it needs the key even when it is empty
        }

        if (value("CACHE_STORE") == "redis" && !input.Secrets.ContainsKey("REDIS_URL"))
        {
            data["REDIS_URL"] = "redis://redis:6379"; // the chart's own Redis, which has no password
        }

        return data;
    }

    // Where callers are limited, the control plane is one of them.
    private static IEnumerable<string> Allowed(NetworkSpec network) => network.AllowedRanges.Concat(network.ControlPlaneRanges).Distinct(StringComparer.Ordinal);

    // Keys for which Portkey's chart brings a default of its own.
    private static readonly string[] ChartDefaults = ["ANALYTICS_STORE", "CACHE_STORE", "REDIS_URL", "REDIS_TLS_ENABLED"];

    // Annotations of Azure's load balancer: https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/
    private static Dictionary<string, object?> Service(EnvironmentSpec spec)
    {
        var network = spec.Network;
        var annotations = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        if (network.Exposure == Exposure.LoadBalancer)
        {
            annotations["service.beta.kubernetes.io/azure-load-balancer-health-probe-request-path"] = GatewayProbe.PathOf(spec.Edition);
            if (network.AllowedRanges.Count > 0)
            {
                annotations["service.beta.kubernetes.io/azure-allowed-ip-ranges"] = string.Join(',', Allowed(network));
            }

            if (network.InternalLoadBalancer)
            {
                annotations["service.beta.kubernetes.io/azure-load-balancer-internal"] = "true";
            }

            if (network.ControlPlaneInbound == ControlPlaneInbound.PrivateLink)
            {
                annotations["service.beta.kubernetes.io/azure-pls-create"] = "true";
            }
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
            ("hostBased", network.McpHost is { Length: > 0 }),
            ("mcpHostname", network.McpHost ?? ""),
            ("tls", network.TlsSecret is null ? [] : new object[] { Map(("hosts", new[] { network.Host, network.McpHost }.Where(h => !string.IsNullOrEmpty(h)).ToArray()), ("secretName", network.TlsSecret)) }));

    internal static SortedDictionary<string, string> Sorted(IReadOnlyDictionary<string, string>? map) => new((map ?? new Dictionary<string, string>()).ToDictionary(), StringComparer.Ordinal);

    internal static Dictionary<string, object?> Map(params (string Key, object? Value)[] entries) => entries.ToDictionary(e => e.Key, e => e.Value);
}
