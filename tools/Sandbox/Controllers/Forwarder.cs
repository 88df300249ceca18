using System.Net;
using System.Net.Sockets;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Takes connections on one address and joins each to an endpoint, as kube-proxy would. No endpoint: reset.</summary>
internal sealed class Forwarder : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Func<IPEndPoint?> _next;

    /// <exception cref="SocketException">Listening on the address failed.</exception>
    public Forwarder(IPEndPoint address, Func<IPEndPoint?> next)
    {
        _next = next;
        try
        {
            _listener.Bind(address);
            _listener.Listen(512);
        }
        catch (SocketException)
        {
            _listener.Dispose();
            throw;
        }

        _ = AcceptAsync();
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = JoinAsync(await _listener.AcceptAsync());
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException fault)
                when (fault.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted or SocketError.InvalidArgument)
            {
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50); // out of descriptors, for example: one caller's trouble must not end the service
            }
        }
    }

    private async Task JoinAsync(Socket caller)
    {
        using var callerSocket = caller;
        using var target = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (_next() is not { } endpoint)
            {
                caller.LingerState = new LingerOption(true, 0);
                return;
            }

            await target.ConnectAsync(endpoint);
            caller.NoDelay = target.NoDelay = true;
            await Task.WhenAll(PumpAsync(caller, target), PumpAsync(target, caller));
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException or IOException)
        {
            caller.LingerState = new LingerOption(true, 0);
        }
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var length)
            {
                for (var sent = 0; sent < length;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, length - sent));
                }
            }

            to.Shutdown(SocketShutdown.Send); // a half-closed connection still carries the answer
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            from.Dispose();
            to.Dispose();
        }
    }
}
