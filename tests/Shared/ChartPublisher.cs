using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Portkey.Portal.Shared;

/// <summary>Publishes charts as others do: a Helm repository over HTTP, and a real OCI registry, both on loopback and without
/// TLS.</summary>
public sealed class ChartPublisher : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HttpListener web = new();
    private RegistryServer registry = null!;

    private ChartPublisher()
    {
        WebPort = FreePort.Next();
        web.Prefixes.Add($"http://127.0.0.1:{WebPort}/");
    }

    public int WebPort { get; }

    /// <summary>Folder that the Helm repository serves.</summary>
    public string WebFolder => folder.Combine("web");

    public static async Task<ChartPublisher> StartAsync()
    {
        var made = new ChartPublisher();
        Directory.CreateDirectory(made.WebFolder);
        made.web.Start();
        _ = made.ServeAsync();
        using var client = new HttpClient();
        made.registry = await RegistryServer.StartAsync(made.folder, client);
        return made;
    }

    public string RepositoryOf(string chart) => $"http://127.0.0.1:{WebPort}#{chart}";

    public string OciOf(string chart) => $"oci://{registry.Host}/charts/{chart}";

    /// <summary>Packages a chart folder under a version of its own and publishes it at both places.</summary>
    public async Task PublishAsync(string chart, string version)
    {
        await HelmAsync("package", chart, "--version", version, "--destination", WebFolder);
        await HelmAsync("repo", "index", WebFolder);
        await HelmAsync(
            "push",
            Path.Combine(WebFolder, $"{Path.GetFileName(chart)}-{version}.tgz"),
            $"oci://{registry.Host}/charts",
            "--plain-http"
        );
    }

    public async ValueTask DisposeAsync()
    {
        web.Close();
        await registry.DisposeAsync();
        folder.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (web.IsListening)
            {
                var context = await web.GetContextAsync();
                var file = Path.Combine(WebFolder, Path.GetFileName(context.Request.Url!.AbsolutePath));
                using var response = context.Response;
                if (File.Exists(file))
                {
                    await response.OutputStream.WriteAsync(await File.ReadAllBytesAsync(file));
                }
                else
                {
                    response.StatusCode = 404;
                }
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private async Task HelmAsync(params string[] arguments)
    {
        using var helm = new LoggedProcess(
            new ProcessStartInfo(Tools.Helm, arguments)
            {
                Environment =
                {
                    ["HOME"] = folder.Path,
                    ["HELM_CACHE_HOME"] = "",
                    ["HELM_CONFIG_HOME"] = "",
                    ["HELM_DATA_HOME"] = "",
                },
            }
        );
        await helm.WaitAsync();
        if (helm.ExitCode != 0)
        {
            throw new InvalidOperationException($"helm {string.Join(' ', arguments)} ended with {helm.ExitCode}: {helm.Output}");
        }
    }
}
