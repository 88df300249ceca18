using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Portkey.Portal.Shared;

/// <summary>A real OCI registry on loopback, without TLS.</summary>
public sealed class RegistryServer : IAsyncDisposable
{
    private readonly LoggedProcess process;

    private RegistryServer(LoggedProcess process, string host) => (this.process, Host) = (process, host);

    /// <summary>Host and port, as images and charts name it.</summary>
    public string Host { get; }

    /// <summary>Starts one that keeps what it has in a folder, and waits until the client is let in.</summary>
    /// <param name="folder">Folder of the caller's.</param>
    /// <param name="client">Client that asks; it carries what the registry wants to see.</param>
    /// <param name="htpasswd">Who is let in; null for anybody.</param>
    public static async Task<RegistryServer> StartAsync(TemporaryFolder folder, HttpClient client, string? htpasswd = null)
    {
        var (config, users, host) = (
            folder.Combine("registry.yml"),
            folder.Combine("htpasswd"),
            $"127.0.0.1:{FreePort.Next().ToString(CultureInfo.InvariantCulture)}"
        );
        await File.WriteAllTextAsync(users, htpasswd ?? "");
        await File.WriteAllTextAsync(
            config,
            new StringBuilder(
                $"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {folder.Combine("registry")}}}}}\nhttp: {{addr: {host}}}\n"
            )
                .Append(htpasswd is null ? "" : $"auth: {{htpasswd: {{realm: test, path: {users}}}}}\n")
                .ToString()
        );

        // The shell lives as long as this process holds its standard input, so that a killed test run leaves no registry behind.
        var start = new ProcessStartInfo("sh");
        foreach (
            var argument in (string[])
                ["-c", "\"$@\" & server=$!; cat >/dev/null; kill $server; wait $server", "sh", Tools.Registry, "serve", config]
        )
        {
            start.ArgumentList.Add(argument);
        }

        var made = new RegistryServer(new LoggedProcess(start), host);
        await made.process.WaitForAsync(
            "the registry answers",
            async () =>
            {
                try
                {
                    return (await client.GetAsync(new Uri($"http://{host}/v2/"))).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            }
        );
        return made;
    }

    public async ValueTask DisposeAsync()
    {
        process.CloseInput();
        await Eventually.TrueAsync(() => process.HasExited, "the registry stops", TimeSpan.FromSeconds(10));
        process.Dispose();
    }
}
