using System.Globalization;
using System.Net;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Host and port that an address names, never the rest of it.</summary>
/// <param name="Host">DNS name in lower case, or an IP address without brackets.</param>
/// <param name="Port">1 to 65535.</param>
public sealed record NetworkAddress(string Host, int Port)
{
    private const int MostText = 500;

    // Ports where an address names none: IANA's list of services, and what each store's own clients assume.
    private static readonly Dictionary<string, int> DefaultPorts = new(StringComparer.Ordinal)
    {
        ["http"] = 80,
        ["https"] = 443,
        ["ws"] = 80,
        ["wss"] = 443,
        ["redis"] = 6379,
        ["rediss"] = 6379,
        ["mongodb"] = 27017,
        ["mongodb+srv"] = 27017,
        ["postgres"] = 5432,
        ["postgresql"] = 5432,
        ["mysql"] = 3306,
        ["clickhouse"] = 9000,
        ["clickhouses"] = 9440,
        ["amqp"] = 5672,
        ["amqps"] = 5671,
        ["nats"] = 4222,
        ["milvus"] = 19530,
        ["grpc"] = 443,
        ["grpcs"] = 443,
    };

    /// <summary>The IP address; null for a name.</summary>
    public IPAddress? Ip => IPAddress.TryParse(Host, out var ip) ? ip : null;

    /// <summary><c>cache.example.com:6380</c>, IPv6 as <c>[fd00::1]:6380</c>.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>
    /// Hosts and ports of a URL; several for the seeds of a MongoDB replica set, none where it is no URL of a known kind. An address that
    /// could be read in two ways names nothing, since one of them could take a part of a password for a host.
    /// </summary>
    public static IReadOnlyList<NetworkAddress> OfUrl(string url)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme <= 0 || !DefaultPorts.TryGetValue(url[..scheme].ToLowerInvariant(), out var port))
        {
            return [];
        }

        var rest = url[(scheme + 3)..];
        var end = rest.AsSpan().IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        var at = authority.IndexOf('@', StringComparison.Ordinal);
        if (rest.AsSpan(at + 1).Contains('@'))
        {
            return [];
        }

        var found = authority[(at + 1)..].Split(',').Select(h => OfHost(h, port)).ToList();
        return found.Contains(null) ? [] : [.. found.OfType<NetworkAddress>()];
    }

    /// <summary><c>host</c>, <c>host:port</c>, <c>[v6]:port</c>; null for anything else.</summary>
    public static NetworkAddress? OfHost(string text, int defaultPort)
    {
        var (host, port) = (text.Trim(), defaultPort);
        var colon = host.LastIndexOf(':');
        if (colon > host.LastIndexOf(']') && (host.StartsWith('[') || host.IndexOf(':', StringComparison.Ordinal) == colon))
        {
            if (!int.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
            {
                return null;
            }

            host = host[..colon];
        }

        host = (host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host).TrimEnd('.').ToLowerInvariant();

        // What resolvers accept as an address (0x7f.1, 2130706433) is one, and is normalised.
        return IPAddress.TryParse(host, out var ip) ? new((ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString(), port)
            : host.Length is > 0 and <= 253
            && host.Split('.').All(l => l.Length is > 0 and <= 63 && l.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                ? new(host, port)
            : null;
    }

    /// <summary>Several as one text to keep, with commas between; null for none. What is longer than 500 characters is not kept.</summary>
    public static string? Join(IEnumerable<NetworkAddress> addresses) =>
        string.Join(',', addresses) is { Length: > 0 and <= MostText } text ? text : null;

    /// <summary>What <see cref="Join"/> wrote.</summary>
    public static IReadOnlyList<NetworkAddress> Split(string? text) =>
        [.. (text ?? "").Split(',').Select(t => OfHost(t, 0)).OfType<NetworkAddress>().Where(a => a.Port > 0)];
}
