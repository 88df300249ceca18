using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds.Known;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.UseCases.Environments;
using static Portkey.Portal.Provisioning.UseCases.Requests.ValuesRenderer;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>The part of the values that describes pods: labels, security, size, probes and placement.</summary>
internal static class WorkloadValues
{
    /// <summary>Pod security 'restricted'; not every chart of the family says all of it by itself.</summary>
    public static Dictionary<string, object?> PodSecurity =>
        Map(("runAsNonRoot", true), ("seccompProfile", Map(("type", "RuntimeDefault"))));

    public static Dictionary<string, object?> ContainerSecurity =>
        Map(
            ("runAsNonRoot", true),
            ("runAsUser", 1000),
            ("readOnlyRootFilesystem", true),
            ("allowPrivilegeEscalation", false),
            ("capabilities", Map(("drop", new[] { "ALL" }))),
            ("seccompProfile", Map(("type", "RuntimeDefault")))
        );

    public static SortedDictionary<string, string> Labels(RenderInput input)
    {
        var labels = Sorted(input.Spec.Labels);
        labels[ClusterLabels.Environment] = input.EnvironmentId.ToString();
        if (SpecValidator.Value(input.Spec)(Catalog.SettingKeys.WorkloadClientId).Length > 0)
        {
            foreach (var (key, value) in KnownClouds.OfClusters.Rules.IdentityLabels)
            {
                labels[key] = value;
            }
        }

        return labels;
    }

    /// <summary>Room for temporary files, and the company's certificates where there are any; another ConfigMap of them is another
    /// name.</summary>
    public static object[] Volumes(RenderInput input) =>
        [
            Map(("name", "tmp"), ("emptyDir", Map(("sizeLimit", "1Gi")))),
            .. input.Spec.CaBundle is null
                ? []
                : new object[]
                {
                    Map(
                        ("name", CompanyValues.CaVolume),
                        (
                            "configMap",
                            Map(
                                ("name", CompanyValues.CaConfigMap(input)),
                                (
                                    "items",
                                    new object[]
                                    {
                                        Map(("key", input.Spec.CaBundle.Key ?? TrustRules.DefaultKey), ("path", TrustRules.DefaultKey)),
                                    }
                                )
                            )
                        )
                    ),
                },
        ];

    public static object[] VolumeMounts(EnvironmentSpec spec) =>
        [
            Map(("name", "tmp"), ("mountPath", "/tmp")),
            .. spec.CaBundle is null
                ? []
                : new object[] { Map(("name", CompanyValues.CaVolume), ("mountPath", CompanyValues.CaFolder), ("readOnly", true)) },
        ];

    /// <summary>With the versions of the secrets, so that new ones restart the pods.</summary>
    public static SortedDictionary<string, string> Annotations(RenderInput input)
    {
        var annotations = Sorted(input.Spec.Annotations);
        annotations["portal.portkey.ai/secrets"] = SecretPins.Fingerprint(SecretPins.OfEnvironment(input.Secrets));
        return annotations;
    }

    public static Dictionary<string, object?> Resources(ResourcesSpec? own, Profile profile) =>
        Map(
            ("requests", Map(("cpu", own?.CpuRequest ?? profile.CpuRequest), ("memory", own?.MemoryRequest ?? profile.MemoryRequest))),
            ("limits", Map(("cpu", own?.CpuLimit ?? profile.CpuLimit), ("memory", own?.MemoryLimit ?? profile.MemoryLimit)))
        );

    public static Dictionary<string, object?> Probe(EnvironmentSpec spec, int delay, int period) =>
        Map(
            ("httpGet", Map(("path", GatewayProbe.PathOf(spec.Edition)))),
            ("initialDelaySeconds", delay),
            ("periodSeconds", period),
            ("timeoutSeconds", spec.Probes?.TimeoutSeconds ?? 3),
            ("failureThreshold", spec.Probes?.FailureThreshold ?? 3)
        );

    public static object[] Spread(EnvironmentSpec spec, Profile profile) =>
        (spec.Scheduling?.Zones ?? profile.Zones) is > 1 and var zones
            ?
            [
                Map(
                    ("maxSkew", 1),
                    ("minDomains", zones),
                    ("topologyKey", "topology.kubernetes.io/zone"),
                    ("whenUnsatisfiable", "DoNotSchedule"),
                    ("labelSelector", Map(("matchLabels", Map(("app.kubernetes.io/name", "gateway")))))
                ),
            ]
            : [];

    /// <summary>Where a chart cannot force pods into different zones, they are at least asked to prefer them.</summary>
    public static Dictionary<string, object?> Affinity(RenderInput input) =>
        input.Facts.Accepts("topologySpreadConstraints") || (input.Spec.Scheduling?.Zones ?? input.Profile.Zones) < 2
            ? []
            : Map(
                (
                    "podAntiAffinity",
                    Map(
                        (
                            "preferredDuringSchedulingIgnoredDuringExecution",
                            new object[]
                            {
                                Map(
                                    ("weight", 100),
                                    (
                                        "podAffinityTerm",
                                        Map(
                                            ("topologyKey", "topology.kubernetes.io/zone"),
                                            (
                                                "labelSelector",
                                                Map(("matchLabels", Map((ClusterLabels.Environment, input.EnvironmentId.ToString()))))
                                            )
                                        )
                                    )
                                ),
                            }
                        )
                    )
                )
            );

    public static object[] Tolerations(SchedulingSpec? scheduling) =>
        [
            .. (scheduling?.Tolerations ?? []).Select(t =>
            {
                var toleration = t.Value is null
                    ? Map(("key", t.Key), ("operator", "Exists"))
                    : Map(("key", t.Key), ("operator", "Equal"), ("value", t.Value));
                if (!string.IsNullOrEmpty(t.Effect))
                {
                    toleration["effect"] = t.Effect; // none means every effect
                }

                return toleration;
            }),
        ];

    public static Dictionary<string, object?> DataService(RenderInput input) =>
        Map(
            ("enabled", input.Spec.DataService),
            ("finetuneBucket", SpecValidator.Value(input.Spec)("FINETUNES_BUCKET")),
            ("logexportsBucket", SpecValidator.Value(input.Spec)("LOG_EXPORTS_BUCKET")),
            ("env", DataServiceVariables(input)),
            ("serviceAccount", Map(("create", true))),
            (
                "deployment",
                Map(
                    ("autoRestart", false),
                    (
                        "annotations",
                        new SortedDictionary<string, string>(StringComparer.Ordinal)
                        {
                            ["portal.portkey.ai/secrets"] = SecretPins.Fingerprint(SecretPins.OfEnvironment(input.Secrets)),
                        }
                    ),
                    ("podSecurityContext", PodSecurity),
                    ("securityContext", ContainerSecurity),
                    ("volumes", Volumes(input)),
                    ("volumeMounts", VolumeMounts(input.Spec))
                )
            )
        );

    // What the company's network asks for holds for both.
    private static Dictionary<string, object?> DataServiceVariables(RenderInput input)
    {
        var value = SpecValidator.Value(input.Spec);
        var variables = Map(("SERVICE_NAME", $"{(value("SERVICE_NAME") is { Length: > 0 } name ? name : input.Namespace)}-dataservice"));
        foreach (var (key, text) in CompanyValues.Variables(input).Where(v => v.Key is "NODE_EXTRA_CA_CERTS" or "TLS_CA"))
        {
            variables[key] = text;
        }

        return variables;
    }
}
