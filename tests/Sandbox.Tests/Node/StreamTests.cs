using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Kubelet;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Sandbox.Tests.Node;

/// <summary>Streams through the real gateway, while its pods come and go.</summary>
public sealed class StreamTests(NodeSandbox sandbox) : IClassFixture<NodeSandbox>
{
    private const string Wait = """{ "sleep": { "seconds": 8 } }""";

    // Seen: 500 (TypeError: immutable) with the library that the gateway's own package resolves to.
    [Fact]
    public async Task RealGateway_AskedForAStream_AnswersPieceByPiece()
    {
        await using var provider = await StreamingProvider.StartAsync();
        var (_, address) = await DeployAsync(replicas: 1, preStop: null);

        using var streams = await OpenStreams.StartAsync(address, provider, 3);
        var tally = await streams.StopAsync();

        Assert.Empty(tally.Cuts);
        Assert.Equal(3, tally.Finished);
        Assert.InRange(tally.LongestGap, provider.Pause * 0.5, provider.Pause * provider.Pieces * 0.75);
    }

    [Fact]
    public async Task RollingUpdate_WithAWaitBeforeTheEnd_CutsNoStream()
    {
        var tally = await RollAsync(Wait);

        Assert.True(tally.Cuts.Count == 0, tally.ToString());
        Assert.InRange(tally.Finished, 20, int.MaxValue);
    }

    [Fact]
    public async Task RollingUpdate_WithoutAWaitBeforeTheEnd_CutsStreams()
    {
        var tally = await RollAsync(preStop: null);

        Assert.NotEmpty(tally.Cuts);
        Assert.NotEqual(0, tally.Finished);
    }

    [Theory]
    [InlineData("""{ "sleep": { "seconds": 2 } }""")]
    [InlineData("""{ "exec": { "command": ["sleep", "2"] } }""")]
    [InlineData("""{ "exec": { "command": ["/bin/sh", "-c", "sleep 2"] } }""")]
    public async Task Delete_WithAWait_WaitsSoLongBeforeTheProcessIsTold(string preStop)
    {
        var (ns, _) = await DeployAsync(replicas: 1, preStop, image: "sandbox/ready:1");
        var pod = sandbox.Pods(ns).Single();
        var since = DateTime.UtcNow;

        sandbox.Store.Delete(ResourceTypes.Pods, ns, pod.Name());

        await NodeSandbox.Until(() => sandbox.Store.Peek(ResourceTypes.Pods, ns, pod.Name()) is null ? "" : null, "the pod is gone");
        Assert.InRange(DateTime.UtcNow - since, TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(10));
        Assert.DoesNotContain(sandbox.Events(ns), text => text.StartsWith("FailedPreStopHook: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Delete_WithAHook_TakesThePodOutOfEndpointsAtOnce_AndEndsItWithinItsGrace()
    {
        var (ns, _) = await DeployAsync(replicas: 1, """{ "sleep": { "seconds": 60 } }""", grace: 3, "sandbox/ready:1");
        var pod = sandbox.Pods(ns).Single();
        var since = DateTime.UtcNow;

        sandbox.Store.Delete(ResourceTypes.Pods, ns, pod.Name());

        var marked = sandbox.Store.Peek(ResourceTypes.Pods, ns, pod.Name());
        Assert.Equal(3, marked.Int("metadata", "deletionGracePeriodSeconds"));
        await NodeSandbox.Until(() => Addresses(ns).Contains(pod.Text("status", "podIP")) ? null : "", "the endpoint is gone", 2);
        Assert.NotNull(
            sandbox.Store.Peek(ResourceTypes.Pods, ns, pod.Name()).Items("status", "containerStatuses").Single().Dig("state", "running")
        );
        await NodeSandbox.Until(() => sandbox.Store.Peek(ResourceTypes.Pods, ns, pod.Name()) is null ? "" : null, "the pod is gone", 15);
        Assert.InRange(DateTime.UtcNow - since, TimeSpan.FromSeconds(2.9), TimeSpan.FromSeconds(12));
        Assert.Contains(sandbox.Events(ns), text => text.StartsWith("FailedPreStopHook: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Delete_WithACommandThatIsNotPlayed_SaysSoAndGoesOn()
    {
        var (ns, _) = await DeployAsync(
            replicas: 1,
            """{ "exec": { "command": ["rm", "-rf", "/tmp/x"] } }""",
            grace: 30,
            "sandbox/ready:1"
        );
        var pod = sandbox.Pods(ns).Single();

        sandbox.Store.Delete(ResourceTypes.Pods, ns, pod.Name());

        await NodeSandbox.Until(() => sandbox.Store.Peek(ResourceTypes.Pods, ns, pod.Name()) is null ? "" : null, "the pod is gone", 10);
        Assert.Contains(
            sandbox.Events(ns),
            text => text.Contains("the sandbox plays `sleep SECONDS` only, not rm -rf /tmp/x", StringComparison.Ordinal)
        );
    }

    private async Task<StreamTally> RollAsync(string? preStop)
    {
        await using var provider = await StreamingProvider.StartAsync();
        provider.Pieces = 20;
        var (ns, address) = await DeployAsync(replicas: 2, preStop);
        using var streams = await OpenStreams.StartAsync(address, provider, 20);

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
        await sandbox.Ready(ns, "gw", 2, 60);
        await NodeSandbox.Until(() => sandbox.Pods(ns).Count == 2 ? "" : null, "old pods gone", 60);
        return await streams.StopAsync();
    }

    private async Task<(string Namespace, Uri Address)> DeployAsync(
        int replicas,
        string? preStop,
        int grace = 15,
        string image = "portkeyai/gateway:1.15.2"
    )
    {
        var ns = sandbox.NewNamespace();
        var deployment = Manifests.Deployment(ns, "gw", image, replicas);
        deployment.Ensure("spec", "template", "spec")["terminationGracePeriodSeconds"] = grace;
        deployment.Ensure("spec")["strategy"] = JsonNode.Parse(
            """{ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": 1, "maxUnavailable": 0 } }"""
        );
        if (preStop is not null)
        {
            deployment.Items("spec", "template", "spec", "containers").Single()["lifecycle"] = new JsonObject
            {
                ["preStop"] = JsonNode.Parse(preStop),
            };
        }

        sandbox.Store.Create(ResourceTypes.Deployments, deployment);
        sandbox.Store.Create(ResourceTypes.Services, Manifests.Service(ns, "gw"));
        await sandbox.Ready(ns, "gw", replicas, 60);
        return (ns, new Uri($"http://{sandbox.Store.Peek(ResourceTypes.Services, ns, "gw").Text("spec", "clusterIP")}:8787"));
    }

    private List<string?> Addresses(string ns) =>
        [
            .. sandbox
                .Store.Peek(ResourceTypes.Endpoints, ns, "gw")
                .Items("subsets")
                .SelectMany(s => s.Items("addresses"))
                .Select(a => a.Text("ip")),
        ];
}
