using System.Net;
using System.Net.Sockets;

namespace Portkey.Portal.Shared;

/// <summary>A port of the loopback that hangs up on whoever calls, and counts the calls.</summary>
public sealed class CountingListener : IDisposable
{
    private readonly TcpListener listener;
    private int calls;

    public CountingListener(IPAddress? address = null)
    {
        listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public int Calls => Volatile.Read(ref calls);

    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var socket = await listener.AcceptSocketAsync();
                Interlocked.Increment(ref calls);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is closed.
        }
    }
}
