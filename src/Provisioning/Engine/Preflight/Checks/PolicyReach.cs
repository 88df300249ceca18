using System.Net;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>
/// What the NetworkPolicies of some manifests let pods call by address: the union of their egress rules, as Kubernetes has it. Rules by
/// pods and namespaces are left out, and so is a policy for some pods only, since neither opens an address to all of the gateway.
/// </summary>
internal sealed class PolicyReach
{
    private readonly List<(IPNetwork Range, List<IPNetwork> Except, List<(int First, int Last)> Ports)> rules = [];

    private PolicyReach() { }

    /// <summary>Reads; null where no policy limits egress.</summary>
    public static PolicyReach? Of(IReadOnlyList<JsonObject> objects)
    {
        var policies = objects
            .Where(o => o["kind"]?.ToString() == "NetworkPolicy")
            .Select(o => o["spec"] as JsonObject)
            .OfType<JsonObject>()
            .Where(s => (s["policyTypes"] as JsonArray)?.Any(t => t?.ToString() == "Egress") ?? s.ContainsKey("egress"))
            .ToList();
        if (policies.Count == 0)
        {
            return null;
        }

        var reach = new PolicyReach();
        foreach (
            var rule in policies
                .Where(s => s["podSelector"] is JsonObject { Count: 0 })
                .SelectMany(s => (s["egress"] as JsonArray ?? []).OfType<JsonObject>())
        )
        {
            // No ports means all ports, no peers means all peers.
            var ports = (rule["ports"] as JsonArray)
                ?.OfType<JsonObject>()
                .Where(p => p["protocol"] is null || p["protocol"]!.ToString() == "TCP")
                .Select(Ports)
                .OfType<(int, int)>()
                .ToList();
            ports = rule["ports"] is JsonArray { Count: > 0 } ? ports! : [(1, 65535)];
            if (rule["to"] is not JsonArray { Count: > 0 } to)
            {
                reach.rules.Add((IPNetwork.Parse("0.0.0.0/0"), [], ports));
                reach.rules.Add((IPNetwork.Parse("::/0"), [], ports));
                continue;
            }

            foreach (var block in to.Select(t => t?["ipBlock"] as JsonObject).OfType<JsonObject>())
            {
                if (IPNetwork.TryParse(block["cidr"]?.ToString(), out var range))
                {
                    reach.rules.Add((range, [.. (block["except"] as JsonArray ?? []).Select(e => IPNetwork.Parse(e!.ToString()))], ports));
                }
            }
        }

        return reach;
    }

    /// <summary>Whether a connection is let through.</summary>
    public bool Covers(IPAddress address, int port) =>
        rules.Exists(r => r.Range.Contains(address) && !r.Except.Exists(e => e.Contains(address)) && Has(r.Ports, port));

    /// <summary>Whether the port is open to all IPv4 addresses except those excluded.</summary>
    public bool IsAnywhere(int port) =>
        rules.Exists(r =>
            r.Range is { PrefixLength: 0, BaseAddress.AddressFamily: System.Net.Sockets.AddressFamily.InterNetwork } && Has(r.Ports, port)
        );

    /// <summary>Whether the port is open to anything.</summary>
    public bool IsSomewhere(int port) => rules.Exists(r => Has(r.Ports, port));

    private static bool Has(List<(int First, int Last)> ports, int port) => ports.Exists(p => port >= p.First && port <= p.Last);

    private static (int, int)? Ports(JsonObject port) =>
        port["port"] is null ? (1, 65535)
        : int.TryParse(port["port"]!.ToString(), out var first)
            ? (first, int.TryParse(port["endPort"]?.ToString(), out var last) ? last : first)
        : null;
}
