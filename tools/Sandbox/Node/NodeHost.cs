using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Portkey.Portal.Sandbox.Access;
using Portkey.Portal.Sandbox.Controllers;
using Portkey.Portal.Sandbox.Hosting;
using Portkey.Portal.Sandbox.Kubelet;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Node;

/// <summary>Plays the nodes of a real API server with the sandbox's kubelet.</summary>
internal static class NodeHost
{
    // A pod's address must not be of 127.0.0.0/8: the API server neither stores nor proxies to such endpoints.
    private const string PodNet = "10.254";

    public static async Task<WebApplication> StartAsync(NodeOptions options)
    {
        Directory.CreateDirectory(options.DataFolder);
        await ClaimPodNetAsync();
        var app = Build(options, Identity.LoadOrCreate(options.DataFolder));
        app.MapGet("/containerLogs/{ns}/{pod}/{container}", LogsAsync);
        await app.StartAsync();
        return app;
    }

    private static WebApplication Build(NodeOptions options, Identity identity)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(o => o.SingleLine = true);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var address = new NodeAddress { Port = FreePort() };
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, address.Port, listen => listen.UseHttps(identity.Certificate()))
        );
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(5));
        var slot = LoopbackSlot.Take(options.DataFolder);
        builder.Services.AddSingleton(slot);
        builder.Services.AddSingleton(address);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new ApiClient(options.Kubeconfig));
        builder.Services.AddSingleton<INodeApi, RemoteNodeApi>();
        builder.Services.AddSingleton(
            new SandboxOptions(options.DataFolder, GatewayFolder: options.GatewayFolder, ParentId: options.ParentId)
        );
        builder.Services.AddHostedService<ParentWatch>();
        builder.Services.AddSingleton(provider => new NodeServices(
            provider.GetRequiredService<INodeApi>(),
            NodeExtensions.Options(provider.GetRequiredService<SandboxOptions>()),
            new PodNetwork(PodNet, slot.Number * 1016, 1016),
            TimeProvider.System,
            provider.GetRequiredService<ILogger<NodeKubelet>>()
        ));
        builder.Services.AddSingleton<NodeKubelet>();
        builder.Services.AddSingleton<PodFeed>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<PodFeed>());
        builder.Services.AddHostedService<ConfigFeed>();
        return builder.Build();
    }

    // Known before the server listens, because the nodes are registered with it.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // On the loopback device a whole net is local at once. Several nodes on one machine share it.
    private static async Task ClaimPodNetAsync()
    {
        using var ip =
            Process.Start(
                new ProcessStartInfo("ip", ["address", "add", $"{PodNet}.255.254/16", "dev", "lo"])
                {
                    RedirectStandardError = true,
                    UseShellExecute = false,
                }
            ) ?? throw new IOException("'ip' could not be started; install iproute2.");
        var said = await ip.StandardError.ReadToEndAsync();
        await ip.WaitForExitAsync();
        if (
            ip.ExitCode != 0
            && !said.Contains("exists", StringComparison.OrdinalIgnoreCase)
            && !said.Contains("already assigned", StringComparison.OrdinalIgnoreCase)
        )
        {
            throw new IOException(
                $"pods need addresses of {PodNet}.0.0/16 on the loopback device, and 'ip address add' says: {said.Trim()}"
            );
        }
    }

    private static async Task LogsAsync(HttpContext http, PodFeed feed, NodeKubelet kubelet, string ns, string pod, string container)
    {
        string Query(string name) => http.Request.Query[name].ToString();
        int? Number(string name) =>
            int.TryParse(Query(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        var options = new PodLogOptions(
            container,
            Query("follow") == "true",
            Query("previous") == "true",
            Query("timestamps") == "true",
            Number("tailLines"),
            Number("sinceSeconds"),
            DateTimeOffset.TryParse(Query("sinceTime"), CultureInfo.InvariantCulture, out var since) ? since : null,
            Number("limitBytes")
        );
        var runner = feed.UidOf(ns, pod) is { } uid ? kubelet.Find(uid)?.Container(container) : null;
        if ((options.Previous ? runner?.PreviousLog : runner?.Log) is not { } log)
        {
            http.Response.StatusCode = 404;
            await http.Response.WriteAsync($"container {container} of {ns}/{pod} has no such log");
            return;
        }

        await foreach (var line in LogReader.LinesAsync(log, options, TimeProvider.System, http.RequestAborted))
        {
            await http.Response.WriteAsync(line + "\n", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }
}
