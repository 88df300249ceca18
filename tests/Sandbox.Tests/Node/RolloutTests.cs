using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Kubelet;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;
using Xunit;

namespace Portkey.Portal.Sandbox.Tests.Node;

public sealed class RolloutTests(NodeSandbox sandbox) : IClassFixture<NodeSandbox>
{
    [Fact]
    public async Task RollingUpdate_OfTwoGateways_NeverFallsBelowWhatIsWanted()
    {
        var ns = sandbox.NewNamespace();
        sandbox.Store.Create(ResourceTypes.Deployments, Manifests.Deployment(ns, "gw", "portkeyai/gateway:1.15.2", replicas: 2));
        sandbox.Store.Create(ResourceTypes.Services, Manifests.Service(ns, "gw"));
        await sandbox.Ready(ns, "gw", 2);

        using var watch = sandbox.Store.Subscribe(ResourceTypes.Endpoints);
        sandbox.Store.Mutate(
            ResourceTypes.Deployments,
            ns,
            "gw",
            d =>
            {
                d.Ensure("spec", "template", "metadata", "annotations")["version"] = "2";
                return true;
            }
        );
        await sandbox.Ready(ns, "gw", 2);
        await NodeSandbox.Until(() => sandbox.Pods(ns).Count == 2 ? "" : null, "old pods gone");

        var least = int.MaxValue;
        while (watch.Events.TryRead(out var change))
        {
            least = Math.Min(least, change.Object.Items("subsets").Sum(s => s.Items("addresses").Count()));
        }

        Assert.InRange(least, 2, 3);
        Assert.Equal(
            "2",
            sandbox.Store.Peek(ResourceTypes.Deployments, ns, "gw").Text("metadata", "annotations", "deployment.kubernetes.io/revision")
        );
        Assert.Equal(
            [0, 2],
            sandbox.Store.PeekAll(ResourceTypes.ReplicaSets, ns).Items.Select(set => set.Int("spec", "replicas") ?? -1).Order()
        );
    }

    [Fact]
    public async Task RollingUpdate_ToAnImageThatDoesNotExist_KeepsTheOldPodServing()
    {
        var ns = sandbox.NewNamespace();
        sandbox.Store.Create(ResourceTypes.Deployments, Manifests.Deployment(ns, "gw", "sandbox/ready:1"));
        await sandbox.Ready(ns, "gw", 1);

        Image(ns, "sandbox/ready:none");
        await NodeSandbox.Until(() => sandbox.Pods(ns).Count == 2 ? "" : null, "a new pod beside the old");
        await Task.Delay(1000, TestContext.Current.CancellationToken);
        Assert.Equal(1, sandbox.Store.Peek(ResourceTypes.Deployments, ns, "gw").Int("status", "readyReplicas"));

        Image(ns, "sandbox/ready:1");
        await sandbox.Ready(ns, "gw", 1);
        Assert.Equal(
            "3",
            sandbox.Store.Peek(ResourceTypes.Deployments, ns, "gw").Text("metadata", "annotations", "deployment.kubernetes.io/revision")
        );
    }

    [Fact]
    public async Task Autoscaler_RaisesToItsMinimum_AndSaysItIsActive()
    {
        var ns = sandbox.NewNamespace();
        sandbox.Store.Create(ResourceTypes.Deployments, Manifests.Deployment(ns, "gw", "sandbox/ready:1"));
        sandbox.Store.Create(
            ResourceTypes.HorizontalPodAutoscalers,
            (JsonObject)
                JsonNode.Parse(
                    $$$"""
                    {"metadata":{ "name":"gw","namespace":"{{{ns}}}"} ,"spec":{ "minReplicas":3,"maxReplicas":5,"scaleTargetRef":{ "apiVersion":"apps/v1","kind":"Deployment","name":"gw"} } } 
                    """
                )!
        );

        await sandbox.Ready(ns, "gw", 3);
        var hpa = sandbox.Store.Peek(ResourceTypes.HorizontalPodAutoscalers, ns, "gw");
        Assert.Contains(hpa.Items("status", "conditions"), c => c.Text("type") == "ScalingActive" && c.Text("status") == "True");
        Assert.Equal(3, sandbox.Pods(ns).Select(pod => pod.Text("spec", "nodeName")).Distinct().Count());
    }

    [Fact]
    public async Task StatefulSet_StartsInOrder_WithBoundClaims()
    {
        var ns = sandbox.NewNamespace();
        var set = Manifests.Deployment(ns, "db", "redis:7.2-alpine", replicas: 2);
        set.Ensure("spec")["serviceName"] = "db";
        set.Ensure("spec")["volumeClaimTemplates"] = JsonNode.Parse(
            """[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]"""
        );
        ((JsonObject)set["spec"]!["template"]!["spec"]!["containers"]![0]!).Remove("readinessProbe");
        sandbox.Store.Create(ResourceTypes.StatefulSets, set);

        await sandbox.Until(ResourceTypes.StatefulSets, ns, "db", s => s.Int("status", "readyReplicas") == 2, "2 ready");
        Assert.Equal(["db-0", "db-1"], sandbox.Pods(ns).Select(pod => pod.Name()));
        Assert.Equal("Bound", sandbox.Store.Peek(ResourceTypes.PersistentVolumeClaims, ns, "data-db-1").Text("status", "phase"));
    }

    [Fact]
    public async Task Job_ThatSucceeds_IsComplete()
    {
        var ns = sandbox.NewNamespace();
        sandbox.Store.Create(
            ResourceTypes.Jobs,
            (JsonObject)
                JsonNode.Parse(
                    $$$"""
                    {"metadata":{ "name":"j","namespace":"{{{ns}}}"} ,"spec":{ "template":{ "spec":{ "restartPolicy":"Never","containers":[{ "name":"c","image":"busybox:1.36"} ]} } } } 
                    """
                )!
        );

        await sandbox.Until(
            ResourceTypes.Jobs,
            ns,
            "j",
            j => j.Items("status", "conditions").Any(c => c.Text("type") == "Complete"),
            "complete"
        );
        Assert.Equal("Succeeded", sandbox.Pods(ns).Single().Text("status", "phase"));
    }

    private void Image(string ns, string image) =>
        sandbox.Store.Mutate(
            ResourceTypes.Deployments,
            ns,
            "gw",
            d =>
            {
                d["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = image;
                return true;
            }
        );
}
