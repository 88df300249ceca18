using System.Net;
using System.Net.Sockets;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>
/// The NetworkPolicies that will be applied let the gateway reach each address that its spec needs, by the addresses that names resolve
/// to and by the secrets' own values. The policies are read from the manifests, so what is judged is what is applied.
/// </summary>
internal sealed class EgressCheck(PreflightOptions options) : IPreflightCheck
{
    public string Id => "egress";

    public string Title => "Network policies let it through";

    public LookedFrom From => LookedFrom.Portal;

    public bool IsOfTheNetwork => true;

    public bool AppliesTo(PreflightSubject subject) => Needs(subject).Known.Count > 0;

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var outlook = Needs(subject);
        if (PolicyReach.Of(subject.Objects) is not { } reach)
        {
            return Verdict.Pass("No network policy limits what the gateway may call.") with { From = LookedFrom.Computed };
        }

        var looked = await Task.WhenAll(
            outlook.Known.Where(n => EgressPlan.IsOutside(n.Address.Host)).Select(n => LookAsync(n, reach, cancellationToken))
        );
        var closed = looked.Where(l => l.State == State.Closed).Select(l => l.EnumNames).ToList();
        var refused = looked.Where(l => l.State == State.Refused).Select(l => l.EnumNames).ToList();
        var unknown = looked
            .Where(l => l.State == State.Unknown)
            .Select(l => l.EnumNames)
            .Concat(outlook.Unknown.Select(k => $"{k}"))
            .ToList();
        return closed.Count + refused.Count > 0
                ? Verdict.Fail(
                    $"Looked up from the portal. {string.Join("; ", refused.Concat(closed))}.",
                    "Add their ranges with their ports to the addresses that the gateway may call, or store the secret again with the right address, and propose it again.",
                    "egress-closed"
                )
            : unknown.Count > 0
                ? Verdict.Warn(
                    $"Whether the network policies let the gateway through to these cannot be told from the portal: {string.Join(", ", unknown)}.",
                    "Have the portal resolve the names, or make sure that they lead into the ranges that the gateway may call."
                )
            : Verdict.Pass($"Open, by the portal's own look-ups: {string.Join(", ", looked.Select(l => l.EnumNames))}.");
    }

    private EgressOutlook Needs(PreflightSubject subject) => NeedsOf(subject, options);

    /// <summary>What the spec needs to call, by its secrets' own values where they could be read.</summary>
    public static EgressOutlook NeedsOf(PreflightSubject subject, PreflightOptions options) =>
        EgressNeeds.Of(
            subject.Spec,
            subject.Pins.ToDictionary(
                p => p.Key,
                p => subject.Secrets.ContainsKey(p.Key) ? EgressNeeds.AddressOf(subject.Secret(p.Key)) ?? "" : p.Value.Address ?? "",
                StringComparer.Ordinal
            ),
            options.Services
        );

    private static async Task<(State State, string EnumNames)> LookAsync(
        EgressNeed need,
        PolicyReach reach,
        CancellationToken cancellationToken
    )
    {
        var port = need.Address.Port;
        if (need.Address.Ip is { } ip)
        {
            return Judge(need, [ip], reach);
        }

        try
        {
            var found = await Dns.GetHostAddressesAsync(need.Address.Host, cancellationToken);
            return found.Length > 0 ? Judge(need, found, reach) : NotKnown();
        }
        catch (SocketException)
        {
            return NotKnown();
        }

        // Where every address is open on this port, it does not matter which one the name resolves to.
        (State, string) NotKnown() =>
            reach.IsAnywhere(port) ? (State.Open, need.ToString())
            : !reach.IsSomewhere(port) ? (State.Closed, $"{need}: no network policy opens port {port}")
            : (State.Unknown, $"{need}, whose name is not known here");
    }

    private static (State, string) Judge(EgressNeed need, IPAddress[] found, PolicyReach reach)
    {
        var plain = found.Select(a => a.IsIPv4MappedToIPv6 ? a.MapToIPv4() : a).ToList();
        if (need.Place != EgressPlace.NodeLink && plain.Find(EgressPlan.IsNodeAddress) is { } node)
        {
            return (State.Refused, $"{need} leads to {node}, the node's own link or a cloud's platform address");
        }

        // Within a pod, as to a sidecar of the gateway, no network policy applies.
        if (plain.TrueForAll(IPAddress.IsLoopback))
        {
            return (State.Open, $"{need}, within the pod itself");
        }

        // Clients try the next address where one does not answer, and nodes without IPv6 call no IPv6 address.
        var v4 = plain.Where(a => a.AddressFamily == AddressFamily.InterNetwork).ToList();
        var closed = (v4.Count > 0 ? v4 : plain).Where(a => !reach.Covers(a, need.Address.Port)).ToList();
        return closed.Count == 0
            ? (State.Open, $"{need}")
            : (
                State.Closed,
                $"{need} is closed: {string.Join(", ", closed.Take(3))}{(closed.Count > 3 ? " and more" : "")} on port {need.Address.Port} in no range that a network policy opens"
            );
    }

    private enum State
    {
        Open,
        Closed,
        Refused,
        Unknown,
    }
}
