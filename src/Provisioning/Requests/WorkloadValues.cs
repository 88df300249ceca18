using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Health;
using Portkey.Portal.Provisioning.Kubernetes;
using static Portkey.Portal.Provisioning.Requests.ValuesRenderer;

namespace Portkey.Portal.Provisioning.Requests;

/// <summary>The part of the values that describes pods: how they are marked, secured, sized, probed and placed.</summary>
internal static class WorkloadValues
{
    /// <summary>Pod security 'restricted'; not every chart of the family says all of it by itself.</summary>
    public static Dictionary<string, object?> PodSecurity => Map(("runAsNonRoot", true), ("seccompProfile", Map(("type", "RuntimeDefault"))));

    public static Dictionary<string, object?> ContainerSecurity => Map(
        ("runAsNonRoot", true), ("runAsUser", 1000), ("readOnlyRootFilesystem", true), ("allowPrivilegeEscalation", false),
        ("capabilities", Map(("drop", new[] { "ALL" }))), ("seccompProfile", Map(("type", "RuntimeDefault"))));

    public static SortedDictionary<string, string> Labels(RenderInput input)
    {
        var labels = Sorted(input.Spec.Labels);
        labels[ClusterLabels.Environment] = input.EnvironmentId.ToString();
        if (SpecValidator.Value(input.Spec)(Catalog.SettingKeys.WorkloadClientId).Length > 0)
        {
            labels["azure.workload.identity/use"] = "true";
        }

        return labels;
    }

    /// <summary>With the versions of the secrets, so that new ones restart the pods.</summary>
    public static SortedDictionary<string, string> Annotations(RenderInput input)
    {
        var annotations = Sorted(input.Spec.Annotations);
        annotations["portal.portkey.ai/secrets"] = SecretPins.Fingerprint(SecretPins.OfEnvironment(input.Secrets));
        return annotations;
    }

    public static Dictionary<string, object?> Resources(ResourcesSpec? own, Profile profile) => Map(
        ("requests", Map(("cpu", own?.CpuRequest ?? profile.CpuRequest), ("memory", own?.MemoryRequest ?? profile.MemoryRequest))),
        ("limits", Map(("cpu", own?.CpuLimit ?? profile.CpuLimit), ("memory", own?.MemoryLimit ?? profile.MemoryLimit))));

    public static Dictionary<string, object?> Probe(EnvironmentSpec spec, int delay, int period) => Map(
        ("httpGet", Map(("path", GatewayProbe.PathOf(spec.Edition)))), ("initialDelaySeconds", delay), ("periodSeconds", period),
        ("timeoutSeconds", spec.Probes?.TimeoutSeconds ?? 3), ("failureThreshold", spec.Probes?.FailureThreshold ?? 3));

    public static object[] Spread(EnvironmentSpec spec, Profile profile) => (spec.Scheduling?.Zones ?? profile.Zones) is > 1 and var zones
        ? [Map(
            ("maxSkew", 1),
            ("minDomains", zones),
            ("topologyKey", "topology.kubernetes.io/zone"),
            ("whenUnsatisfiable", "DoNotSchedule"),
            ("labelSelector", Map(("matchLabels", Map(("app.kubernetes.io/name", "gateway"))))))]
        : [];

    /// <summary>Where a chart cannot force pods into different zones, they are at least asked to prefer them.</summary>
    public static Dictionary<string, object?> Affinity(RenderInput input) => input.Facts.Accepts("topologySpreadConstraints") || (input.Spec.Scheduling?.Zones ?? input.Profile.Zones) < 2
        ? []
        : Map(("podAntiAffinity", Map(("preferredDuringSchedulingIgnoredDuringExecution", new object[]
        {
            Map(("weight", 100), ("podAffinityTerm", Map(
                ("topologyKey", "topology.kubernetes.io/zone"),
                ("labelSelector", Map(("matchLabels", Map((ClusterLabels.Environment, input.EnvironmentId.ToString())))))))),
        }))));

    public static object[] Tolerations(SchedulingSpec? scheduling) =>
    [
        .. (scheduling?.Tolerations ?? []).Select(t =>
        {
            var toleration = t.Value is null ? Map(("key", t.Key), ("operator", "Exists")) : Map(("key", t.Key), ("operator", "Equal"), ("value", t.Value));
            if (!string.IsNullOrEmpty(t.Effect))
            {
                toleration["effect"] = t.Effect; // none means every effect
            }

            return toleration;
        }),
    ];

    public static Dictionary<string, object?> DataService(RenderInput input) => Map(
        ("enabled", input.Spec.DataService),
        ("finetuneBucket", SpecValidator.Value(input.Spec)("FINETUNES_BUCKET")),
        ("logexportsBucket", SpecValidator.Value(input.Spec)("LOG_EXPORTS_BUCKET")),
        ("env", Map(("SERVICE_NAME", $"{(SpecValidator.Value(input.Spec)("SERVICE_NAME") is { Length: > 0 } name ? name : input.Namespace)}-dataservice"))),
        ("serviceAccount", Map(("create", true))),
        ("deployment", Map(
            ("autoRestart", false),
            ("annotations", new SortedDictionary<string, string>(StringComparer.Ordinal) { ["portal.portkey.ai/secrets"] = SecretPins.Fingerprint(SecretPins.OfEnvironment(input.Secrets)) }),
            ("podSecurityContext", PodSecurity),
            ("securityContext", ContainerSecurity),
            ("volumes", new object[] { Map(("name", "tmp"), ("emptyDir", Map(("sizeLimit", "1Gi")))) }),
            ("volumeMounts", new object[] { Map(("name", "tmp"), ("mountPath", "/tmp")) }))));
}
