using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portkey.Portal.Shared;

/// <summary>A proxy for HTTPS that leads every name to one port of this machine, for processes that take HTTPS_PROXY.</summary>
internal sealed class KeyVaultProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopped = new();
    private readonly int target;

    public KeyVaultProxy(int target)
    {
        this.target = target;
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Dispose()
    {
        stopped.Cancel();
        listener.Dispose();
        stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = TunnelAsync(await listener.AcceptTcpClientAsync(stopped.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task TunnelAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await SkipHeadAsync(near.GetStream());
            await far.ConnectAsync(IPAddress.Loopback, target, stopped.Token);
            await near.GetStream().WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), stopped.Token);
            await Task.WhenAny(
                near.GetStream().CopyToAsync(far.GetStream(), stopped.Token),
                far.GetStream().CopyToAsync(near.GetStream(), stopped.Token)
            );
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One of the two went away; the other one sees it by the close.
        }
    }

    // Byte by byte: what follows the head is TLS already.
    private async Task SkipHeadAsync(NetworkStream stream)
    {
        var (head, one) = (new StringBuilder(), new byte[1]);
        while (head.Length < 8192 && !head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, stopped.Token);
            head.Append((char)one[0]);
        }
    }
}
