using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Portkey.Portal.Sandbox.Kubelet.Images;

/// <summary>Plays a program that is not available here: answers HTTP on the container's ports and says that it is a stand-in.</summary>
internal sealed class HttpStandIn : StandIn
{
    private readonly Func<string, (int Status, object Body)> _answer;

    private HttpStandIn(ContainerStart start, IEnumerable<int> ports, Func<string, (int Status, object Body)> answer)
        : base(start)
    {
        _answer = answer;
        Listen(ports);
    }

    /// <summary>The enterprise gateway, as far as health checks and a first look go.</summary>
    public static IRunningContainer Enterprise(ContainerStart start)
    {
        var preferred = start.Environment.TryGetValue("PORT", out var text) && int.TryParse(text, out var port) ? port : 8787;
        var note = $"sandbox stand-in for {start.Image}: no call leaves it";
        return new HttpStandIn(
            start,
            start.Ports.Append(preferred).Distinct(),
            path =>
                path switch
                {
                    "/" => (200, new { message = note }),
                    "/v1/health" => (
                        200,
                        new
                        {
                            status = "success",
                            standIn = true,
                            message = note,
                        }
                    ),
                    _ => (
                        501,
                        new
                        {
                            status = "failure",
                            standIn = true,
                            message = note,
                        }
                    ),
                }
        );
    }

    public static IRunningContainer Ready(ContainerStart start, params int[] ports) =>
        new HttpStandIn(
            start,
            start.Ports.Concat(ports).Distinct(),
            _ =>
                (
                    200,
                    new
                    {
                        status = "ok",
                        standIn = true,
                        image = start.Image,
                    }
                )
        );

    /// <summary>For tests: alive, and never ready.</summary>
    public static IRunningContainer NeverReady(ContainerStart start) =>
        new HttpStandIn(start, start.Ports, _ => (503, new { status = "starting", standIn = true }));

    protected override async Task ServeAsync(Socket socket, CancellationToken cancel)
    {
        using var reader = new StreamReader(new NetworkStream(socket), Encoding.Latin1);
        while (await reader.ReadLineAsync(cancel) is { Length: > 0 } requestLine)
        {
            var length = 0;
            while (await reader.ReadLineAsync(cancel) is { Length: > 0 } header)
            {
                if (header.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase))
                {
                    _ = int.TryParse(header["content-length:".Length..], out length);
                }
            }

            await SkipAsync(reader, length, cancel);
            var parts = requestLine.Split(' ');
            var (status, body) = _answer(parts.Length > 1 ? parts[1].Split('?')[0] : "/");
            var json = JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web);
            var head =
                $"HTTP/1.1 {status} {(HttpStatusCode)status}\r\ncontent-type: application/json\r\nx-sandbox-stand-in: true\r\ncontent-length: {json.Length}\r\n\r\n";
            await socket.SendAsync(Encoding.ASCII.GetBytes(head), cancel);
            if (parts[0] != "HEAD")
            {
                await socket.SendAsync(json, cancel);
            }
        }
    }

    private static async Task SkipAsync(StreamReader reader, int length, CancellationToken cancel)
    {
        var waste = new char[4096];
        while (length > 0 && await reader.ReadAsync(waste.AsMemory(0, Math.Min(length, waste.Length)), cancel) is > 0 and var read)
        {
            length -= read;
        }
    }
}
