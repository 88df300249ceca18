using System.Diagnostics;
using System.Net.Sockets;

namespace Portkey.Portal.Shared;

/// <summary>A store as a child process on a loopback port, in a folder of its own, gone afterwards.</summary>
public abstract class StoreServer : IAsyncDisposable
{
    private LoggedProcess? process;

    public int Port { get; } = FreePort.Next();

    protected TemporaryFolder Folder { get; } = new();

    protected async Task StartAsync(string program, params string[] arguments)
    {
        process = new LoggedProcess(new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder.Path });
        await process.WaitForAsync($"{program} listens on {Port}", ListensAsync, TimeSpan.FromSeconds(60));
    }

    private async Task<bool> ListensAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync()
    {
        process?.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Debian's Redis, with a password.</summary>
public sealed class RedisServer : StoreServer
{
    public const string Password = "a-password of 100% ours/";

    public static async Task<RedisServer> StartAsync()
    {
        var server = new RedisServer();
        await server.StartAsync(
            Tools.Redis,
            "--port",
            $"{server.Port}",
            "--bind",
            "127.0.0.1",
            "--requirepass",
            Password,
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            server.Folder.Path
        );
        return server;
    }

    /// <summary>The address of its administrator, as a URL has it.</summary>
    public string AdminUrl => $"redis://default:{Uri.EscapeDataString(Password)}@127.0.0.1:{Port}";

    /// <summary>Whether it lets somebody in.</summary>
    public async Task<bool> LetsInAsync(string user, string password)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        await stream.WriteAsync(
            System.Text.Encoding.UTF8.GetBytes($"*3\r\n$4\r\nAUTH\r\n${user.Length}\r\n{user}\r\n${password.Length}\r\n{password}\r\n")
        );
        return await reader.ReadLineAsync() == "+OK";
    }

    /// <summary>How many passwords a user has.</summary>
    public async Task<int> PasswordsAsync(string user)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        await stream.WriteAsync(
            System.Text.Encoding.UTF8.GetBytes(
                $"*2\r\n$4\r\nAUTH\r\n${System.Text.Encoding.UTF8.GetByteCount(Password)}\r\n{Password}\r\n*3\r\n$3\r\nACL\r\n$7\r\nGETUSER\r\n${user.Length}\r\n{user}\r\n*1\r\n$4\r\nPING\r\n"
            )
        );
        var hashes = 0;
        while (await reader.ReadLineAsync() is { } line && line != "+PONG")
        {
            hashes += line.Length == 64 && line.All(char.IsAsciiHexDigitLower) ? 1 : 0;
        }

        return hashes;
    }

    /// <summary>A command as its administrator; throws what Redis refuses.</summary>
    public async Task CommandAsync(params string[] words)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", Port);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        foreach (var command in new[] { ["AUTH", Password], words })
        {
            await stream.WriteAsync(
                System.Text.Encoding.UTF8.GetBytes(
                    $"*{command.Length}\r\n{string.Concat(command.Select(w => $"${System.Text.Encoding.UTF8.GetByteCount(w)}\r\n{w}\r\n"))}"
                )
            );
            var answer = await reader.ReadLineAsync() ?? throw new IOException("Redis hung up.");
            if (!answer.StartsWith('+'))
            {
                throw new InvalidOperationException(answer);
            }
        }
    }
}

/// <summary>Debian's ClickHouse, with a user and a password.</summary>
public sealed class ClickHouseServer : StoreServer
{
    public const string Password = "clickhouse-of-ours";

    public static async Task<ClickHouseServer> StartAsync()
    {
        var server = new ClickHouseServer();
        var users = server.Folder.Combine("users.xml");
        await File.WriteAllTextAsync(
            users,
            $"""
            <yandex><profiles><default/></profiles><quotas><default/></quotas>
            <users><gateway><password>{Password}</password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></gateway></users></yandex>
            """
        );
        var config = server.Folder.Combine("config.xml");
        await File.WriteAllTextAsync(
            config,
            $"""
            <yandex><logger><level>warning</level><console>1</console></logger><http_port>{server.Port}</http_port><listen_host>127.0.0.1</listen_host>
            <path>{server.Folder.Path}/data/</path><tmp_path>{server.Folder.Path}/tmp/</tmp_path><users_config>{users}</users_config>
            <default_profile>default</default_profile><default_database>default</default_database><mark_cache_size>5368709120</mark_cache_size></yandex>
            """
        );
        await server.StartAsync(Tools.ClickHouse, $"--config-file={config}");
        return server;
    }
}

/// <summary>Azure Blob Storage's emulator with its well-known account.</summary>
public sealed class AzuriteServer : StoreServer
{
    public const string Account = "devstoreaccount1";

    /// <summary>The key that every Azurite has; it is no secret.</summary>
    public const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    public string Endpoint => $"http://127.0.0.1:{Port}/{{account}}";

    public static async Task<AzuriteServer> StartAsync()
    {
        var server = new AzuriteServer();
        await server.StartAsync(
            "node",
            Tools.Azurite,
            "--blobHost",
            "127.0.0.1",
            "--blobPort",
            $"{server.Port}",
            "--location",
            server.Folder.Path,
            "--silent",
            "--disableTelemetry",
            "--skipApiVersionCheck"
        );
        return server;
    }
}

/// <summary>A server of S3's protocol with one bucket.</summary>
public sealed class S3Server : StoreServer
{
    public const string Bucket = "gateway-logs";

    /// <summary>s3rver's only user.</summary>
    public const string AccessKey = "S3RVER";

    public const string SecretKey = "S3RVER";

    public static async Task<S3Server> StartAsync()
    {
        var server = new S3Server();
        await server.StartAsync(
            "node",
            Tools.S3Server,
            "--address",
            "127.0.0.1",
            "--port",
            $"{server.Port}",
            "--directory",
            server.Folder.Path,
            "--configure-bucket",
            Bucket
        );
        return server;
    }
}
