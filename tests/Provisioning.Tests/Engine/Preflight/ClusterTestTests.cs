using Xunit;
using k8s.Models;
using Portkey.Portal.Provisioning.Engine.Preflight;

namespace Portkey.Portal.Provisioning.Tests.Engine.Preflight;

/// <summary>What a cluster has left.</summary>
public sealed class ClusterTestTests
{
    [Fact]
    public void Capacity_OfNodesThatTakePods_CountsWhatPodsOnThemRequest()
    {
        var nodes = new[] { Node("a"), Node("b"), Node("cordoned", cordoned: true), Node("broken", ready: "False") };
        var pods = new[] { Pod("a", "500m", "1Gi"), Pod("b", "1", "512Mi"), Pod("cordoned", "1", "1Gi"), Pod(null, "1", "1Gi") };

        Assert.Equal(
            new ClusterCapacity(4, 2, 8, 1.5m, 32m * (1L << 30), 1.5m * (1L << 30), 2, 220),
            ClusterTest.Capacity(nodes, pods)
        );
    }

    [Fact]
    public void Capacity_OfNothing_IsNothing() =>
        Assert.Equal(new ClusterCapacity(0, 0, 0, 0, 0, 0, 0, 0), ClusterTest.Capacity([], []));

    private static V1Node Node(string name, bool cordoned = false, string ready = "True") =>
        new()
        {
            Metadata = new() { Name = name },
            Spec = new() { Unschedulable = cordoned },
            Status = new()
            {
                Conditions = [new() { Type = "Ready", Status = ready }],
                Allocatable = new Dictionary<string, ResourceQuantity>(StringComparer.Ordinal)
                {
                    ["cpu"] = new("4"),
                    ["memory"] = new("16Gi"),
                    ["pods"] = new("110"),
                },
            },
        };

    private static V1Pod Pod(string? node, string cpu, string memory) =>
        new()
        {
            Metadata = new() { Name = $"pod-on-{node}" },
            Spec = new()
            {
                NodeName = node,
                Containers =
                [
                    new()
                    {
                        Name = "gateway",
                        Resources = new()
                        {
                            Requests = new Dictionary<string, ResourceQuantity>(StringComparer.Ordinal)
                            {
                                ["cpu"] = new(cpu),
                                ["memory"] = new(memory),
                            },
                        },
                    },
                ],
            },
        };
}
