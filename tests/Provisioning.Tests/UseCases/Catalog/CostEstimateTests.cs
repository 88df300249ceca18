using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Catalog;

/// <summary>Cost follows from the pods that run and from nodes that they fit.</summary>
public sealed class CostEstimateTests
{
    private const string Limits =
        "---\nkind: LimitRange\nspec: {limits: [{type: Container, defaultRequest: {cpu: 100m, memory: 128Mi}}]}\n";

    // 20 pods of 8 vCPU: one of 8 vCPU has less than 8 for pods, one of 16 takes one and wastes the rest; of 64 three take seven each.
    [Theory]
    [InlineData(1, "250m", "512Mi", "Standard_F2s_v2", 1, 62)]
    [InlineData(2, "250m", "512Mi", "Standard_F2s_v2", 2, 124)]
    [InlineData(2, "1500m", "6Gi", "Standard_E2s_v5", 2, 184)]
    [InlineData(20, "8", "16Gi", "Standard_F64s_v2", 3, 5926)]
    [InlineData(1, "94", "600Gi", "Standard_E96s_v5", 1, 4415)]
    public void OfManifest_Pods_AreOnTheCheapestNodesThatTheyFit(int pods, string cpu, string memory, string node, int nodes, int usd)
    {
        var cost = Of(Deployment("gateway", pods, $"{{requests: {{cpu: {cpu}, memory: {memory}}}}}"))!;

        Assert.Equal((node, nodes, usd), (cost.Node, cost.Nodes, cost.Usd));
        var size = NodeSizes.All.Single(n => n.Name == node);
        Assert.True(nodes * size.PodCpu >= pods * PodGroup.Quantity(cpu), $"{nodes} nodes of {size.PodCpu} for {pods} of {cpu}");
        Assert.Contains("Azure's list price", cost.Source, StringComparison.Ordinal);
    }

    [Fact]
    public void OfManifest_WhatRunsBesideTheGateway_IsCountedToo()
    {
        var gateway = Deployment("gateway", 1, "{requests: {cpu: 1500m, memory: 1Gi}}");
        var cost = Of(
            $"{gateway}---\n{Deployment("redis", 1, "{limits: {cpu: 1, memory: 1Gi}}")}---\n{Deployment("dataservice", 2, "{}")}{Limits}"
        )!;

        // Redis asks for its limit, the data service for the namespace's default: 2.7 cores.
        Assert.Equal(("Standard_F2s_v2", 2), (cost.Node, cost.Nodes));
        Assert.Equal(1, Of(gateway)!.Nodes);
    }

    [Theory]
    [InlineData("", 22)]
    [InlineData("service.beta.kubernetes.io/azure-load-balancer-internal: \"true\"", 18)]
    public void OfManifest_LoadBalancer_CostsWithItsPublicAddress(string annotation, int usd)
    {
        var pods = Deployment("gateway", 1, "{requests: {cpu: 250m, memory: 512Mi}}");
        var cost = Of($"{pods}---\nkind: Service\nmetadata: {{annotations: {{{annotation}}}}}\nspec: {{type: LoadBalancer}}\n")!;

        Assert.Equal((usd, 1), (cost.LoadBalancerUsd, cost.Nodes));
        Assert.InRange(cost.Usd - Of(pods)!.Usd, usd - 1, usd + 1);
    }

    [Fact]
    public void OfManifest_Autoscaling_SaysLeastAndMost()
    {
        var cost = Of(
            $"{Deployment("gateway", 1, "{requests: {cpu: 1, memory: 1Gi}}")}---\nkind: HorizontalPodAutoscaler\nspec: {{scaleTargetRef: {{name: gateway}}, minReplicas: 2, maxReplicas: 6}}\n"
        )!;

        Assert.Equal((2, 6, 124, 371), (cost.Nodes, cost.MaxNodes, cost.Usd, cost.MaxUsd));
    }

    [Fact]
    public void OfManifest_Zones_HaveANodeEach() =>
        Assert.Equal(
            3,
            new CostEstimate(Options.Create(new RateCard()))
                .OfManifest(Deployment("gateway", 3, "{requests: {cpu: 100m, memory: 128Mi}}"), Inputs.Profile("mission-critical"), null)!
                .Nodes
        );

    [Fact]
    public void OfManifest_OwnPrices_TakeTheTablesPlace()
    {
        var cost = Of(
            Deployment("gateway", 1, "{requests: {cpu: 250m, memory: 512Mi}}"),
            new RateCard { VcpuMonth = 10, MemoryGibMonth = 1 }
        )!;

        Assert.Equal(24, cost.Usd);
        Assert.Contains("Portal:RateCard", cost.Source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "kind: Deployment\nmetadata: {name: x}\nspec: {replicas: 1, template: {spec: {containers: [{resources: {requests: {cpu: 95}}}]}}}\n"
    )]
    [InlineData("kind: Service\nspec: {type: ClusterIP}\n")]
    [InlineData("not: [a manifest")]
    public void OfManifest_WhatCannotBeReckoned_HasNoPrice(string manifest) => Assert.Null(Of(manifest));

    [Theory]
    [InlineData("1", "1Gi", "")]
    [InlineData("8", "16Gi", "")]
    [InlineData("95", "1Gi", "95 CPU fits no node: the largest that the portal knows, Standard_D96s_v5, has room for 94.8")]
    [InlineData("1", "700Gi", "700 GiB of memory fits no node")]
    public void WhyNot_Pod_NamesTheLargestNode(string cpu, string memory, string says)
    {
        var whyNot = NodeSizes.WhyNot(PodGroup.Quantity(cpu), PodGroup.Quantity(memory));

        Assert.Equal(says.Length == 0, whyNot.Length == 0);
        Assert.Contains(says, whyNot, StringComparison.Ordinal);
    }

    [Fact]
    public void All_Sizes_LeaveLessForPodsThanTheyHave() =>
        Assert.All(
            NodeSizes.All,
            n => Assert.True(n.PodCpu < n.Vcpu && n.PodMemoryGiB < n.MemoryGiB && n.UsdHour > 0 && n.Source.Length > 0, n.Name)
        );

    private static MonthlyCost? Of(string manifest, RateCard? card = null) =>
        new CostEstimate(Options.Create(card ?? new())).OfManifest(manifest, Inputs.Profile("dev"), null);

    private static string Deployment(string name, int pods, string resources) =>
        $"kind: Deployment\nmetadata: {{name: {name}}}\nspec: {{replicas: {pods}, template: {{spec: {{containers: [{{name: {name}, resources: {resources}}}]}}}}}}\n";
}
