using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Kubelet;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;
using Xunit;

namespace Portkey.Portal.Sandbox.Tests.Node;

public sealed class PodTroubleTests(NodeSandbox sandbox) : IClassFixture<NodeSandbox>
{
    [Fact]
    public async Task Pod_WithMissingSecretKey_WaitsWithConfigErrorAndRecovers()
    {
        var ns = sandbox.NewNamespace();
        const string env = """[{"name":"KEY","valueFrom":{"secretKeyRef":{"name":"s1","key":"api-key"}}}]""";
        sandbox.Store.Create(ResourceTypes.Deployments, Manifests.Deployment(ns, "gw", "portkeyai/gateway:latest", env: env));

        await Waiting(ns, "CreateContainerConfigError", "secret \"s1\" not found");
        sandbox.Store.Create(ResourceTypes.Secrets, Secret(ns, "other"));
        await Waiting(ns, "CreateContainerConfigError", $"couldn't find key api-key in Secret {ns}/s1");
        sandbox.Store.Mutate(
            ResourceTypes.Secrets,
            ns,
            "s1",
            secret =>
            {
                secret.Ensure("data")["api-key"] = "djE=";
                return true;
            }
        );

        await sandbox.Ready(ns, "gw", 1);
        Assert.Contains(sandbox.Events(ns), text => text == "Failed: Error: secret \"s1\" not found");
    }

    [Fact]
    public async Task Pod_WithUnknownTag_BacksOffPulling()
    {
        var ns = sandbox.NewNamespace();
        sandbox.Store.Create(ResourceTypes.Deployments, Manifests.Deployment(ns, "gw", "portkeyai/gateway:no-such-tag"));

        await Waiting(ns, "ImagePullBackOff", "docker.io/portkeyai/gateway:no-such-tag: not found");
        Assert.Contains(sandbox.Events(ns), text => text == "BackOff: Back-off pulling image \"portkeyai/gateway:no-such-tag\"");
    }

    [Fact]
    public async Task Pod_ThatCrashes_LoopsWithBackOffAndKeepsItsPreviousLog()
    {
        var ns = sandbox.NewNamespace();
        sandbox.Store.Create(ResourceTypes.Deployments, Manifests.Deployment(ns, "bad", "sandbox/crash:1"));

        var pod = await Waiting(ns, "CrashLoopBackOff", "restarting failed container=gateway");

        var status = pod.Items("status", "containerStatuses").Single();
        Assert.Equal(1, status.Int("restartCount"));
        Assert.Equal(1, status.Int("lastState", "terminated", "exitCode"));
        var previous = await sandbox
            .Logs.ReadAsync(ns, pod.Name(), new PodLogOptions(Previous: true), TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.Contains("fatal: crashing as asked", previous);
    }

    [Fact]
    public async Task Pod_ThatNeverGetsReady_StaysOutOfTheService()
    {
        var ns = sandbox.NewNamespace();
        sandbox.Store.Create(ResourceTypes.Deployments, Manifests.Deployment(ns, "slow", "sandbox/never-ready:1"));
        sandbox.Store.Create(ResourceTypes.Services, Manifests.Service(ns, "slow"));

        await NodeSandbox.Until(
            () => sandbox.Pods(ns).Find(pod => pod.Items("status", "containerStatuses").Any(c => c.Dig("state", "running") is not null)),
            "running pod"
        );
        var answer = await sandbox.Api.GetAsync(
            $"/api/v1/namespaces/{ns}/services/http:slow:http/proxy/",
            TestContext.Current.CancellationToken
        );

        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains(
            "no endpoints available for service",
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        Assert.False(PodReady(ns));
    }

    [Fact]
    public async Task Pod_OverQuota_IsRefusedWithAnEventOnItsReplicaSet()
    {
        var ns = sandbox.NewNamespace();
        sandbox.Store.Create(
            ResourceTypes.ResourceQuotas,
            (JsonObject)JsonNode.Parse($$$"""{"metadata":{ "name":"q","namespace":"{{{ns}}}"} ,"spec":{ "hard":{ "pods":"1"} } } """)!
        );
        sandbox.Store.Create(ResourceTypes.Deployments, Manifests.Deployment(ns, "gw", "sandbox/ready:1", replicas: 2));

        await NodeSandbox.Until(
            () =>
                sandbox
                    .Events(ns)
                    .FirstOrDefault(text =>
                        text.Contains("exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1", StringComparison.Ordinal)
                    ),
            "quota event"
        );
        Assert.Single(sandbox.Pods(ns));
    }

    [Fact]
    public async Task Pod_AgainstRestrictedSecurity_IsRefused()
    {
        var ns = sandbox.NewNamespace(new JsonObject { ["pod-security.kubernetes.io/enforce"] = "restricted" });
        sandbox.Store.Create(ResourceTypes.Deployments, Manifests.Deployment(ns, "gw", "sandbox/ready:1"));

        var text = await NodeSandbox.Until(
            () => sandbox.Events(ns).FirstOrDefault(text => text.StartsWith("FailedCreate", StringComparison.Ordinal)),
            "security event"
        );
        Assert.Contains("violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false", text, StringComparison.Ordinal);
        Assert.Empty(sandbox.Pods(ns));
    }

    private bool PodReady(string ns) =>
        sandbox.Pods(ns).Exists(pod => pod.Items("status", "conditions").Any(c => c.Text("type") == "Ready" && c.Text("status") == "True"));

    private Task<JsonObject> Waiting(string ns, string reason, string message) =>
        NodeSandbox.Until(
            () =>
                sandbox
                    .Pods(ns)
                    .Find(pod =>
                        pod.Items("status", "containerStatuses")
                            .Any(c =>
                                c.Text("state", "waiting", "reason") == reason
                                && c.Text("state", "waiting", "message")!.Contains(message, StringComparison.Ordinal)
                            )
                    ),
            $"{reason}: {message}; last {string.Join(' ', sandbox.Pods(ns).Select(pod => pod["status"]?.ToJsonString()))}"
        );

    private static JsonObject Secret(string ns, string key) =>
        (JsonObject)JsonNode.Parse($$$"""{"metadata":{ "name":"s1","namespace":"{{{ns}}}"} ,"data":{ "{{{key}}}":"djE="} } """)!;
}
