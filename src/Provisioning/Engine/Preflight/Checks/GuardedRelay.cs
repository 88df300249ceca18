using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using MongoDB.Driver.Core.Connections;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>
/// Routes a driver that opens its own connections through <see cref="OutboundGuard"/>: a SOCKS 5 server (RFC 1928, RFC 1929) on a port of
/// the loopback interface, for one check and for whoever knows its password. TLS to the other side is set up here.
/// </summary>
internal sealed class GuardedRelay : IAsyncDisposable
{
    private readonly OutboundGuard guard;
    private readonly bool isTls;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly string password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private readonly CancellationTokenSource closing = new();
    private readonly CancellationTokenSource refusing = new();
    private readonly ConcurrentBag<Task> relays = [];
    private readonly Task accepting;

    public GuardedRelay(OutboundGuard guard, bool isTls)
    {
        (this.guard, this.isTls) = (guard, isTls);
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>What the driver is told.</summary>
    public Socks5ProxySettings Settings =>
        new("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, Socks5AuthenticationSettings.UsernamePassword("preflight", password));

    /// <summary>The guard's refusal, if any.</summary>
    public AddressRefusedException? Refused { get; private set; }

    /// <summary>Cancelled with the guard's refusal: a driver would otherwise retry until its timeout.</summary>
    public CancellationToken WasRefused => refusing.Token;

    /// <summary>Why the last failed connection failed.</summary>
    public Exception? Heard { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Dispose();
        await accepting;
        await Task.WhenAll(relays);
        closing.Dispose();
        refusing.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptSocketAsync(closing.Token);
                relays.Add(RelayAsync(new NetworkStream(socket, ownsSocket: true)));
            }
        }
        catch (Exception problem) when (problem is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is closed.
        }
    }

    private async Task RelayAsync(NetworkStream client)
    {
        await using var own = client;
        try
        {
            var (host, port) = await GreetAsync(client);
            Stream server;
            try
            {
                server = await guard.OpenAsync(host, port, isTls, closing.Token);
            }
            catch (Exception problem)
            {
                (Refused, Heard) = (problem as AddressRefusedException ?? Refused, problem);
                if (problem is AddressRefusedException)
                {
                    await refusing.CancelAsync();
                }

                await client.WriteAsync(Reply(code: 5), closing.Token); // connection refused
                return;
            }

            await using var other = server;
            await client.WriteAsync(Reply(code: 0), closing.Token);
            await Task.WhenAny(client.CopyToAsync(server, closing.Token), server.CopyToAsync(client, closing.Token));
        }
        catch (Exception problem)
            when (problem is IOException or OperationCanceledException or SocketException or InvalidDataException or ObjectDisposedException
            )
        {
            // The driver or the server closed the connection.
        }
    }

    private async Task<(string Host, int Port)> GreetAsync(NetworkStream client)
    {
        var head = await ReadAsync(client, 2);
        Require(head[0] == 5);
        Require((await ReadAsync(client, head[1])).Contains((byte)2)); // user name and password
        await client.WriteAsync(new byte[] { 5, 2 }, closing.Token);

        Require((await ReadAsync(client, 1))[0] == 1);
        await ReadAsync(client, (await ReadAsync(client, 1))[0]);
        var given = await ReadAsync(client, (await ReadAsync(client, 1))[0]);
        Require(CryptographicOperations.FixedTimeEquals(given, Encoding.ASCII.GetBytes(password)));
        await client.WriteAsync(new byte[] { 1, 0 }, closing.Token);

        var asked = await ReadAsync(client, 4);
        Require(asked[0] == 5 && asked[1] == 1); // connect
        var host = asked[3] switch
        {
            1 => new IPAddress(await ReadAsync(client, 4)).ToString(),
            3 => Encoding.ASCII.GetString(await ReadAsync(client, (await ReadAsync(client, 1))[0])),
            4 => new IPAddress(await ReadAsync(client, 16)).ToString(),
            _ => throw new InvalidDataException(),
        };
        return (host, BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(client, 2)));
    }

    private async Task<byte[]> ReadAsync(NetworkStream client, int count)
    {
        var buffer = new byte[count];
        await client.ReadExactlyAsync(buffer, closing.Token);
        return buffer;
    }

    private static void Require(bool fits)
    {
        if (!fits)
        {
            throw new InvalidDataException("This is not what a SOCKS 5 client says.");
        }
    }

    private static byte[] Reply(byte code) => [5, code, 0, 1, 0, 0, 0, 0, 0, 0];
}
