using System.Net;
using StackExchange.Redis.Configuration;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>Routes the Redis library through <see cref="OutboundGuard"/>: it connects only to what the guard has checked.</summary>
internal sealed class GuardedTunnel(OutboundGuard guard) : Tunnel
{
    /// <summary>The guard's refusal, if any.</summary>
    public AddressRefusedException? Refused { get; private set; }

    public override async ValueTask<EndPoint?> GetSocketConnectEndpointAsync(EndPoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            var (host, port) = endpoint switch
            {
                DnsEndPoint dns => (dns.Host, dns.Port),
                IPEndPoint ip => (ip.Address.ToString(), ip.Port),
                _ => throw new NotSupportedException("Redis is reached by TCP only."),
            };
            return new IPEndPoint((await guard.ResolveAsync(host, cancellationToken))[0], port);
        }
        catch (AddressRefusedException problem)
        {
            Refused = problem;
            throw;
        }
    }
}
