using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Node ports are the machine's own, so only one that nobody listens on is given out.</summary>
internal static class NodePorts
{
    private const int First = 30_000;
    private const int Last = 32_767;

    public static int FindFree(ObjectStore store)
    {
        var taken = store
            .PeekAll(ResourceTypes.Services)
            .Items.SelectMany(service => service.Items("spec", "ports"))
            .Select(port => port.Int("nodePort"))
            .ToHashSet();
        for (var tries = 0; tries < 200; tries++)
        {
            var port = RandomNumberGenerator.GetInt32(First, Last + 1);
            if (!taken.Contains(port) && IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"No node port between {First} and {Last} is free.");
    }

    private static bool IsFree(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
