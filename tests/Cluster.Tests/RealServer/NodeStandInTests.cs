using System.Diagnostics;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.RealServer;

/// <summary>
/// The sandbox's kubelet in front of a real API server, seen through unmodified helm and kubectl. Not part of a lane yet: building the
/// server takes minutes. By hand: <c>dotnet run --project tests/Cluster.Tests -- -explicit only</c>.
/// </summary>
public sealed class NodeStandInTests(RealClusterFixture cluster) : IClassFixture<RealClusterFixture>
{
    [Fact(Explicit = true)]
    public async Task Helm_InstallUpgradeAndUninstall_WaitsForPodsThatReallyRun()
    {
        var values = Path.Combine(Repository.Charts, "gateway", "ci", "dev-oss-values.yaml");
        var chart = Path.Combine(Repository.Charts, "gateway");
        await RunAsync(Tools.Helm, "upgrade", "--install", "portkey-gateway", chart, "--namespace", "real", "--create-namespace", "--values", values, "--wait", "--timeout", "90s");

        Assert.Contains("AI Gateway says hey!", await RunAsync(Tools.Kubectl, "get", "--raw", "/api/v1/namespaces/real/services/http:portkey-gateway:8787/proxy/"), StringComparison.Ordinal);
        Assert.NotEmpty(await RunAsync(Tools.Kubectl, "logs", "--namespace", "real", "deployment/portkey-gateway"));
        Assert.Contains("Running", await RunAsync(Tools.Kubectl, "get", "pods", "--namespace", "real", "-o", "wide"), StringComparison.Ordinal);

        await RunAsync(Tools.Helm, "upgrade", "portkey-gateway", chart, "--namespace", "real", "--values", values, "--set", "replicaCount=2", "--wait", "--timeout", "90s");
        Assert.Equal("2", await RunAsync(Tools.Kubectl, "get", "deployment", "portkey-gateway", "--namespace", "real", "-o", "jsonpath={.status.readyReplicas}"));

        await RunAsync(Tools.Helm, "uninstall", "portkey-gateway", "--namespace", "real", "--wait", "--timeout", "60s");
        await RunAsync(Tools.Kubectl, "delete", "namespace", "real", "--timeout=60s");
        Assert.DoesNotContain("real", await RunAsync(Tools.Kubectl, "get", "namespaces", "-o", "name"), StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task Pod_OfAnImageThatIsNotThere_SaysSoAsAKubeletWould()
    {
        await Eventually.TrueAsync(async () => (await RunAsync(Tools.Kubectl, "get", "serviceaccounts", "-o", "name")).Contains("default", StringComparison.Ordinal), "pods may be made");
        await RunAsync(Tools.Kubectl, "run", "absent", "--image=example.invalid/none:1", "--restart=Never");
        await Eventually.TrueAsync(
            async () => (await RunAsync(Tools.Kubectl, "get", "pod", "absent", "-o", "jsonpath={.status.containerStatuses[0].state.waiting.reason}")) is "ErrImagePull" or "ImagePullBackOff", "the image is refused");
        await RunAsync(Tools.Kubectl, "delete", "pod", "absent", "--timeout=30s");
    }

    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = new LoggedProcess(new ProcessStartInfo(program, arguments) { Environment = { ["KUBECONFIG"] = cluster.Plane.Kubeconfig } });
        await process.WaitAsync();
        Assert.True(process.ExitCode == 0, $"{Path.GetFileName(program)} {string.Join(' ', arguments)}: {process.Output}");
        return process.Output.TrimEnd();
    }
}

/// <summary>One real control plane for a class of tests.</summary>
public sealed class RealClusterFixture : IAsyncLifetime
{
    public ControlPlane Plane { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Plane = await ControlPlane.StartAsync();

    public ValueTask DisposeAsync() => Plane?.DisposeAsync() ?? ValueTask.CompletedTask;
}
