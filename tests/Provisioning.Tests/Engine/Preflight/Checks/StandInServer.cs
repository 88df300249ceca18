using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace Portkey.Portal.Provisioning.Tests.Engine.Preflight.Checks;

/// <summary>A server of one protocol that says what a test wants, where none of that version or kind can be had.</summary>
internal sealed class StandInServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource closing = new();
    private readonly Task accepting;

    private StandInServer(Func<NetworkStream, CancellationToken, Task> talk)
    {
        listener.Start();
        accepting = AcceptAsync(talk);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Takes connections and says nothing.</summary>
    public static StandInServer Silent() => new((_, ct) => Task.Delay(Timeout.Infinite, ct));

    /// <summary>Redis of a version, as its protocol (RESP 2) has it.</summary>
    public static StandInServer Redis(string version, string policy = "volatile-lru") =>
        new(
            async (stream, ct) =>
            {
                while (await LineAsync(stream, ct) is ['*', .. var count])
                {
                    var words = new List<string>();
                    for (var i = int.Parse(count, System.Globalization.CultureInfo.InvariantCulture); i > 0; i--)
                    {
                        // $LENGTH, then as many bytes, which may be any (a client's ECHO is)
                        var word = new byte[
                            int.Parse((await LineAsync(stream, ct))[1..], System.Globalization.CultureInfo.InvariantCulture) + 2
                        ];
                        await stream.ReadExactlyAsync(word, ct);
                        words.Add(Encoding.Latin1.GetString(word, 0, word.Length - 2));
                    }

                    var info =
                        version.Length > 0
                            ? $"# Server\r\nredis_version:{version}\r\nredis_mode:standalone\r\nmaxmemory_policy:{policy}\r\n"
                            : "# Server\r\n";
                    var answer = words[0].ToUpperInvariant() switch
                    {
                        "PING" => "+PONG\r\n",
                        "ECHO" => $"${words[1].Length}\r\n{words[1]}\r\n",
                        "INFO" => $"${info.Length}\r\n{info}\r\n",
                        _ => "-ERR unknown command\r\n",
                    };
                    await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), ct);
                }
            }
        );

    /// <summary>MongoDB's OP_MSG and, for the first greeting of older drivers, OP_QUERY.</summary>
    public static StandInServer Mongo() =>
        new(
            async (stream, ct) =>
            {
                var head = new byte[16];
                while (true)
                {
                    await stream.ReadExactlyAsync(head, ct);
                    var body = new byte[BinaryPrimitives.ReadInt32LittleEndian(head) - 16];
                    await stream.ReadExactlyAsync(body, ct);
                    var isQuery = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(12)) == 2004;
                    var start = isQuery ? Array.IndexOf(body, (byte)0, 4) + 9 : 5;
                    var asked = BsonSerializer.Deserialize<BsonDocument>(body[start..]);
                    var answer = new BsonDocument("ok", 1);
                    if (asked.Contains("hello") || asked.Contains("isMaster") || asked.Contains("ismaster"))
                    {
                        answer.AddRange(
                            new BsonDocument
                            {
                                { "isWritablePrimary", true },
                                { "ismaster", true },
                                { "helloOk", true },
                                { "maxBsonObjectSize", 16777216 },
                                { "maxMessageSizeBytes", 48000000 },
                                { "maxWriteBatchSize", 100000 },
                                { "minWireVersion", 0 },
                                { "maxWireVersion", 21 },
                                { "readOnly", false },
                            }
                        );
                    }

                    var document = answer.ToBson();
                    byte[] lead = isQuery ? [8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0] : [0, 0, 0, 0, 0];
                    var reply = new byte[16 + lead.Length + document.Length];
                    BinaryPrimitives.WriteInt32LittleEndian(reply, reply.Length);
                    head.AsSpan(4, 4).CopyTo(reply.AsSpan(8));
                    BinaryPrimitives.WriteInt32LittleEndian(reply.AsSpan(12), isQuery ? 1 : 2013);
                    lead.CopyTo(reply, 16);
                    document.CopyTo(reply, 16 + lead.Length);
                    await stream.WriteAsync(reply, ct);
                }
            }
        );

    private static async Task<string> LineAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var (line, next) = (new StringBuilder(), new byte[1]);
        while (line.Length < 2 || line[^2] != '\r' || line[^1] != '\n')
        {
            await stream.ReadExactlyAsync(next, cancellationToken);
            line.Append((char)next[0]);
        }

        return line.ToString(0, line.Length - 2);
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Dispose();
        await accepting;
        closing.Dispose();
    }

    private async Task AcceptAsync(Func<NetworkStream, CancellationToken, Task> talk)
    {
        var talks = new List<Task>();
        try
        {
            while (true)
            {
                talks.Add(TalkAsync(new NetworkStream(await listener.AcceptSocketAsync(closing.Token), ownsSocket: true), talk));
            }
        }
        catch (Exception problem) when (problem is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(talks);
        }
    }

    private async Task TalkAsync(NetworkStream stream, Func<NetworkStream, CancellationToken, Task> talk)
    {
        await using var own = stream;
        try
        {
            await talk(stream, closing.Token);
        }
        catch (Exception problem) when (problem is IOException or OperationCanceledException or EndOfStreamException)
        {
            // Somebody hung up.
        }
    }
}
