using System.Net;
using StackExchange.Redis.Configuration;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>Takes the Redis library through <see cref="OutboundGuard"/>: what it connects to is what the guard has looked at.</summary>
internal sealed class GuardedTunnel(OutboundGuard guard) : Tunnel
{
    /// <summary>The guard's refusal, where there was one.</summary>
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
