using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>
/// Whether the gateway's pods fit the nodes of a cluster as they were last seen, empty. Labels, taints and what runs there already only
/// preflight sees, which looks at the cluster itself. Pure.
/// </summary>
internal static class NodeFit
{
    public static void Judge(
        EnvironmentSpec spec,
        Profile profile,
        string cluster,
        IReadOnlyList<NodeRoom> nodes,
        List<FieldProblem> problems,
        List<FindingView> findings
    )
    {
        if (
            nodes.Count == 0
            || WorkloadRules.Amount(spec.Resources?.CpuRequest ?? profile.CpuRequest) is not { } cpu
            || WorkloadRules.Amount(spec.Resources?.MemoryRequest ?? profile.MemoryRequest) is not { } memory
            || cpu <= 0
            || memory <= 0
        )
        {
            return; // not known, or refused already
        }

        var asked = $"{NodeSizes.Number(cpu)} CPU and {NodeSizes.Number(memory / NodeSizes.GiB)} GiB of memory";
        if (!nodes.Any(n => n.Cpu >= cpu && n.Memory >= memory))
        {
            var largest = nodes.Select(n => $"{NodeSizes.Number(n.Cpu)} CPU and {NodeSizes.Number(n.Memory / NodeSizes.GiB)} GiB").First();
            problems.Add(
                new(
                    spec.Resources is null ? "profile"
                        : nodes.Any(n => n.Cpu >= cpu) ? "spec.resources.memoryRequest"
                        : "spec.resources.cpuRequest",
                    $"A pod requests {asked}, and no node of {cluster} is large enough: the largest has {largest} for pods. Ask for less per pod, or choose another cluster."
                )
            );
            return;
        }

        var most = spec.Autoscaling?.Max ?? spec.Replicas ?? profile.MaxReplicas;
        var room = nodes.Sum(n => n.Count * (int)Math.Min(10_000, Math.Min(n.Cpu / cpu, n.Memory / memory)));
        if (room < most)
        {
            findings.Add(
                new(
                    Severity.Warning,
                    "capacity",
                    spec.Autoscaling is not null ? "spec.autoscaling.max"
                        : spec.Replicas is not null ? "spec.replicas"
                        : "profile",
                    $"There may be {Plural.Of(most, "pod")} of {asked}, and the nodes of {cluster}, if empty, hold {room}. Pods without room stay Pending, unless the cluster adds nodes."
                )
            );
        }
    }
}
