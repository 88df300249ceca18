using System.Security.Cryptography;
using System.Text;
using Portkey.Portal.Provisioning.Clouds.Known;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using YamlDotNet.Serialization;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>Turns a spec into Helm values, by the value names of Portkey's chart 1.7.7 and laid out as the chart's line has them. Pure and
/// deterministic; no secret is ever in it.</summary>
public static class ValuesRenderer
{
    private static readonly ISerializer Yaml = new SerializerBuilder()
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .WithEventEmitter(next => new NumberLikeStrings(next))
        .DisableAliases()
        .Build();

    /// <summary>Values for the gateway chart, YAML; only those that this version of it takes.</summary>
    public static string Gateway(RenderInput input)
    {
        var (spec, profile) = (input.Spec, input.Profile);
        var min = spec.Autoscaling?.Min ?? spec.Replicas ?? profile.Replicas;
        var max = spec.Autoscaling?.Max ?? (spec.Replicas is null ? profile.MaxReplicas : min);
        var data = Data(input);
        var value = SpecValidator.Value(spec);
        var values = Map(
            ("replicaCount", min),
            ("strategy", Map(("type", "RollingUpdate"), ("rollingUpdate", Map(("maxSurge", 1), ("maxUnavailable", 0))))),
            ("images", CompanyValues.Images(input)),
            ("imagePullSecrets", PullSecrets(input)),
            ("imageCredentials", Array.Empty<object>()),
            ("serviceAccount", CompanyValues.ServiceAccount(spec)),
            ("podLabels", WorkloadValues.Labels(input)),
            ("podAnnotations", WorkloadValues.Annotations(input)),
            ("podSecurityContext", WorkloadValues.PodSecurity),
            ("securityContext", WorkloadValues.ContainerSecurity),
            ("volumes", WorkloadValues.Volumes(input)),
            ("volumeMounts", WorkloadValues.VolumeMounts(spec)),
            ("service", Service(spec)),
            ("ingress", Ingress(spec.Network)),
            ("resources", WorkloadValues.Resources(spec.Resources, profile)),
            ("livenessProbe", WorkloadValues.Probe(spec, 5, spec.Probes?.LivenessPeriodSeconds ?? 20)),
            ("readinessProbe", WorkloadValues.Probe(spec, 1, spec.Probes?.ReadinessPeriodSeconds ?? 5)),
            ("autoscaling", Autoscaling(spec, min, max)),
            ("topologySpreadConstraints", WorkloadValues.Spread(spec, profile)),
            ("affinity", WorkloadValues.Affinity(input)),
            ("nodeSelector", Sorted(spec.Scheduling?.NodeSelector)),
            ("tolerations", WorkloadValues.Tolerations(spec.Scheduling)),
            ("redis", Map(("serviceType", "ClusterIP"))),
            ("externalRedis", value("CACHE_STORE") != "redis"),
            ("autoRestart", false),
            ("dataservice", WorkloadValues.DataService(input))
        );
        foreach (var (key, part) in GatewayEnvironment(input, data))
        {
            values[key] = part;
        }

        if (spec.RevisionHistoryLimit is { } kept)
        {
            values["revisionHistoryLimit"] = kept;
        }

        Draining.Add(values, input);
        return Yaml.Serialize(input.Facts.Legal(ChartDefaults.TakeAway(values, input.Facts)));
    }

    // Newer charts take the name of a Secret that exists. An older one makes a Secret of its own out of whatever is in its values, which no
    // secret may enter, and mentions every setting that it knows, which hides any other source of it: there it makes no environment, and
    // the container takes everything from a ConfigMap and a Secret that the portal writes.
    private static Dictionary<string, object?> GatewayEnvironment(RenderInput input, SortedDictionary<string, object?> data)
    {
        var pins = SecretPins.OfEnvironment(input.Secrets);
        var secret = pins.Count == 0 ? "" : SecretPins.ClusterSecretName(input.Release, pins);
        var others = (input.Spec.EnvFrom?.ConfigMaps ?? [])
            .Select(n => Map(("configMapRef", Map(("name", n)))))
            .Concat((input.Spec.EnvFrom?.Secrets ?? []).Select(n => Map(("secretRef", Map(("name", n))))));
        if (input.Facts.TakesExistingSecret)
        {
            return Map(
                (
                    "environment",
                    Map(
                        ("create", false),
                        ("existingSecret", secret),
                        ("secretKeys", pins.Keys.Order(StringComparer.Ordinal).ToArray()),
                        ("data", data)
                    )
                ),
                ("envFrom", others.ToArray())
            );
        }

        var settings = input.Facts.NeedsSettingsBesideIt ? new[] { Map(("configMapRef", Map(("name", SettingsName(input))))) } : [];
        var from = settings.Concat(secret.Length == 0 ? [] : [Map(("secretRef", Map(("name", secret))))]).Concat(others).ToArray();
        return Map(
            ("environment", Map(("create", false), ("data", data))),
            input.Facts.Accepts("envFrom") ? ("envFrom", from) : ("extraContainerConfig", from.Length == 0 ? Map() : Map(("envFrom", from)))
        );
    }

    internal static SortedDictionary<string, string> SettingsData(RenderInput input) =>
        new(
            Data(input).Where(d => d.Value is string { Length: > 0 }).ToDictionary(d => d.Key, d => (string)d.Value!),
            StringComparer.Ordinal
        );

    internal static string SettingsName(RenderInput input) =>
        $"{input.Release}-settings-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(PortalJson.Write(SettingsData(input)))))[..12]}";

    private static object[] PullSecrets(RenderInput input) =>
        PullSecret.Of(input.Release, input.Spec, input.Secrets) is not { Name: var name } ? []
        : input.Facts.NamesPullSecretsPlainly ? [name]
        : [Map(("name", name))];

    /// <summary>Values for the guardrails chart, YAML.</summary>
    public static string Guardrails(RenderInput input)
    {
        var (spec, profile) = (input.Spec, input.Profile);
        var max = Math.Max(spec.Autoscaling?.Max ?? spec.Replicas ?? profile.MaxReplicas, profile.MaxReplicas);
        var min = spec.Autoscaling?.Min ?? spec.Replicas ?? profile.Replicas;
        return Yaml.Serialize(
            Map(
                (
                    "caBundle",
                    spec.CaBundle?.Pem is { } pem
                        ? Map(
                            ("name", CompanyValues.CaConfigMap(input)),
                            ("data", Map((TrustRules.DefaultKey, TrustRules.Certificates(pem))))
                        )
                        : Map()
                ),
                ("settings", input.Facts.NeedsSettingsBesideIt ? Map(("name", SettingsName(input)), ("data", SettingsData(input))) : Map()),
                ("egress", EgressValues.Of(input)),
                ("ingress", Map(("ports", new[] { 8787, 8788 }), ("fromCidrs", Callers(spec.Network)))),
                ("pdb", min > 1 ? Map(("enabled", true), ("maxUnavailable", 1)) : Map(("enabled", false))),
                // Pods that still drain their streams count, too: those of the last two changes.
                ("resourceQuota", Map(("enabled", true), ("hard", Map(("pods", ((max * 4) + 10).ToString())))))
            )
        );
    }

    // Health checks, load balancers and ingress controllers all come from private addresses, so these are always in.
    private static string[] Callers(NetworkSpec network) =>
        [
            .. PrivateRanges,
            .. network.Exposure != Exposure.LoadBalancer ? []
            : network.AllowedRanges.Count > 0 ? Allowed(network)
            : ["0.0.0.0/0"],
        ];

    private static readonly string[] PrivateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

    // No default of the chart speaks for the spec: null takes one away. Where there is no default, null would stay in the values, and where
    // a template reads the key by its name, nothing and null alike may come out as the text <nil>: there it is the empty text, as if the
    // chart's own values had been rendered.
    private static SortedDictionary<string, object?> Data(RenderInput input)
    {
        var value = SpecValidator.Value(input.Spec);
        var data = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (
            var setting in SettingsCatalog.All.Where(s =>
                s is { View.IsSecret: false, SentAs: SentAs.Env } && input.Facts.AcceptsSetting(s.Key, s.View.Since)
            )
        )
        {
            if (value(setting.Key) is { Length: > 0 } text)
            {
                data[setting.Key] = text;
            }
        }

        foreach (var (key, text) in CompanyValues.Variables(input))
        {
            data[key] = text;
        }

        foreach (var key in data.Keys.Where(input.Secrets.ContainsKey).ToList())
        {
            data.Remove(key); // the vault wins over plain settings
        }

        foreach (var key in input.Facts.NamedSettings)
        {
            data.TryAdd(key, "");
        }

        foreach (var key in input.Facts.DefaultSettings)
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
    private static IEnumerable<string> Allowed(NetworkSpec network) =>
        network.AllowedRanges.Concat(network.ControlPlaneRanges).Distinct(StringComparer.Ordinal);

    private static Dictionary<string, object?> Service(EnvironmentSpec spec)
    {
        var network = spec.Network;
        var annotations = new SortedDictionary<string, object?>(
            Sorted(network.ServiceAnnotations).ToDictionary(a => a.Key, a => (object?)a.Value),
            StringComparer.Ordinal
        );
        if (network.Exposure == Exposure.LoadBalancer)
        {
            var allowed = network.AllowedRanges.Count > 0 ? Allowed(network).ToList() : [];
            foreach (
                var (key, value) in KnownClouds.OfClusters.Rules.LoadBalancerAnnotations(
                    GatewayProbe.PathOf(spec.Edition),
                    allowed,
                    network.ControlPlaneInbound == ControlPlaneInbound.PrivateLink
                )
            )
            {
                annotations[key] = value;
            }

            if (network.InternalLoadBalancer)
            {
                // Each cloud reads its own; what should be internal must not become public on another.
                annotations[KnownClouds.OfClusters.Rules.InternalLoadBalancer] = "true";
                annotations["service.beta.kubernetes.io/aws-load-balancer-internal"] = "true";
                annotations["service.beta.kubernetes.io/aws-load-balancer-scheme"] = "internal";
                annotations["networking.gke.io/load-balancer-type"] = "Internal";
            }
        }

        return Map(
            ("type", network.Exposure == Exposure.LoadBalancer ? "LoadBalancer" : "ClusterIP"),
            ("port", network.Port ?? 8787),
            ("containerPort", 8787),
            ("annotations", annotations)
        );
    }

    private static Dictionary<string, object?> Ingress(NetworkSpec network) =>
        network.Exposure != Exposure.Ingress
            ? Map(("enabled", false))
            : Map(
                ("enabled", true),
                ("hostname", network.Host),
                ("annotations", Sorted(network.IngressAnnotations)),
                ("ingressClassName", network.IngressClass ?? "nginx"),
                ("hostBased", network.McpHost is { Length: > 0 }),
                ("mcpHostname", network.McpHost ?? ""),
                (
                    "tls",
                    network.TlsSecret is null
                        ? []
                        : new object[]
                        {
                            Map(
                                ("hosts", new[] { network.Host, network.McpHost }.Where(h => !string.IsNullOrEmpty(h)).ToArray()),
                                ("secretName", network.TlsSecret)
                            ),
                        }
                )
            );

    private static Dictionary<string, object?> Autoscaling(EnvironmentSpec spec, int min, int max)
    {
        var values = Map(
            ("enabled", spec.Autoscaling is not null || max > min),
            ("minReplicas", min),
            ("maxReplicas", Math.Max(min, max)),
            ("targetCPUUtilizationPercentage", spec.Autoscaling?.TargetCpu ?? 60)
        );
        if (spec.Autoscaling?.TargetMemory is { } memory)
        {
            values["targetMemoryUtilizationPercentage"] = memory;
        }

        return values;
    }

    internal static SortedDictionary<string, string> Sorted(IReadOnlyDictionary<string, string>? map) =>
        new((map ?? new Dictionary<string, string>()).ToDictionary(), StringComparer.Ordinal);

    internal static Dictionary<string, object?> Map(params (string Key, object? Value)[] entries) =>
        entries.ToDictionary(e => e.Key, e => e.Value);
}
