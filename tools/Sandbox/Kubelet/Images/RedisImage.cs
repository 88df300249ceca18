using System.Net.Sockets;
using System.Text;

namespace Portkey.Portal.Sandbox.Kubelet.Images;

/// <summary>redis: the machine's redis-server where there is one, else a stand-in that answers PING and INFO.</summary>
internal sealed class RedisImage : StandIn
{
    private const int Port = 6379;

    private RedisImage(ContainerStart start)
        : base(start) => Listen(start.Ports.DefaultIfEmpty(Port));

    public static IRunningContainer Start(ContainerStart start)
    {
        if (FindServer() is not { } server)
        {
            start.Log.Write("redis-server is not on this machine's PATH: PING, INFO and QUIT are answered, everything else is refused.");
            return new RedisImage(start);
        }

        var port = start.Ports.FirstOrDefault(Port);
        start.Log.Write($"The sandbox runs this machine's {server} in place of {start.Image}, without persistence.");
        return ChildProcess.Start(
            server,
            [
                "--bind",
                start.PodAddress,
                "--port",
                $"{port}",
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
                start.WorkFolder,
                "--protected-mode",
                "no",
            ],
            start
        );
    }

    protected override async Task ServeAsync(Socket socket, CancellationToken cancel)
    {
        using var reader = new StreamReader(new NetworkStream(socket), Encoding.ASCII);
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            // Inline ("PING") and array form ("*1 $4 PING", one token a line) both carry the word on a line of its own.
            var answer = line.ToUpperInvariant().Split(' ')[0] switch
            {
                "PING" => "+PONG\r\n",
                "INFO" => Bulk("# Server\r\nredis_version:0.0.0-sandbox-stand-in\r\nrole:master\r\n"),
                "QUIT" => "+OK\r\n",
                "" or ['*' or '$', ..] => null,
                var word when word.All(char.IsLetter) && word.Length > 2 => $"-ERR {word} is not played by this sandbox stand-in\r\n",
                _ => null,
            };
            if (answer is not null)
            {
                await socket.SendAsync(Encoding.ASCII.GetBytes(answer), cancel);
            }
        }
    }

    private static string Bulk(string text) => $"${text.Length}\r\n{text}\r\n";

    private static string? FindServer() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, "redis-server"))
            .FirstOrDefault(File.Exists);
}
