using System.Globalization;
using CsvHelper.Configuration.Attributes;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>A size of node that a cluster may have, a row of <c>node-sizes.csv</c>.</summary>
/// <param name="Name">As the cloud names it.</param>
/// <param name="Vcpu">vCPU.</param>
/// <param name="MemoryGiB">GiB of memory.</param>
/// <param name="PodCpu">Cores that are left for pods: less what AKS reserves
/// (https://learn.microsoft.com/azure/aks/node-resource-reservations) and 0.3 for its own pods on each node.</param>
/// <param name="PodMemoryGiB">GiB left in the same way, with 110 pods per node and 0.4 for its own pods.</param>
/// <param name="UsdHour">US dollars an hour.</param>
/// <param name="Source">Where the price is from.</param>
public sealed record NodeSize(string Name, int Vcpu, int MemoryGiB, decimal PodCpu, decimal PodMemoryGiB, decimal UsdHour, string Source)
{
    /// <summary>Whether a pod with these requests finds room on an empty one.</summary>
    /// <param name="cpu">Cores.</param>
    /// <param name="memory">Bytes.</param>
    public bool Fits(decimal cpu, decimal memory) => cpu <= PodCpu && memory <= PodMemoryGiB * NodeSizes.GiB;
}

/// <summary>Sizes of nodes that the portal calculates with. Pure.</summary>
public static class NodeSizes
{
    /// <summary>Bytes.</summary>
    public const decimal GiB = 1024m * 1024 * 1024;

    /// <summary>All, in the order of the table.</summary>
    public static IReadOnlyList<NodeSize> All { get; } = Load();

    /// <summary>Why a pod fits none of them, and what there is; empty where it fits one.</summary>
    /// <param name="cpu">Cores that it requests.</param>
    /// <param name="memory">Bytes that it requests.</param>
    public static string WhyNot(decimal cpu, decimal memory)
    {
        if (All.Any(n => n.Fits(cpu, memory)))
        {
            return "";
        }

        var (most, widest) = (All.Max(n => n.PodCpu), All.Max(n => n.PodMemoryGiB));
        var room = All.Where(n => cpu <= n.PodCpu).MaxBy(n => n.PodMemoryGiB);
        return cpu > most
                ? $"A pod that requests {Number(cpu)} CPU fits no node: the largest that the portal knows, {All.MaxBy(n => n.PodCpu)!.Name}, has room for {Number(most)}. Ask for less per pod, and for more pods."
            : memory > widest * GiB
                ? $"A pod that requests {Number(memory / GiB)} GiB of memory fits no node: the largest that the portal knows, {All.MaxBy(n => n.PodMemoryGiB)!.Name}, has room for {Number(widest)} GiB. Ask for less per pod, and for more pods."
            : $"A pod that requests {Number(cpu)} CPU and {Number(memory / GiB)} GiB of memory fits no node: of those with enough CPU, {room!.Name} has the most memory, {Number(room.PodMemoryGiB)} GiB. Ask for less of one of them.";
    }

    /// <summary>As people write it, with at most two decimals.</summary>
    internal static string Number(decimal amount) => amount.ToString("0.##", CultureInfo.InvariantCulture);

    private static List<NodeSize> Load() =>
        [
            .. EmbeddedTable
                .Rows<Row>("node-sizes.csv")
                .Select(r => new NodeSize(r.Name, r.Vcpu, r.MemoryGiB, r.PodCpu, r.PodMemoryGiB, r.UsdHour, r.Source)),
        ];

    private sealed class Row
    {
        [Name("name")]
        public string Name { get; init; } = "";

        [Name("vcpu")]
        public int Vcpu { get; init; }

        [Name("memory_gib")]
        public int MemoryGiB { get; init; }

        [Name("pod_cpu")]
        public decimal PodCpu { get; init; }

        [Name("pod_memory_gib")]
        public decimal PodMemoryGiB { get; init; }

        [Name("usd_hour")]
        public decimal UsdHour { get; init; }

        [Name("source")]
        public string Source { get; init; } = "";
    }
}
