using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Environments;

/// <summary>Size and network of a spec.</summary>
public sealed class SpecSizeAndNetworkTests
{
    public static TheoryData<string, string, EnvironmentSpec> Wrong { get; } =
        new()
        {
            { "dev", "spec.replicas", Inputs.Oss() with { Replicas = 0 } },
            { "dev", "spec.replicas", Inputs.Oss() with { Replicas = 51 } },
            { "standard", "spec.replicas", Inputs.Oss() with { Replicas = 1 } },
            {
                "dev",
                "spec.replicas",
                Inputs.Oss() with
                {
                    Replicas = 2,
                    Autoscaling = new() { Min = 1, Max = 3 },
                }
            },
            {
                "dev",
                "spec.autoscaling.min",
                Inputs.Oss() with
                {
                    Autoscaling = new() { Min = 0, Max = 3 },
                }
            },
            {
                "dev",
                "spec.autoscaling.max",
                Inputs.Oss() with
                {
                    Autoscaling = new() { Min = 3, Max = 2 },
                }
            },
            {
                "dev",
                "spec.autoscaling.targetCpu",
                Inputs.Oss() with
                {
                    Autoscaling = new()
                    {
                        Min = 1,
                        Max = 2,
                        TargetCpu = 100,
                    },
                }
            },
            { "dev", "spec.ttlHours", Inputs.Oss() with { TtlHours = 0 } },
            { "dev", "spec.ttlHours", Inputs.Oss() with { TtlHours = 8761 } },
            { "dev", "spec.imageTag", Inputs.Oss() with { ImageTag = "1.0/../../evil" } },
            { "dev", "spec.imageTag", Inputs.Oss() with { ImageTag = "" } },
            { "dev", "spec.network.host", Net(new() { Exposure = Exposure.Ingress }) },
            { "dev", "spec.network.host", Net(new() { Exposure = Exposure.Ingress, Host = "nodots" }) },
            { "dev", "spec.network.host", Net(new() { Exposure = Exposure.Ingress, Host = "Gateway.example.com" }) },
            { "dev", "spec.network.host", Net(new() { Exposure = Exposure.Ingress, Host = "a.example.com/path" }) },
            { "dev", "spec.network.host", Net(new() { Exposure = Exposure.Internal, Host = "gateway.example.com" }) },
            {
                "dev",
                "spec.network.tlsSecret",
                Net(
                    new()
                    {
                        Exposure = Exposure.Ingress,
                        Host = "g.example.com",
                        TlsSecret = "Not Valid",
                    }
                )
            },
            { "dev", "spec.network.ingressClass", Net(new() { Exposure = Exposure.LoadBalancer, IngressClass = "nginx" }) },
            { "dev", "spec.network.allowedRanges[0]", Net(new() { AllowedRanges = ["10.0.0.1/8"] }) },
            { "dev", "spec.network.allowedRanges[1]", Net(new() { AllowedRanges = ["10.0.0.0/8", "everyone"] }) },
            { "dev", "spec.network.egress[0]", Net(new() { Egress = ["example.com:443"] }) },
            { "dev", "spec.network.egress[0]", Net(new() { Egress = ["10.0.0.0/8:70000"] }) },
            { "dev", "spec.network.internalLoadBalancer", Net(new() { InternalLoadBalancer = true }) },
            {
                "dev",
                "spec.network.mcpHost",
                Net(
                    new()
                    {
                        Exposure = Exposure.Ingress,
                        Host = "g.example.com",
                        McpHost = "mcp.example.com",
                    }
                )
            },
            { "dev", "spec.network.providers[0]", Net(new() { Providers = ["anthropic"] }) },
            { "dev", "spec.network.openEgressReason", Net(new() { Egress = ["10.0.0.0/8"], OpenEgressReason = "because" }) },
            { "dev", "spec.resources.cpuRequest", Inputs.Oss() with { Resources = new() { CpuRequest = "half" } } },
            {
                "dev",
                "spec.resources.memoryLimit",
                Inputs.Oss() with
                {
                    Resources = new() { MemoryRequest = "2Gi", MemoryLimit = "1Gi" },
                }
            },
            { "dev", "spec.resources.cpuLimit", Inputs.Oss() with { Resources = new() { CpuRequest = "4" } } },
            { "dev", "spec.probes.timeoutSeconds", Inputs.Oss() with { Probes = new() { TimeoutSeconds = 0 } } },
            { "dev", "spec.probes.readinessPeriodSeconds", Inputs.Oss() with { Probes = new() { ReadinessPeriodSeconds = 61 } } },
            { "dev", "spec.scheduling.zones", Inputs.Oss() with { Scheduling = new() { Zones = 4 } } },
            {
                "dev",
                "spec.network.controlPlaneInbound",
                Net(new() { ControlPlaneInbound = ControlPlaneInbound.Addresses, ControlPlaneRanges = ["203.0.113.0/28"] })
            },
            {
                "dev",
                "spec.network.controlPlaneInbound",
                Net(new() { Exposure = Exposure.LoadBalancer, ControlPlaneInbound = ControlPlaneInbound.PrivateLink })
            },
            {
                "dev",
                "spec.network.controlPlaneInbound",
                Net(new() { Exposure = Exposure.LoadBalancer, ControlPlaneInbound = ControlPlaneInbound.Peering })
            },
            {
                "dev",
                "spec.network.controlPlaneRanges",
                Net(new() { Exposure = Exposure.LoadBalancer, ControlPlaneInbound = ControlPlaneInbound.Addresses })
            },
            {
                "dev",
                "spec.network.controlPlaneRanges",
                Net(new() { Exposure = Exposure.LoadBalancer, ControlPlaneRanges = ["203.0.113.0/28"] })
            },
            {
                "dev",
                "spec.network.controlPlaneRanges[0]",
                Net(
                    new()
                    {
                        Exposure = Exposure.LoadBalancer,
                        ControlPlaneInbound = ControlPlaneInbound.Addresses,
                        ControlPlaneRanges = ["0.0.0.0/0"],
                    }
                )
            },
            { "mission-critical", "spec.scheduling.zones", Inputs.Oss() with { Scheduling = new() { Zones = 1 } } },
            {
                "dev",
                "spec.scheduling.nodeSelector.pool",
                Inputs.Oss() with
                {
                    Scheduling = new() { NodeSelector = Inputs.Map(("pool", "not a label")) },
                }
            },
            {
                "dev",
                "spec.scheduling.tolerations[0].effect",
                Inputs.Oss() with
                {
                    Scheduling = new() { Tolerations = [new() { Key = "gpu", Effect = "Never" }] },
                }
            },
            { "dev", "spec.scheduling.tolerations[0].key", Inputs.Oss() with { Scheduling = new() { Tolerations = [new()] } } },
            { "dev", "spec.labels.helm.sh/chart", Inputs.Oss() with { Labels = Inputs.Map(("helm.sh/chart", "mine")) } },
            { "dev", "spec.labels.team", Inputs.Oss() with { Labels = Inputs.Map(("team", "payments & search")) } },
            { "dev", "spec.annotations.not a name", Inputs.Oss() with { Annotations = Inputs.Map(("not a name", "x")) } },
            { "dev", "spec.annotations.note", Inputs.Oss() with { Annotations = Inputs.Map(("note", "two\nlines")) } },
            { "dev", "spec.envFrom.secrets[0]", Inputs.Oss() with { EnvFrom = new() { Secrets = ["../other"] } } },
            { "dev", "spec.envFrom.configMaps[1]", Inputs.Oss() with { EnvFrom = new() { ConfigMaps = ["fine.name", "Not Fine"] } } },
            { "dev", "spec.dataService", Inputs.Oss() with { DataService = true } },
            { "dev", "spec.secrets.REGISTRY_PASSWORD", Inputs.Oss(("REGISTRY_USERNAME", "portkey-customer")) },
        };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void Judge_ImpossibleSizeOrNetwork_IsRefusedByField(string profile, string field, EnvironmentSpec spec) =>
        Assert.Equal([field], Judge(spec, profile).Select(p => p.Field));

    [Fact]
    public void Judge_FullIngressAndAutoscaling_HasNoProblem()
    {
        var spec = Net(
            new()
            {
                Exposure = Exposure.Ingress,
                Host = "gateway.example.com",
                IngressClass = "nginx",
                TlsSecret = "gateway-tls",
                Egress = ["10.0.0.0/8:443", "[2001:db8::/32]:443"],
            }
        );

        Assert.Empty(
            Judge(
                spec with
                {
                    Autoscaling = new()
                    {
                        Min = 3,
                        Max = 50,
                        TargetCpu = 60,
                    },
                    TtlHours = 8760,
                },
                "mission-critical"
            )
        );
    }

    private static EnvironmentSpec Net(NetworkSpec network) => Inputs.Oss() with { Network = network };

    private static IReadOnlyList<Portkey.Portal.Provisioning.Common.FieldProblem> Judge(EnvironmentSpec spec, string profile) =>
        SpecValidator
            .Judge(new SpecCandidate(spec, Inputs.Profile(profile), Inputs.None, new HashSet<string>(StringComparer.Ordinal)))
            .Problems;
}
