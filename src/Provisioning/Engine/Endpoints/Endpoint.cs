using System.Net;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Engine.Endpoints;

/// <summary>One entry point of a cluster, in its canonical form: other spellings mean the same.</summary>
internal sealed record Endpoint(EndpointKind Kind, string Value)
{
    /// <summary>What an ingress without a host name takes: every host that no other names.</summary>
    public const string AnyHost = "*";

    private const string Wildcard = "*.";

    /// <summary>Of a host name or a wildcard; case and a final dot do not matter.</summary>
    public static Endpoint Host(string name) =>
        new(EndpointKind.Host, name.Trim().TrimEnd('.').ToLowerInvariant() is { Length: > 0 } host ? host : AnyHost);

    /// <summary>Of a load balancer's address and port.</summary>
    public static Endpoint Address(string address, string port, string protocol)
    {
        var text = address.Trim();
        if (IPAddress.TryParse(text, out var ip))
        {
            ip = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
            text = ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{ip}]" : ip.ToString();
        }

        return new(EndpointKind.Address, $"{text.ToLowerInvariant()}:{port}/{Protocol(protocol)}");
    }

    /// <summary>Of a port that every node listens on.</summary>
    public static Endpoint NodePort(string port, string protocol) => new(EndpointKind.NodePort, $"{port}/{Protocol(protocol)}");

    /// <summary>Wildcards that take this host name too, the nearest first; empty for other kinds.</summary>
    public IEnumerable<string> Above()
    {
        for (
            var dot = Kind == EndpointKind.Host ? Value.IndexOf('.', StringComparison.Ordinal) : -1;
            dot >= 0;
            dot = Value.IndexOf('.', dot + 1)
        )
        {
            if (Wildcard + Value[(dot + 1)..] is var wider && wider != Value)
            {
                yield return wider;
            }
        }
    }

    /// <summary>Suffix of every host name under this wildcard, such as <c>.example.com</c>; empty where it is not a wildcard.</summary>
    public string Below => Kind == EndpointKind.Host && Value.StartsWith(Wildcard, StringComparison.Ordinal) ? Value[1..] : "";

    /// <summary>Whether a caller of one may be answered by the other. An explicit host name takes precedence over a rule for what is
    /// not.</summary>
    public bool Overlaps(Endpoint other) =>
        Kind == other.Kind && (Value == other.Value || Above().Contains(other.Value) || other.Above().Contains(Value));

    /// <summary>For people.</summary>
    public override string ToString() =>
        Kind switch
        {
            EndpointKind.Host when Value == AnyHost => "Every host name that nothing else takes",
            EndpointKind.Host => $"Host name {Value}",
            EndpointKind.Address => $"Load balancer address {Value}",
            _ => $"Node port {Value}",
        };

    private static string Protocol(string protocol) => protocol.Length == 0 ? "TCP" : protocol.ToUpperInvariant();
}
