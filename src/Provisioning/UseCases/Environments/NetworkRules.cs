using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Rules for how MCP is reached, for load balancers inside a virtual network, and for what the gateway may call. Pure.</summary>
internal static class NetworkRules
{
    public static void Judge(SpecCandidate candidate, List<FieldProblem> problems, List<FindingView> findings)
    {
        var network = candidate.Spec.Network;
        if (network.InternalLoadBalancer && network.Exposure != Exposure.LoadBalancer)
        {
            problems.Add(
                new(
                    "spec.network.internalLoadBalancer",
                    "This applies to exposure loadBalancer only. Leave it out, or choose loadBalancer."
                )
            );
        }

        if (!string.IsNullOrEmpty(network.McpHost))
        {
            Mcp(candidate, network.McpHost, problems);
        }

        for (var i = 0; i < network.Providers.Count; i++)
        {
            if (!candidate.KnownProviders.Contains(network.Providers[i]))
            {
                problems.Add(
                    new(
                        $"spec.network.providers[{i}]",
                        candidate.KnownProviders.Count == 0
                            ? "Administrators keep no address ranges of providers here (Portal:EgressProviders). Give ranges under egress."
                            : $"There are address ranges for {string.Join(", ", candidate.KnownProviders.Order(StringComparer.Ordinal))} only. Choose from these, or give ranges under egress."
                    )
                );
            }
        }

        EgressRules.Judge(candidate, problems, findings);
        Inbound(network, problems, findings);
    }

    // Never by default and never silently: approvers see how the control plane gets in.
    private static void Inbound(NetworkSpec network, List<FieldProblem> problems, List<FindingView> findings)
    {
        const string Field = "spec.network.controlPlaneInbound";
        var (how, ranges) = (network.ControlPlaneInbound, network.ControlPlaneRanges);
        for (var i = 0; i < ranges.Count; i++)
        {
            if (!EgressRule.IsRange(ranges[i]) || ranges[i].EndsWith("/0", StringComparison.Ordinal))
            {
                problems.Add(
                    new(
                        $"spec.network.controlPlaneRanges[{i}]",
                        "Use a CIDR range of the control plane, such as 203.0.113.0/28; not every address."
                    )
                );
            }
        }

        if (ranges.Count > 0 && how is ControlPlaneInbound.None or ControlPlaneInbound.PrivateLink)
        {
            problems.Add(
                new("spec.network.controlPlaneRanges", "These have no effect: choose addresses or peering, or leave the ranges out.")
            );
        }

        if (how == ControlPlaneInbound.None)
        {
            return;
        }

        if (network.Exposure == Exposure.Internal)
        {
            problems.Add(
                new(Field, "Nothing outside the cluster reaches the gateway. Choose exposure loadBalancer or ingress, or none here.")
            );
        }
        else if (how == ControlPlaneInbound.PrivateLink && !(network.Exposure == Exposure.LoadBalancer && network.InternalLoadBalancer))
        {
            problems.Add(
                new(
                    Field,
                    "A private link service stands in front of an internal load balancer. Choose exposure loadBalancer with internalLoadBalancer."
                )
            );
        }
        else if (how == ControlPlaneInbound.Peering && network.Exposure == Exposure.LoadBalancer && !network.InternalLoadBalancer)
        {
            problems.Add(new(Field, "A peered network reaches an internal load balancer. Set internalLoadBalancer, or choose addresses."));
        }
        else if (how == ControlPlaneInbound.Addresses && ranges.Count == 0)
        {
            problems.Add(
                new(
                    "spec.network.controlPlaneRanges",
                    "List the addresses that the control plane calls from; Portkey names them for your account."
                )
            );
        }
        else
        {
            findings.Add(
                new(
                    Severity.Info,
                    "validation",
                    Field,
                    how switch
                    {
                        ControlPlaneInbound.PrivateLink =>
                            "Portkey's control plane calls in through a private link service, which Azure makes in front of the load balancer. Approve its connection there.",
                        ControlPlaneInbound.Peering =>
                            $"Portkey's control plane calls in through a peered network{(ranges.Count > 0 ? $", from {string.Join(", ", ranges)}" : "")}.",
                        _ =>
                            $"Portkey's control plane calls in over the internet, from {string.Join(", ", ranges)}.{(network.Exposure == Exposure.Ingress ? " The ingress controller must let these through; the portal does not configure it." : "")}",
                    }
                )
            );
        }
    }

    private static void Mcp(SpecCandidate candidate, string host, List<FieldProblem> problems)
    {
        if (candidate.Spec.Network.Exposure != Exposure.Ingress || SpecValidator.Value(candidate.Spec)("SERVER_MODE") != "all")
        {
            problems.Add(
                new("spec.network.mcpHost", "A host name for MCP needs exposure ingress and SERVER_MODE all. Leave it out, or set both.")
            );
        }
        else if (
            host.Length > 253
            || !host.Contains('.', StringComparison.Ordinal)
            || !host.Split('.').All(SettingPatterns.IsDnsLabel)
            || host == candidate.Spec.Network.Host
        )
        {
            problems.Add(
                new("spec.network.mcpHost", "Use a full DNS name in lower case other than the gateway's own, such as mcp.example.com.")
            );
        }
        else if (candidate.Chart is { } chart && !chart.Facts.Accepts("ingress.hostBased"))
        {
            problems.Add(
                new(
                    "spec.network.mcpHost",
                    $"Chart {chart.Name} gives MCP no host name of its own. Leave it out, or choose another chart version."
                )
            );
        }
    }
}
