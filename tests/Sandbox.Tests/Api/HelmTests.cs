using System.Text.Json.Nodes;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Sandbox.Tests.Api;

public sealed class HelmTests(ApiSandbox sandbox) : IClassFixture<ApiSandbox>
{
    [Fact]
    public async Task Helm_WholeLifeOfARelease_Works()
    {
        using var chart = new TemporaryFolder();
        await WriteChartAsync(chart.Path);
        string[] at = ["-n", "release-life"];

        await sandbox.HelmAsync(["upgrade", "--install", "small", chart.Path, "--create-namespace", "--wait", "--timeout", "40s", .. at]);
        await sandbox.HelmAsync(["upgrade", "--install", "small", chart.Path, "--set", "replicas=2", "--wait", "--timeout", "40s", .. at]);
        var history = JsonNode.Parse(await sandbox.HelmAsync(["history", "small", "-o", "json", .. at]))!.AsArray();
        Assert.Equal(["superseded", "deployed"], history.Select(r => (string)r!["status"]!));
        Assert.Equal("2", await sandbox.KubectlAsync(["get", "deploy/small", "-o", "jsonpath={.status.readyReplicas}", .. at]));

        await sandbox.HelmAsync(["rollback", "small", "1", "--wait", "--timeout", "40s", .. at]);
        Assert.Equal("1", await sandbox.KubectlAsync(["get", "deploy/small", "-o", "jsonpath={.spec.replicas}", .. at]));
        Assert.Contains("STATUS: deployed", await sandbox.HelmAsync(["status", "small", .. at]), StringComparison.Ordinal);

        await sandbox.HelmAsync(["uninstall", "small", .. at]);
        Assert.Contains("No resources found", await sandbox.KubectlAsync(["get", "deploy,svc", .. at]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HelmUpgrade_AfterKubectlScale_NamesTheConflict()
    {
        using var chart = new TemporaryFolder();
        await WriteChartAsync(chart.Path);
        string[] at = ["-n", "release-conflict"];
        await sandbox.HelmAsync(["upgrade", "--install", "small", chart.Path, "--create-namespace", .. at]);
        await sandbox.KubectlAsync(["scale", "deploy/small", "--replicas=3", .. at]);

        var refused = await sandbox.RunAsync(Tools.Helm, 1, null, ["upgrade", "small", chart.Path, "--set", "replicas=2", .. at]);
        Assert.Contains("conflict with \"kubectl\"", refused, StringComparison.Ordinal);
        Assert.Contains(".spec.replicas", refused, StringComparison.Ordinal);

        await sandbox.HelmAsync(["upgrade", "small", chart.Path, "--set", "replicas=2", "--force-conflicts", .. at]);
        Assert.Equal("2", await sandbox.KubectlAsync(["get", "deploy/small", "-o", "jsonpath={.spec.replicas}", .. at]));
    }

    private static async Task WriteChartAsync(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "templates"));
        await File.WriteAllTextAsync(Path.Combine(folder, "Chart.yaml"), "apiVersion: v2\nname: small\nversion: 0.1.0\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "values.yaml"), "replicas: 1\n");
        await File.WriteAllTextAsync(
            Path.Combine(folder, "templates", "service.yaml"),
            """
            apiVersion: v1
            kind: Service
            metadata: {name: small}
            spec: {selector: {app: small}, ports: [{port: 80, name: http}]}
            """
        );
        await File.WriteAllTextAsync(
            Path.Combine(folder, "templates", "deployment.yaml"),
            ApiSandbox.Deployment("small").Replace("replicas: 1", "replicas: {{ .Values.replicas }}", StringComparison.Ordinal)
        );
    }
}
