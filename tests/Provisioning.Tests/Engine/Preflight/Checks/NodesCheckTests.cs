using k8s.Models;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Preflight.Checks;

/// <summary>Pods that no node can hold, and more of them than nodes can hold.</summary>
public sealed class NodesCheckTests
{
    [Theory]
    [InlineData("3500m", "4Gi", "", CheckStatus.Passed, "room for 1 pod")]
    [InlineData(
        "8",
        "4Gi",
        "",
        CheckStatus.Failed,
        "a pod of gateway requests 8 CPU and 4096 MiB, and no node that may take it is large enough: small, the largest of 2, has 3.9 CPU"
    )]
    [InlineData("1", "64Gi", "", CheckStatus.Failed, "no node that may take it is large enough")]
    [InlineData("8", "4Gi", "tolerations: [{key: gpu, operator: Exists}]", CheckStatus.Passed, "have room")] // the large one is tainted
    [InlineData("8", "4Gi", "nodeSelector: {pool: other}", CheckStatus.Warning, "may take the pods of gateway")] // the autoscaler may add such a pool
    public void Judge_Pod_IsComparedWithTheNodesThatMayTakeIt(string cpu, string memory, string placing, CheckStatus status, string says)
    {
        var verdict = NodesCheck.Judge(Nodes, [], Subject(cpu, memory, placing));

        Assert.True(status == verdict.Status && verdict.Message.Contains(says, StringComparison.Ordinal), verdict.ToString());
        Assert.True(status != CheckStatus.Failed || verdict.Code == "pod-larger-than-nodes", verdict.Code);
    }

    [Fact]
    public void Judge_LargeNodeThatIsCordoned_IsAWarningAndNoRefusal()
    {
        V1Node cordoned = Node("large", "16", "64Gi");
        cordoned.Spec = new V1NodeSpec
        {
            Unschedulable = true,
            Taints = [new V1Taint { Key = "node.kubernetes.io/unschedulable", Effect = "NoSchedule" }],
        };

        Assert.Equal(CheckStatus.Warning, NodesCheck.Judge([Node("small", "3900m", "14Gi"), cordoned], [], Subject("8", "4Gi", "")).Status);
    }

    [Theory]
    [InlineData(3, CheckStatus.Passed)]
    [InlineData(20, CheckStatus.Warning)]
    public void Judge_MostPodsOfAutoscaling_AreAWarningWhereTheyFindNoRoom(int most, CheckStatus status)
    {
        var verdict = NodesCheck.Judge(
            Nodes,
            [],
            Subject(
                "1",
                "1Gi",
                "",
                $"---\nkind: HorizontalPodAutoscaler\nspec: {{scaleTargetRef: {{name: gateway}}, minReplicas: 1, maxReplicas: {most}}}\n"
            )
        );

        Assert.True(status == verdict.Status, verdict.ToString());
        Assert.True(
            status == CheckStatus.Passed
                || verdict.Message.Contains("gateway may grow to 20 pods, and there is room for 6", StringComparison.Ordinal),
            verdict.ToString()
        );
    }

    [Theory]
    [InlineData(null, null, null, "")]
    [InlineData("8", "1Gi", null, "spec.resources.cpuRequest")]
    [InlineData("1", "32Gi", null, "spec.resources.memoryRequest")]
    [InlineData(null, null, 40, "warning")]
    public void Fit_OfASpecOnNodesThatAreKnown_IsJudgedAtTheRequest(string? cpu, string? memory, int? most, string expected)
    {
        var spec = Inputs.Oss() with
        {
            Resources = cpu is null
                ? null
                : new ResourcesSpec
                {
                    CpuRequest = cpu,
                    CpuLimit = cpu,
                    MemoryRequest = memory,
                    MemoryLimit = memory,
                },
            Autoscaling = most is { } max ? new() { Min = 1, Max = max } : null,
        };
        var (problems, findings) = (new List<FieldProblem>(), new List<FindingView>());

        NodeFit.Judge(spec, Inputs.Profile("dev"), "west", [new NodeRoom(3.9m, 14m * 1024 * 1024 * 1024, 2)], problems, findings);

        Assert.Equal(expected.StartsWith("spec", StringComparison.Ordinal) ? [expected] : [], problems.Select(p => p.Field));
        Assert.Equal(expected == "warning" ? ["spec.autoscaling.max"] : [], findings.Select(f => f.Field));
        Assert.All(problems, p => Assert.Contains("no node of west is large enough", p.Message, StringComparison.Ordinal));
        Assert.All(findings, f => Assert.Contains("hold 30", f.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_OnNodesThatAreNotKnown_RefusesNothing()
    {
        var (problems, findings) = (new List<FieldProblem>(), new List<FindingView>());
        NodeFit.Judge(Inputs.Oss(), Inputs.Profile("dev"), "west", [], problems, findings);

        Assert.Equal((0, 0), (problems.Count, findings.Count));
    }

    private static V1Node[] Nodes
    {
        get
        {
            var gpu = Node("gpu", "16", "64Gi");
            gpu.Spec = new V1NodeSpec
            {
                Taints =
                [
                    new V1Taint
                    {
                        Key = "gpu",
                        Value = "yes",
                        Effect = "NoSchedule",
                    },
                ],
            };
            return [Node("small", "3900m", "14Gi"), Node("other", "3900m", "14Gi"), gpu];
        }
    }

    private static V1Node Node(string name, string cpu, string memory) =>
        new()
        {
            Metadata = new V1ObjectMeta { Name = name },
            Status = new V1NodeStatus
            {
                Allocatable = new Dictionary<string, ResourceQuantity>
                {
                    ["cpu"] = new(cpu),
                    ["memory"] = new(memory),
                    ["pods"] = new("110"),
                },
            },
        };

    private static PreflightSubject Subject(string cpu, string memory, string placing, string more = "") =>
        new(
            Inputs.Oss(),
            $"kind: Deployment\nmetadata: {{name: gateway}}\nspec: {{template: {{spec: {{containers: [{{name: gateway, resources: {{requests: {{cpu: {cpu}, memory: {memory}}}}}}}]{(placing.Length > 0 ? $", {placing}" : "")}}}}}}}\n{more}"
        )
        {
            Cluster = null!,
            Namespace = "payments-dev",
            EnvironmentId = Guid.NewGuid(),
            ReleaseName = "portkey-gateway",
            Zones = 1,
            Pins = new Dictionary<string, SecretPin>(),
        };
}
