using System.Text.Json.Nodes;
using k8s.Models;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>Kubernetes quantities, such as <c>250m</c> and <c>2Gi</c>, of rendered objects and of what a cluster answers.</summary>
internal static class Quantities
{
    /// <summary>As a number, in cores or bytes; null for nothing and for what is not a quantity.</summary>
    public static decimal? Read(JsonNode? node)
    {
        try
        {
            return node?.ToString() is { Length: > 0 } text ? new ResourceQuantity(text).ToDecimal() : null;
        }
        catch (Exception problem) when (problem is FormatException or ArgumentException or OverflowException)
        {
            return null;
        }
    }
}
