using System.Net;
using System.Net.Sockets;

namespace Portkey.Portal.Shared;

/// <summary>A port of this machine that nothing listens at.</summary>
public static class FreePort
{
    // Below the range from which Linux takes the local ports of outgoing connections (net.ipv4.ip_local_port_range, 32768 and up). A port
    // of that range may be some connection's own by the time that its process listens, and then the process ends.
    private const int First = 12_000;
    private const int End = 32_000;

    public static int Next()
    {
        for (var tries = 0; tries < 1000; tries++)
        {
            var port = Random.Shared.Next(First, End);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied) { }
        }

        throw new InvalidOperationException($"no port of {First} to {End - 1} is free");
    }
}
