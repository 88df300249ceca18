using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Requests;
using Portkey.Portal.Provisioning.Secrets;

namespace Portkey.Portal.Web.Api;

/// <summary>Body of POST /requests, also what the wizard keeps as its draft: <c>{kind, team, name, cluster, profile, chartVersion?, import?, spec, reason?}</c>.</summary>
internal static class ProposeParser
{
    /// <summary>Longest secret: what a vault takes.</summary>
    public const int LongestSecret = 25 * 1024;
    public const int LongestSetting = 4096;
    public const int LongestReason = 2000;

    public static ProposeCommand Read(FieldReader body)
    {
        if (!body.Has("kind"))
        {
            body.Refuse("kind", $"It is required: one of {string.Join(", ", Words.Of<RequestKind>())}.");
        }

        var (spec, secrets) = body.Object("spec") is { } fields ? ReadSpec(fields) : (null, Secrets([]));
        return new ProposeCommand
        {
            Kind = body.Word<RequestKind>("kind") ?? default,
            Team = body.Text("team", 200),
            Name = body.Text("name", 200),
            Cluster = body.Text("cluster", 200),
            Profile = body.Text("profile", 200),
            EnvironmentId = body.Id("environmentId"),
            ChartVersion = body.Text("chartVersion", 200),
            ImportId = body.Id("import"),
            RotateKey = body.Text("key", 200),
            ToRevision = body.Number("revision"),
            Reason = body.Text("reason", LongestReason) ?? "",
            Spec = spec,
            Secrets = secrets,
        };
    }

    /// <summary>A spec with the secrets that came in it, which go their own way from here.</summary>
    public static (EnvironmentSpec Spec, IReadOnlyDictionary<string, SecretValue> Secrets) ReadSpec(FieldReader fields)
    {
        if (!fields.Has("edition"))
        {
            fields.Refuse("edition", $"It is required: one of {string.Join(", ", Words.Of<Edition>())}.");
        }

        var secrets = Secrets(fields.Map("secrets", LongestSecret, scalars: false));
        var spec = new EnvironmentSpec
        {
            Edition = fields.Word<Edition>("edition") ?? default,
            Settings = fields.Map("settings", LongestSetting, scalars: true),
            SharedSecrets = fields.Has("sharedSecrets") ? fields.Map("sharedSecrets", SharedSecrets.LongestName, scalars: false) is { Count: > 0 } shared ? shared : null : null,
            Network = fields.Object("network") is { } network ? ReadNetwork(network) : new NetworkSpec(),
            Replicas = fields.Number("replicas"),
            Autoscaling = fields.Object("autoscaling") is { } autoscaling ? ReadAutoscaling(autoscaling) : null,
            Resources = fields.Object("resources") is { } resources ? WorkloadParser.Resources(resources) : null,
            Scheduling = fields.Object("scheduling") is { } scheduling ? WorkloadParser.Scheduling(scheduling) : null,
            Probes = fields.Object("probes") is { } probes ? WorkloadParser.Probes(probes) : null,
            Labels = fields.Has("labels") ? fields.Map("labels", 63, scalars: true) : null,
            Annotations = fields.Has("annotations") ? fields.Map("annotations", LongestSetting, scalars: true) : null,
            EnvFrom = fields.Object("envFrom") is { } from ? WorkloadParser.EnvFrom(from) : null,
            DataService = fields.Flag("dataService"),
            ImageTag = fields.Text("imageTag", 200),
            TtlHours = fields.Number("ttlHours"),
        };
        fields.Done();
        return (spec, secrets);
    }

    private static NetworkSpec ReadNetwork(FieldReader fields)
    {
        var network = new NetworkSpec
        {
            Exposure = fields.Word<Exposure>("exposure") ?? Exposure.Internal,
            Host = fields.Text("host", 253),
            IngressClass = fields.Text("ingressClass", 253),
            TlsSecret = fields.Text("tlsSecret", 253),
            McpHost = fields.Text("mcpHost", 253),
            InternalLoadBalancer = fields.Flag("internalLoadBalancer"),
            AllowedRanges = fields.Texts("allowedRanges"),
            Egress = fields.Texts("egress"),
            Providers = fields.Texts("providers"),
            OpenEgressReason = fields.Text("openEgressReason", 500),
            ControlPlaneInbound = fields.Word<ControlPlaneInbound>("controlPlaneInbound") ?? ControlPlaneInbound.None,
            ControlPlaneRanges = fields.Texts("controlPlaneRanges"),
        };
        fields.Done();
        return network;
    }

    private static AutoscalingSpec ReadAutoscaling(FieldReader fields)
    {
        foreach (var name in new[] { "min", "max" }.Where(n => !fields.Has(n)))
        {
            fields.Refuse(name, "It is required.");
        }

        var autoscaling = new AutoscalingSpec { Min = fields.Number("min") ?? 0, Max = fields.Number("max") ?? 0, TargetCpu = fields.Number("targetCpu") };
        fields.Done();
        return autoscaling;
    }

    private static Dictionary<string, SecretValue> Secrets(Dictionary<string, string> values) =>
        values.ToDictionary(v => v.Key, v => new SecretValue(v.Value), StringComparer.Ordinal);
}
