using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Sandbox.Hosting;
using Portkey.Portal.Sandbox.Kubelet;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;
using Xunit;

namespace Portkey.Portal.Sandbox.Tests.Node;

/// <summary>What outlives the sandbox, and what must not.</summary>
public sealed class LifetimeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sandbox-life-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Restart_WithRunningPods_ResumesThemInPlace_AndKillTakesTheChildrenAlong()
    {
        var (uid, restarts) = await DeployAndStopAsync();
        Assert.Empty(Children());

        var assembly = typeof(SandboxHost).Assembly.Location;
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [assembly, "--data", _folder, "--gateway", NodeSandbox.GatewayFolder])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
            }
        )!;
        try
        {
            await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            await NodeSandbox.Until(() => Children().Count == 1 ? "" : null, "the gateway of the kept pod");
            using var http = new HttpClient();
            await NodeSandbox.Until(() => Answers(http), "the service address of before answers");
        }
        finally
        {
            process.Kill(); // SIGKILL, to this one process only
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await NodeSandbox.Until(() => Children().Count == 0 ? "" : null, "no child left", 5);

        var (app, _) = await SandboxHost.StartAsync(
            new SandboxOptions(_folder, GatewayFolder: NodeSandbox.GatewayFolder),
            TestContext.Current.CancellationToken
        );
        await using (app)
        {
            var store = app.Services.GetRequiredService<ObjectStore>();
            var pod = await NodeSandbox.Until(
                () =>
                    store
                        .PeekAll(ResourceTypes.Pods)
                        .Items.Find(p =>
                            p.Items("status", "containerStatuses").Any(c => c.IsTrue("ready") && c.Int("restartCount") > restarts)
                        ),
                "ready again"
            );
            Assert.Equal(uid, pod.Uid());
            Assert.Single(store.PeekAll(ResourceTypes.Pods).Items);

            store.Delete(ResourceTypes.Pods, pod.Namespace(), pod.Name());
            await NodeSandbox.Until(
                () => store.PeekAll(ResourceTypes.Pods).Items is [var next] && next.Uid() != uid ? next : null,
                "a new pod in its place"
            );
            await app.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Empty(Children());
    }

    private string _address = "";

    private async Task<(string Uid, int Restarts)> DeployAndStopAsync()
    {
        var (app, _) = await SandboxHost.StartAsync(new SandboxOptions(_folder, GatewayFolder: NodeSandbox.GatewayFolder));
        await using var _ = app;
        var store = app.Services.GetRequiredService<ObjectStore>();
        store.Create(ResourceTypes.Deployments, Manifests.Deployment("default", "gw", "portkeyai/gateway:latest"));
        store.Create(ResourceTypes.Services, Manifests.Service("default", "gw"));
        var pod = await NodeSandbox.Until(
            () => store.PeekAll(ResourceTypes.Pods).Items.Find(p => p.Items("status", "containerStatuses").Any(c => c.IsTrue("ready"))),
            "ready"
        );
        _address = store.Peek(ResourceTypes.Services, "default", "gw").Text("spec", "clusterIP")!;
        await app.StopAsync();
        return (pod.Uid(), pod.Items("status", "containerStatuses").Single().Int("restartCount") ?? 0);
    }

    private string? Answers(HttpClient http)
    {
        try
        {
            return http.GetStringAsync($"http://{_address}:8787/").GetAwaiter().GetResult();
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    // The working folder of a pod's process lies below this test's data folder.
    private List<int> Children() =>
        [
            .. Process
                .GetProcessesByName("node")
                .Select(process => process.Id)
                .Where(id =>
                {
                    try
                    {
                        return new DirectoryInfo($"/proc/{id}/cwd").LinkTarget?.StartsWith(_folder, StringComparison.Ordinal) == true;
                    }
                    catch (IOException)
                    {
                        return false;
                    }
                }),
        ];
}
