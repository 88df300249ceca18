using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>One opening of the gateway's NetworkPolicies.</summary>
/// <param name="Name">DNS label of at most 23 characters, unique among those of an environment: reason and port.</param>
/// <param name="Cidr">Range.</param>
/// <param name="Except">What of the range stays closed.</param>
/// <param name="Port">Port; null for every port.</param>
/// <param name="LastPort">End of a range of ports; null for the one.</param>
/// <param name="Why">Setting for which it is open; empty for what the spec lists, and for providers.</param>
public sealed record EgressOpening(string Name, string Cidr, IReadOnlyList<string> Except, int? Port, int? LastPort, string Why)
{
    private readonly IPNetwork range = IPNetwork.Parse(Cidr);
    private readonly IPNetwork[] except = [.. Except.Select(IPNetwork.Parse)];

    /// <summary>Whether it lets a connection to this address through.</summary>
    public bool Covers(IPAddress address, int port) =>
        HasPort(port) && range.Contains(address) && !Array.Exists(except, e => e.Contains(address));

    /// <summary>Whether it opens this port somewhere.</summary>
    public bool HasPort(int port) => Port is not { } first || (port >= first && port <= (LastPort ?? first));

    /// <summary>Whether its range is one of private addresses only (RFC 1918, RFC 6598, RFC 4193).</summary>
    public bool IsPrivate => Array.Exists(Private, p => p.PrefixLength <= range.PrefixLength && p.Contains(range.BaseAddress));

    private static readonly IPNetwork[] Private =
    [
        .. new[] { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7" }.Select(IPNetwork.Parse),
    ];
}

/// <summary>What the gateway may call: what the spec lists, and what the spec itself needs. Pure; renderer, findings and preflight read the
/// same plan.</summary>
public static class EgressPlan
{
    /// <summary>Addresses that no spec opens by naming them: the node's own link and clouds' platform services, where identities and
    /// machine settings are handed out.</summary>
    public static IReadOnlyList<string> NodeAddresses { get; } =
    ["169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32", "fe80::/10", "fd00:ec2::/32"];

    private const string AnyV4 = "0.0.0.0/0";
    private const int LongestName = 23;
    private static readonly IPNetwork[] Nodes = [.. NodeAddresses.Select(IPNetwork.Parse)];

    /// <summary>Whether any address may be called on some port: nothing is listed, or everything is.</summary>
    public static bool IsOpen(NetworkSpec network) =>
        (network.Egress.Count == 0 && network.Providers.Count == 0)
        || network.Egress.Select(EgressRule.TryParse).Any(r => r is { Cidr: AnyV4 or "::/0" });

    /// <summary>Whether it is an address that no spec opens.</summary>
    public static bool IsNodeAddress(IPAddress address) =>
        Array.Exists(Nodes, n => n.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));

    /// <summary>Whether all of a range is such addresses.</summary>
    public static bool IsNodeRange(string cidr) =>
        IPNetwork.TryParse(cidr, out var range)
        && Array.Exists(Nodes, n => n.PrefixLength <= range.PrefixLength && n.Contains(range.BaseAddress));

    /// <summary>The openings, listed ones first.</summary>
    /// <param name="network">Network of the spec.</param>
    /// <param name="providers">Ranges by provider.</param>
    /// <param name="needs">What the spec needs to call.</param>
    public static IReadOnlyList<EgressOpening> Of(
        NetworkSpec network,
        IReadOnlyDictionary<string, string[]> providers,
        IReadOnlyList<EgressNeed> needs
    )
    {
        var openings =
            network.Egress.Count == 0 && network.Providers.Count == 0
                ? [Opening("https", AnyV4, 443, null, "")]
                : Listed(network, providers);
        var isOpen = IsOpen(network);
        foreach (var need in needs)
        {
            var (ip, port, why) = (need.Address.Ip, need.Address.Port, need.Setting);
            if (need.Place == EgressPlace.NodeLink)
            {
                Add(new(Name(need), $"{need.Address.Host}/32", [], port, null, why));
            }
            else if (isOpen && ip is { } address)
            {
                if (!IsNodeAddress(address) && !IPAddress.IsLoopback(address) && !openings.Exists(o => o.Covers(address, port)))
                {
                    Add(
                        Opening(
                            Name(need),
                            $"{address}/{(address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32)}",
                            port,
                            need.LastPort,
                            why
                        )
                    );
                }
            }
            else if (
                isOpen
                && IsOutside(need.Address.Host)
                && !openings.Exists(o => o.Cidr == AnyV4 && o.HasPort(port) && o.HasPort(need.LastPort ?? port))
            )
            {
                Add(Opening(Name(need), AnyV4, port, need.LastPort, why));
            }
        }

        return openings;

        void Add(EgressOpening one)
        {
            if (!openings.Exists(o => o.Cidr == one.Cidr && o.Port == one.Port && o.LastPort == one.LastPort))
            {
                var name = one.Name;
                for (var n = 2; openings.Exists(o => o.Name == name); n++)
                {
                    name = $"{one.Name[..Math.Min(one.Name.Length, LongestName - 3)]}-{n}";
                }

                openings.Add(one with { Name = name });
            }
        }
    }

    /// <summary>Whether a name is outside the environment's own namespace, whose pods may call each other anyway.</summary>
    public static bool IsOutside(string host) =>
        host.Contains('.', StringComparison.Ordinal) || host.Contains(':', StringComparison.Ordinal);

    /// <summary>Whether a name is that of a Service of the cluster. NetworkPolicies see the pods behind it, and the port on which these
    /// listen.</summary>
    public static bool IsClusterService(string host) =>
        host.EndsWith(".svc", StringComparison.Ordinal) || host.EndsWith(".cluster.local", StringComparison.Ordinal);

    private static List<EgressOpening> Listed(NetworkSpec network, IReadOnlyDictionary<string, string[]> providers) =>
        [
            .. network
                .Egress.Concat(network.Providers.SelectMany(p => providers.GetValueOrDefault(p, [])))
                .Distinct(StringComparer.Ordinal)
                .Select(EgressRule.TryParse)
                .OfType<EgressRule>()
                .Where(r => !IsNodeRange(r.Cidr))
                .Select((r, n) => Opening($"rule-{n + 1}", r.Cidr, r.Port, null, "")),
        ];

    // A range that holds the node's addresses leaves them out.
    private static EgressOpening Opening(string name, string cidr, int? port, int? lastPort, string why)
    {
        var range = IPNetwork.Parse(cidr);
        return new(
            name,
            cidr,
            [.. NodeAddresses.Where((_, i) => Nodes[i].PrefixLength > range.PrefixLength && range.Contains(Nodes[i].BaseAddress))],
            port,
            lastPort,
            why
        );
    }

    private static string Name(EgressNeed need) => $"{need.Reason}-{need.Address.Port.ToString(CultureInfo.InvariantCulture)}";
}
