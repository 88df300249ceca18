using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>
/// The only way preflight connects to what users name. It decides on the addresses that a name resolves to at the moment of
/// connecting, and connects to exactly those, so that a name cannot change in between.
/// </summary>
public sealed class OutboundGuard : IOutboundHttp
{
    // Not for users to reach through the portal: its own machine, its link, the cloud's metadata and platform services, unusable addresses.
    private static readonly (IPNetwork Range, string What)[] Refused =
    [
        (IPNetwork.Parse("0.0.0.0/8"), "no host's address"),
        (IPNetwork.Parse("127.0.0.0/8"), "loopback"),
        (IPNetwork.Parse("169.254.0.0/16"), "link-local, where clouds keep their metadata"),
        (IPNetwork.Parse("168.63.129.16/32"), "Azure's own platform address"),
        (IPNetwork.Parse("100.100.100.200/32"), "a cloud's metadata address"),
        (IPNetwork.Parse("192.0.0.192/32"), "a cloud's metadata address"),
        (IPNetwork.Parse("224.0.0.0/4"), "multicast"),
        (IPNetwork.Parse("240.0.0.0/4"), "reserved"),
        (IPNetwork.Parse("::/128"), "no host's address"),
        (IPNetwork.Parse("::1/128"), "loopback"),
        (IPNetwork.Parse("fe80::/10"), "link-local"),
        (IPNetwork.Parse("fec0::/10"), "link-local"),
        (IPNetwork.Parse("fd00:ec2::/32"), "a cloud's metadata address"),
        (IPNetwork.Parse("ff00::/8"), "multicast"),
    ];

    /// <summary>Ranges that are never called for users, CIDR.</summary>
    internal static IReadOnlyList<string> RefusedRanges { get; } = [.. Refused.Select(r => r.Range.ToString())];

    private readonly IPNetwork[] allowed;

    /// <summary>Makes it.</summary>
    public OutboundGuard(IOptions<PreflightOptions> options) => allowed = [.. options.Value.AllowedRanges.Select(IPNetwork.Parse)];

    /// <summary>Addresses of a host, every one of them fit to be called.</summary>
    /// <exception cref="AddressRefusedException">One of them is not.</exception>
    /// <exception cref="SocketException">The name is not known.</exception>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        // 2130706433 or 0x7f.1 is an address too, and parsed as one.
        var bare = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        IPAddress[] found = IPAddress.TryParse(bare, out var address)
            ? [address]
            : await Dns.GetHostAddressesAsync(bare, cancellationToken);
        foreach (var one in found)
        {
            if (WhyRefused(one) is { } why)
            {
                throw new AddressRefusedException(host, one, why);
            }
        }

        // Where the machine has no IPv6, the IPv4 address that is meant can still be called.
        return [.. found.Select(a => a.IsIPv4MappedToIPv6 ? a.MapToIPv4() : a)];
    }

    /// <summary>A connected socket, to the first of the host's addresses that answers.</summary>
    public async Task<Socket> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(host, cancellationToken);
        SocketException? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
                return socket;
            }
            catch (SocketException problem)
            {
                socket.Dispose();
                last = problem;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    /// <summary>For HTTP: guarded, without redirects, proxies or cookies.</summary>
    public SocketsHttpHandler Handler() =>
        new()
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            MaxResponseHeadersLength = 64,
            SslOptions = Tls(targetHost: null),
            ConnectCallback = async (context, cancellationToken) =>
                new NetworkStream(
                    await ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken),
                    ownsSocket: true
                ),
        };

    HttpMessageHandler IOutboundHttp.Handler() => Handler();

    /// <summary>A stream to the host, over TLS where wanted.</summary>
    public async Task<Stream> OpenAsync(string host, int port, bool isTls, CancellationToken cancellationToken)
    {
        var stream = new NetworkStream(await ConnectAsync(host, port, cancellationToken), ownsSocket: true);
        if (!isTls)
        {
            return stream;
        }

        var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(Tls(host), cancellationToken);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    /// <summary>TLS that fetches nothing from addresses in the other side's certificate.</summary>
    public static SslClientAuthenticationOptions Tls(string? targetHost) =>
        new()
        {
            TargetHost = targetHost,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = new X509ChainPolicy
            {
                DisableCertificateDownloads = true,
                RevocationMode = X509RevocationMode.NoCheck,
            },
        };

    private string? WhyRefused(IPAddress address)
    {
        var plain = Unwrap(address);
        return allowed.Any(a => a.Contains(plain))
            ? null
            : Refused.Where(r => r.Range.Contains(plain)).Select(r => r.What).FirstOrDefault();
    }

    // An IPv4 address inside an IPv6 one reaches the IPv4 host: mapped (::ffff:a.b.c.d), compatible (::a.b.c.d), NAT64 (64:ff9b::/96), 6to4
    // (2002::/16).
    private static IPAddress Unwrap(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        var bytes = address.GetAddressBytes();
        var isCompatible = bytes.AsSpan(0, 12).IndexOfAnyExcept((byte)0) < 0 && bytes.AsSpan(12, 3).IndexOfAnyExcept((byte)0) >= 0;
        ReadOnlySpan<byte> nat64 = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];
        return isCompatible || bytes.AsSpan(0, 12).SequenceEqual(nat64) ? new IPAddress(bytes.AsSpan(12, 4))
            : bytes[0] == 0x20 && bytes[1] == 0x02 ? new IPAddress(bytes.AsSpan(2, 4))
            : new IPAddress(bytes); // without a scope, which would keep it out of every range
    }
}

/// <summary>A host has an address that the portal does not call for users.</summary>
public sealed class AddressRefusedException(string host, IPAddress address, string what)
    : OutboundRefusedException(
        host == address.ToString()
            ? $"{host} is {what}, which the portal does not call."
            : $"{host} resolves to {address}, which is {what}; the portal does not call it."
    );
