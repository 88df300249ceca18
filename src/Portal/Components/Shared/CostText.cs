using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Web.Components.Shared;

/// <summary>A monthly cost as people read it.</summary>
public static class CostText
{
    /// <summary>Such as <c>$186 a month, up to $618</c>.</summary>
    public static string Of(MonthlyCost? cost) => cost is null ? "not known" : $"${cost.Usd} a month{UpTo(cost)}";

    /// <summary>Such as <c>, up to $618</c>; empty where it is always the same.</summary>
    public static string UpTo(MonthlyCost cost) => cost.MaxUsd > cost.Usd ? $", up to ${cost.MaxUsd}" : "";

    /// <summary>The assumptions, such as <c>3 nodes Standard_F2s_v2 (2 vCPU, 4 GiB)</c>.</summary>
    public static string Nodes(MonthlyCost cost) =>
        $"{cost.Nodes}{(cost.MaxNodes > cost.Nodes ? $" to {cost.MaxNodes}" : "")} {Plural.Word(cost.MaxNodes, "node")} {cost.Node} ({cost.NodeVcpu} vCPU, {cost.NodeMemoryGiB} GiB){(cost.LoadBalancerUsd > 0 ? $", load balancer ${cost.LoadBalancerUsd}" : "")}";
}
