using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Sandbox.Access;
using Portkey.Portal.Sandbox.Hosting;
using Portkey.Portal.Sandbox.Kubelet;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;
using Xunit;

namespace Portkey.Portal.Sandbox.Tests.Node;

/// <summary>A sandbox in this process, with the real gateway.</summary>
public sealed class NodeSandbox : IAsyncLifetime
{
    private WebApplication? _app;

    internal string Folder { get; private set; } = "";

    internal ObjectStore Store => _app!.Services.GetRequiredService<ObjectStore>();

    internal IPodLogs Logs => _app!.Services.GetRequiredService<IPodLogs>();

    internal Identity Identity { get; private set; } = null!;

    internal HttpClient Api { get; private set; } = null!;

    internal static string GatewayFolder =>
        Environment.GetEnvironmentVariable("GATEWAY_DIR") is { Length: > 0 } folder
        && File.Exists(Path.Combine(folder, "build", "start-server.js"))
            ? folder
            : throw new InvalidOperationException(
                "These tests run the real gateway: `npm install --ignore-scripts @portkey-ai/gateway` somewhere and set GATEWAY_DIR to node_modules/@portkey-ai/gateway."
            );

    public async ValueTask InitializeAsync()
    {
        Folder = Directory.CreateTempSubdirectory("sandbox-node-").FullName;
        (_app, Identity) = await SandboxHost.StartAsync(new SandboxOptions(Folder, GatewayFolder: GatewayFolder));
        Api = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true })
        {
            BaseAddress = new Uri($"https://127.0.0.1:{Identity.Port}"),
        };
        Api.DefaultRequestHeaders.Authorization = new("Bearer", Identity.Token);
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _app!.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    internal string NewNamespace(JsonObject? labels = null)
    {
        var name = "t" + Guid.NewGuid().ToString("N")[..8];
        Store.Create(
            ResourceTypes.Namespaces,
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = labels ?? [] },
                ["status"] = new JsonObject { ["phase"] = "Active" },
            }
        );
        return name;
    }

    /// <summary>Waits until a condition holds; fails with what it saw last.</summary>
    internal static async Task<T> Until<T>(Func<T?> look, string what, int seconds = 30)
        where T : class
    {
        var end = DateTime.UtcNow.AddSeconds(seconds);
        while (DateTime.UtcNow < end)
        {
            if (look() is { } found)
            {
                return found;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException($"Waited {seconds} s for: {what}");
    }

    internal Task<JsonObject> Until(
        ResourceType type,
        string ns,
        string name,
        Func<JsonObject, bool> holds,
        string what,
        int seconds = 30
    ) =>
        Until(
            () => Store.Peek(type, ns, name) is { } item && holds(item) ? item : null,
            $"{what}; last: {Store.Peek(type, ns, name)?["status"]?.ToJsonString()}",
            seconds
        );

    internal List<JsonObject> Pods(string ns) => Store.PeekAll(ResourceTypes.Pods, ns).Items;

    internal IEnumerable<string> Events(string ns) =>
        Store.PeekAll(ResourceTypes.Events, ns).Items.Select(e => $"{e.Text("reason")}: {e.Text("message")}");

    internal async Task Ready(string ns, string name, int replicas, int seconds = 30) =>
        await Until(
            ResourceTypes.Deployments,
            ns,
            name,
            d =>
                d.Int("status", "readyReplicas") == replicas
                && d.Int("status", "updatedReplicas") == replicas
                && d.Int("status", "replicas") == replicas
                && d.Int("status", "observedGeneration") == d.Int("metadata", "generation"),
            $"{replicas} ready of {name}",
            seconds
        );
}
