using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Kubelet;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;
using Xunit;

namespace Portkey.Portal.Sandbox.Tests.Node;

public sealed class GatewayDeploymentTests(NodeSandbox sandbox) : IClassFixture<NodeSandbox>
{
    [Fact]
    public async Task Deployment_OfRealGateway_IsReadyAndAnswersOnItsClusterAddress()
    {
        var ns = sandbox.NewNamespace();
        sandbox.Store.Create(ResourceTypes.Deployments, Manifests.Deployment(ns, "gw", "docker.io/portkeyai/gateway:1.15.2", replicas: 2));
        sandbox.Store.Create(ResourceTypes.Services, Manifests.Service(ns, "gw", "LoadBalancer"));

        await sandbox.Ready(ns, "gw", 2);
        var service = await sandbox.Until(
            ResourceTypes.Services,
            ns,
            "gw",
            s => s.Items("status", "loadBalancer", "ingress").Any(),
            "load balancer address"
        );
        using var http = new HttpClient();
        foreach (
            var address in (string[])
                [
                    $"{service.Text("spec", "clusterIP")}:8787",
                    $"127.0.0.1:{service.Items("spec", "ports").First().Int("nodePort")}",
                    $"{service.Items("status", "loadBalancer", "ingress").First().Text("ip")}:8787",
                ]
        )
        {
            Assert.Contains(
                "AI Gateway",
                await http.GetStringAsync($"http://{address}/", TestContext.Current.CancellationToken),
                StringComparison.OrdinalIgnoreCase
            );
        }

        Assert.Contains(sandbox.Events(ns), text => text.StartsWith("Started: Started container gateway", StringComparison.Ordinal));
        Assert.Contains(sandbox.Events(ns), text => text.StartsWith("Scheduled: ", StringComparison.Ordinal));
        Assert.Equal(2, sandbox.Pods(ns).Select(pod => pod.Text("spec", "nodeName")).Distinct().Count());
    }
}
